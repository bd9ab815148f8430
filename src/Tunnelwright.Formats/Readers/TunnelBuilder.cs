using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Turns the raw values of one tunnel into a <see cref="Tunnel"/>, reporting everything that is wrong with them.</summary>
internal sealed class TunnelBuilder(TunnelDraft draft, Routing routing, FormatTraits traits, ProblemList problems)
{
    private const string EncryptionNames = "aes-128-cbc, aes-256-cbc, aes-128-gcm-16 or aes-256-gcm-16";
    private const string IntegrityNames = "sha1, sha2-256, sha2-384 or sha2-512";
    private readonly ValueReader _values = new(draft, traits, problems);
    private bool _complete = true;

    /// <summary>The tunnel; null when a value is missing or unreadable that nothing can stand in for.</summary>
    public Tunnel? Build()
    {
        if (draft.IsEmpty)
        {
            problems.Error(Causes.ConfigSyntax, draft.Number, $"Tunnel {draft.Number} has a heading and no values below it; download the file again, whole.", null, draft[TunnelField.Heading].Line);
            return null;
        }

        var version = _values.Version();
        var ike = Phase1();
        var esp = Phase2();
        CheckEncapsulation();
        var cloudOutside = Essential(TunnelField.CloudOutside, _values.Address(TunnelField.CloudOutside));
        var customerOutside = CustomerOutside();
        var customerInside = Essential(TunnelField.CustomerInside, _values.Inside(TunnelField.CustomerInside));
        var cloudInside = Essential(TunnelField.CloudInside, _values.Inside(TunnelField.CloudInside));
        var authentication = _values.Authentication();
        var key = _values.Key(authentication);
        var ikeLifetime = _values.Lifetime(TunnelField.IkeLifetime, 28800, IsExpected(TunnelField.IkeLifetime));
        var espLifetime = _values.Lifetime(TunnelField.IpsecLifetime, 3600, IsExpected(TunnelField.IpsecLifetime));
        var mode = _values.Mode();
        var detection = DeadPeerDetection();
        var mss = _values.Number(TunnelField.Mss, 64, 65495, "a number of bytes from 64 to 65495");
        var mtu = _values.Number(TunnelField.Mtu, 68, 65535, "a number of bytes from 68 to 65535");
        var clear = _values.Switch(TunnelField.ClearDontFragment, true);
        var before = _values.Fragmentation();
        var (bgp, nextHop) = Routes(cloudInside);
        if (!_complete || ike is null || esp is null || cloudOutside is not { } cloud || customerInside is not { } near || cloudInside is not { } far) return null;
        if (routing == Routing.Bgp && bgp is null) return null;
        return new Tunnel
        {
            Number = draft.Number,
            CustomerOutside = customerOutside,
            CloudOutside = cloud,
            CustomerInside = near,
            CloudInside = far,
            Ike = new IkeSettings(version, authentication, key, ike, ikeLifetime, mode),
            Ipsec = new IpsecSettings(esp, espLifetime),
            DeadPeerDetection = detection,
            MssBytes = mss,
            MtuBytes = mtu,
            ClearDontFragment = clear,
            FragmentBeforeEncryption = before,
            Bgp = bgp,
            StaticNextHop = nextHop,
        };
    }

    private bool IsExpected(TunnelField field) => Array.IndexOf(traits.Expected, field) >= 0;

    private IkeProposal? Phase1()
    {
        var encryption = Essential(TunnelField.IkeEncryption, _values.Encryption(TunnelField.IkeEncryption, EncryptionNames));
        var group = Essential(TunnelField.IkeGroup, _values.Group(TunnelField.IkeGroup));
        var integrity = _values.Integrity(TunnelField.IkeIntegrity, IntegrityNames);
        var function = _values.Integrity(TunnelField.IkePseudoRandomFunction, IntegrityNames);
        if (encryption is not { } cipher) return null;
        if (cipher.IsAead()) return group is { } aeadGroup ? new IkeProposal(cipher, null, aeadGroup, function ?? integrity) : null;
        integrity = Essential(TunnelField.IkeIntegrity, integrity);
        return group is { } dhGroup && integrity is { } hash ? new IkeProposal(cipher, hash, dhGroup, function) : null;
    }

    private EspProposal? Phase2()
    {
        var encryption = Essential(TunnelField.IpsecEncryption, _values.Encryption(TunnelField.IpsecEncryption, EncryptionNames));
        var group = _values.PfsGroup();
        var integrity = _values.Integrity(TunnelField.IpsecIntegrity, IntegrityNames);
        if (encryption is not { } cipher) return null;
        if (cipher.IsAead()) return new EspProposal(cipher, null, group);
        integrity = Essential(TunnelField.IpsecIntegrity, integrity);
        return integrity is { } hash ? new EspProposal(cipher, hash, group) : null;
    }

