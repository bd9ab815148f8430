using Tunnelwright.Linux.Native;

namespace Tunnelwright.Linux;

/// <summary>Whether we may change the host's network.</summary>
public static class RootCheck
{
    /// <summary>Whether the effective user is root (geteuid(2) is 0).</summary>
    public static bool IsRoot => LibC.GetEffectiveUserId() == 0;

    /// <summary>Throws unless we are root.</summary>
    /// <param name="purpose">What needs root, for the message: "to change routes".</param>
    /// <exception cref="UnauthorizedAccessException">We are not root.</exception>
    public static void Demand(string purpose)
    {
        if (!IsRoot)
            throw new UnauthorizedAccessException($"Root is needed {purpose}.");
    }
}
