using System.Collections.Frozen;
using System.Text;

namespace Tunnelwright.Vici.Protocol;

/// <summary>Turns the bytes of a name into a string; the names that every status message repeats are not made anew.</summary>
internal static class ViciNames
{
    private static readonly FrozenSet<string> Known = FrozenSet.Create(
        StringComparer.Ordinal,
        "uniqueid", "version", "state", "local-host", "local-port", "local-id", "remote-host", "remote-port", "remote-id", "initiator",
        "initiator-spi", "responder-spi", "nat-local", "nat-remote", "nat-fake", "nat-any", "if-id-in", "if-id-out", "encr-alg",
        "encr-keysize", "integ-alg", "integ-keysize", "prf-alg", "dh-group", "established", "rekey-time", "reauth-time", "local-vips",
        "remote-vips", "tasks-queued", "tasks-active", "tasks-passive", "child-sas", "name", "reqid", "mode", "protocol", "encap",
        "spi-in", "spi-out", "mark-in", "mark-mask-in", "mark-out", "mark-mask-out", "esn", "bytes-in", "packets-in", "use-in",
        "bytes-out", "packets-out", "use-out", "life-time", "install-time",
        "local-ts", "remote-ts", "success", "errmsg", "up", "old", "new",
        "local_addrs", "remote_addrs", "reauth_time", "rekey_time", "unique", "dpd_delay", "dpd_timeout", "children", "local-1", "remote-1",
        "class", "id", "groups", "cert_policy", "certs", "cacerts", "rekey_bytes", "rekey_packets", "dpd_action", "close_action",
        "group", "level", "thread", "ikesa-name", "ikesa-uniqueid", "msg",
        "list-sa", "list-conn", "list-cert", "list-policy", "list-authority", "log", "control-log",
        "ike-updown", "ike-rekey", "ike-update", "child-updown", "child-rekey");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Lookup = Known.GetAlternateLookup<ReadOnlySpan<char>>();

    public static string Get(ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[byte.MaxValue];
        if (name.Length <= text.Length && Ascii.ToUtf16(name, text, out var length) == System.Buffers.OperationStatus.Done)
            return Lookup.TryGetValue(text[..length], out var known) ? known : new string(text[..length]);
        return Encoding.UTF8.GetString(name);
    }
}