    private void CheckEncapsulation()
    {
        var protocol = draft[TunnelField.IpsecProtocol];
        if (protocol.HasText && !_values.Says(TunnelField.IpsecProtocol, "esp"))
        {
            var cause = _values.Says(TunnelField.IpsecProtocol, "ah") ? Causes.EncapsulationModeMismatch : Causes.ConfigSyntax;
            problems.Error(cause, draft.Number, $"Tunnel {draft.Number} asks for the IPsec protocol {TextScan.Shown(protocol.Text.Span)} on line {protocol.Line}; only esp is offered.", "ipsec.protocol", protocol.Line);
        }

        var mode = draft[TunnelField.IpsecMode];
        if (mode.HasText && !_values.Says(TunnelField.IpsecMode, "tunnel"))
        {
            var cause = _values.Says(TunnelField.IpsecMode, "transport") ? Causes.EncapsulationModeMismatch : Causes.ConfigSyntax;
            problems.Error(cause, draft.Number, $"Tunnel {draft.Number} asks for the IPsec mode {TextScan.Shown(mode.Text.Span)} on line {mode.Line}; only tunnel is offered.", "ipsec.mode", mode.Line);
        }
    }

    private Ipv4Address? CustomerOutside()
    {
        var value = draft[TunnelField.CustomerOutside];
        if (value.HasText && !TextScan.IsPlaceholder(value.Text.Span)) return _values.Address(TunnelField.CustomerOutside);
        if (value.IsPresent || IsExpected(TunnelField.CustomerOutside))
        {
            problems.Warning(
                Causes.ConfigSyntax,
                draft.Number,
                $"Tunnel {draft.Number} does not name the customer gateway's public address{Where(value)}; put it in where {(value.HasText ? "the placeholder stands" : "it is missing")}, or let the gateway use its own.",
                TunnelField.CustomerOutside.Path(),
                value.Line);
        }

        return null;
    }

    private DeadPeerDetection DeadPeerDetection()
    {
        var interval = _values.Number(TunnelField.DpdInterval, 1, 86400, "a number of seconds from 1 to 86400");
        var retries = _values.Number(TunnelField.DpdRetries, 1, 1000, "a number from 1 to 1000");
        var timeout = _values.Number(TunnelField.DpdTimeout, 1, 86400, "a number of seconds from 1 to 86400");
        var standard = Model.DeadPeerDetection.Default;
        if (interval is null && IsExpected(TunnelField.DpdInterval)) MissingDefault(TunnelField.DpdInterval, $"{standard.IntervalSeconds} s is used");
        if (retries is null && timeout is null && IsExpected(TunnelField.DpdRetries)) MissingDefault(TunnelField.DpdRetries, $"{standard.Retries} is used");
        var seconds = interval ?? standard.IntervalSeconds;
        return new DeadPeerDetection(seconds, retries ?? (timeout is { } total ? Math.Max(1, (total + seconds - 1) / seconds) : standard.Retries));
    }

    private (BgpSettings? Bgp, Ipv4Address? NextHop) Routes(InterfaceAddress? cloudInside)
    {
        if (routing == Routing.Static)
        {
            var nextHop = _values.Address(TunnelField.NextHop);
            if (!draft[TunnelField.NextHop].HasText && draft.UsesBgp == false && IsExpected(TunnelField.NextHop)) MissingDefault(TunnelField.NextHop, "the cloud gateway's inside address is used");
            return (null, nextHop ?? cloudInside?.Address);
        }

        var cloudAsn = Essential(TunnelField.CloudAsn, _values.Asn(TunnelField.CloudAsn));
        var customer = draft[TunnelField.CustomerAsn];
        Asn? customerAsn = null;
        if (customer.HasText && !TextScan.IsPlaceholder(customer.Text.Span))
        {
            customerAsn = _values.Asn(TunnelField.CustomerAsn);
        }
        else if (customer.IsPresent || IsExpected(TunnelField.CustomerAsn))
        {
            problems.Warning(Causes.ConfigSyntax, draft.Number, $"Tunnel {draft.Number} does not name the customer's AS number{Where(customer)}; put in the number that the customer gateway was registered with.", TunnelField.CustomerAsn.Path(), customer.Line);
        }

        var neighbor = _values.Address(TunnelField.Neighbor);
        if (!draft[TunnelField.Neighbor].HasText && IsExpected(TunnelField.Neighbor)) MissingDefault(TunnelField.Neighbor, "the cloud gateway's inside address is used");
        var hold = _values.Number(TunnelField.HoldTime, 0, 65535, "a number of seconds from 0 to 65535");
        if (hold is null && IsExpected(TunnelField.HoldTime)) MissingDefault(TunnelField.HoldTime, "30 s is used");
        neighbor ??= cloudInside?.Address;
        if (cloudAsn is not { } asn || neighbor is not { } address) return (null, null);
        return (new BgpSettings(customerAsn, asn, address, hold ?? 30), null);
    }

    private void MissingDefault(TunnelField field, string standIn)
    {
        if (draft[field].HasText) return;
        problems.Warning(Causes.ConfigSyntax, draft.Number, $"Tunnel {draft.Number} has no {field.Name()} ({traits.Place(field)}); {standIn}.", field.Path(), draft[field].Line);
    }

    private T? Essential<T>(TunnelField field, T? value)
        where T : struct
    {
        if (value is not null) return value;
        _complete = false;
        var raw = draft[field];
        if (!raw.HasText || TextScan.IsPlaceholder(raw.Text.Span))
        {
            problems.Error(
                Causes.ConfigSyntax,
                draft.Number,
                $"Tunnel {draft.Number} has no {field.Name()} ({traits.Place(field)}); without it the tunnel cannot be read, so download the file again or add the line.",
                field.Path(),
                raw.Line);
        }

        return null;
    }

    private static string Where(RawValue value) => value.IsPresent ? $" on line {value.Line}" : "";
}
