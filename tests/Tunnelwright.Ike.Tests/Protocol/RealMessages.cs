namespace Tunnelwright.Ike.Tests.Protocol;

/// <summary>Answers as they came from strongSwan 5.9.8's charon in a network namespace.</summary>
internal static class RealMessages
{
    internal static byte[][] All => [];
}
