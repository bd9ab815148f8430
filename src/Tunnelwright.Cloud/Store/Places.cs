namespace Tunnelwright.Cloud;

/// <summary>Names of the places where encrypted texts are kept (see <see cref="KeyRing"/>).</summary>
internal static class Places
{
    public static string Key(string connection, int tunnel) => $"tunnel/{connection}/{tunnel}/key";

    public static string Webhook(string customer) => $"customer/{customer}/webhook";
}
