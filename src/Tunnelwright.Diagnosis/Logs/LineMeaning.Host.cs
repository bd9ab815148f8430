namespace Tunnelwright.Diagnosis;

/// <summary>Whether words about a host are about its IPsec.</summary>
internal readonly ref partial struct LineMeaning
{
    /// <summary>So many bytes before a phrase stand a unit and what systemd puts between.</summary>
    private const int UnitName = 36;

    /// <summary>So many bytes behind a phrase a program's or a file's name begins.</summary>
    private const int NameBehind = 60;

    /// <summary>So many bytes before the line that tells a unit's state stands where the unit was loaded from.</summary>
    private const int UnitHeading = 250;

    /// <summary>In so many bytes before what a command says stands the command.</summary>
    private const int Command = 300;

    /// <summary>Whether the rest of the line, or what stands just above it, bears out what only means something beside it.</summary>
    private bool IsBorneOut(Hit hit) => hit.Phrase.Detail switch
    {
        Detail.Failed => _line.Has("fail"u8),
        Detail.Filtered when hit.Phrase.Kind == FactKind.SuspectedFilter && !_line.Has("PROTO=UDP"u8) => false,
        Detail.Filtered => _line.HasAny("BLOCK"u8, "DROP"u8, "REJECT"u8) || _line.Has("DENY"u8),
        Detail.OfStatus => _line.Has(" ago, "u8) && _line.Has("..."u8),
        Detail.OfDaemon => NamesDaemon(Around(hit)),
        Detail.OfUnitAbove => NamesDaemon(Heading()),
        Detail.NearXfrm when hit.Phrase.Kind == FactKind.StrictReversePath => _line.HasAny("dev vti"u8, "dev ipsec"u8, "dev xfrm"u8),
        Detail.NearXfrm when hit.Phrase.Kind == FactKind.PolicyNotInstalled && _line.Has("route add"u8) => false,
        Detail.NearXfrm => IsOfTunnels(_line) || IsOfTunnels(Before(Command)),
        _ => true,
    };

    /// <summary>The words around a phrase; only the unit where one stands before it.</summary>
    private ReadOnlySpan<byte> Around(Hit hit)
    {
        var unit = _line[..hit.At].TrimEnd(": "u8);
        unit = unit[(unit.LastIndexOf((byte)' ') + 1)..];
        if (unit.Has(".service"u8)) return unit;
        var from = Math.Max(0, hit.At - UnitName);
        return _line[from..Math.Min(_line.Length, hit.At + hit.Length + NameBehind)];
    }

    /// <summary>Where the unit was loaded from whose state the line tells.</summary>
    private ReadOnlySpan<byte> Heading()
    {
        var above = Before(UnitHeading);
        var loaded = above.LastIndexOf("Loaded: "u8);
        return loaded < 0 ? above : above[loaded..];
    }

    private static bool NamesDaemon(ReadOnlySpan<byte> text) =>
        text.HasAny("swan"u8, "ipsec"u8, "charon"u8) || text.HasAny("pluto"u8, "racoon"u8, "isakmpd"u8) || text.HasAny("iked."u8, "iked:"u8, "iked["u8);

    private static bool IsOfTunnels(ReadOnlySpan<byte> text) => text.HasAny("xfrm"u8, "vti"u8, "ipsec"u8) || text.HasAny("swan"u8, "charon"u8, "pluto"u8) || text.HasAny("racoon"u8, "isakmp"u8, " ike"u8);
}
