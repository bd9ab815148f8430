using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Reads the provider's generic text: tunnels, each with sections #1 to #4 of "label : value" lines between sentences.</summary>
internal sealed partial class GenericTextReader
{
    private static readonly TunnelField[] Telling =
    [
        TunnelField.PreSharedKey, TunnelField.IkeEncryption, TunnelField.IkeIntegrity, TunnelField.IkeGroup, TunnelField.IkeMode, TunnelField.IpsecEncryption, TunnelField.IpsecIntegrity,
        TunnelField.PfsGroup, TunnelField.CloudOutside, TunnelField.CustomerOutside, TunnelField.CloudInside, TunnelField.CustomerInside, TunnelField.CloudAsn, TunnelField.CustomerAsn,
    ];

    private readonly string _text;
    private readonly ConnectionDraft _draft = new();
    private readonly ProblemList _unheadedProblems = new();
    private TunnelDraft? _unheaded;
    private TunnelDraft? _tunnel;
    private bool _skipping;
    private Section _section;
    private Side _side;
    private GenericLabel _waiting;
    private int _waitingLine;

    private GenericTextReader(string text) => _text = text;

    private enum Section
    {
        None,
        Ike,
        Ipsec,
        Interface,
        Routing,
    }

    private enum Side
    {
        None,
        Outside,
        Inside,
        Ignored,
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>What was read; null when the text is not of this format.</returns>
    public static ReadResult? Read(string text)
    {
        var reader = new GenericTextReader(text);
        reader.Walk();
        reader.AdoptUnheaded();
        return reader.LooksRight() ? new ConnectionBuilder(reader._draft, FormatTraits.GenericText).Build() : null;
    }

    private void Walk()
    {
        var lines = new LineReader(_text);
        while (lines.Read())
        {
            var (start, length) = TextScan.ContentRange(lines.Line);
            if (length == 0) continue;
            if (!Line(lines.Line.Slice(start, length), lines.Start + start, lines.Number)) break;
        }
    }

    /// <summary>A file of this format has a tunnel with several of the format's own values, or names its connection and has any.</summary>
    private bool LooksRight()
    {
        var most = 0;
        foreach (var tunnel in _draft.Tunnels) most = Math.Max(most, CountTelling(tunnel));
        var identified = _draft[ConnectionField.Id].HasText && (_draft[ConnectionField.CustomerGatewayId].IsPresent || _draft[ConnectionField.CloudGatewayId].IsPresent);
        return most >= 3 || (identified && most > 0);
    }

    private bool Line(ReadOnlySpan<char> content, int start, int number)
    {
        if (GenericLine.IsTunnelHeading(content, out var tunnel))
        {
            _waiting = GenericLabel.None;
            BeginTunnel(tunnel, number);
            return true;
        }

        var colon = GenericLine.Separator(content);
        if (colon > 0)
        {
            var label = GenericLine.Label(content[..colon]);
            var (valueStart, valueLength) = GenericLine.Value(content, colon, isKey: label == GenericLabel.PreSharedKey);
            if (label != GenericLabel.None)
            {
                _waiting = GenericLabel.None;
                if (valueLength > 0) return Take(label, _text.AsMemory(start + valueStart, valueLength), number);
                if (!Heading(content)) return Empty(label, start, number);
                return true;
            }

            if (valueLength > 0)
            {
                _waiting = GenericLabel.None;
                return true;
            }
        }

        if (_waiting != GenericLabel.None && IsLoneValue(content))
        {
            var waiting = _waiting;
            _waiting = GenericLabel.None;
            return Take(waiting, _text.AsMemory(start, content.Length), number);
        }

        _waiting = GenericLabel.None;
        Heading(content);
        return true;
    }

    private bool Empty(GenericLabel label, int start, int number)
    {
        // A mail program may have moved the value to the next line; it is looked for there.
        _waiting = label;
        _waitingLine = number;
        return Take(label, _text.AsMemory(start, 0), number);
    }

    private bool IsLoneValue(ReadOnlySpan<char> content) =>
        content.Length <= 128 && content.IndexOfAny(' ', '\t', ':') < 0 && content.IndexOfAnyExcept('=', '-', '_') >= 0 && _waitingLine > 0 && content[0] is not '#';

    private void BeginTunnel(int number, int line)
    {
        _tunnel = _draft.Tunnel(number, line);
        _skipping = _tunnel is null;
        _section = Section.Ike;
        _side = Side.None;
    }

    /// <summary>Section headings and the headings of outside and inside addresses.</summary>
    private bool Heading(ReadOnlySpan<char> content)
    {
        if (content.Length > 80) return false;
        Span<char> buffer = stackalloc char[80];
        var length = TextScan.Squeeze(content, buffer);
        if (length <= 0) return false;
        ReadOnlySpan<char> letters = buffer[..length];
        if (char.IsAsciiDigit(letters[0]) && letters.Length > 1 && !char.IsAsciiDigit(letters[1])) letters = letters[1..];
        switch (letters[0])
        {
            case 'i' or 'c' or 'p' when StartsWithAny(letters, "internetkeyexchange", "ikeconfiguration", "configuretheikesa", "ikephase1", "phase1ike", "ikeparameters"):
                (_section, _side) = (Section.Ike, Side.None);
                return true;
            case 'i' or 'c' or 'p' when StartsWithAny(letters, "ipsecconfiguration", "configuretheipsecsa", "phase2ipsec", "ipsecphase2", "ipsecparameters"):
                (_section, _side) = (Section.Ipsec, Side.None);
                return true;
            case 'i' when StartsWithAny(letters, "insideipv6"):
            case 't' when StartsWithAny(letters, "tunnelinsideipv6"):
                (_section, _side) = (Section.Interface, Side.Ignored);
                return true;
            case 'i' when StartsWithAny(letters, "insideip", "insideaddress", "insideinterface"):
            case 't' when StartsWithAny(letters, "tunnelinsideip"):
                (_section, _side) = (Section.Interface, Side.Inside);
                return true;
            case 't' when StartsWithAny(letters, "tunnelinterface"):
                (_section, _side) = (Section.Interface, Side.None);
                return true;
            case 'o' when StartsWithAny(letters, "outsideip", "outsideaddress", "outsideinterface"):
                (_section, _side) = (Section.Interface, Side.Outside);
                return true;
            case 'b' when letters is "bordergatewayprotocolbgpconfiguration" or "bordergatewayprotocolconfiguration" or "bordergatewayprotocolbgp" or "bgpconfiguration" or "bgpconfigurationoptions":
                (_section, _side) = (Section.Routing, Side.None);
                MarkRouting(bgp: true);
                return true;
            case 's' when letters is "staticroutingconfiguration" or "staticrouteconfiguration" or "staticrouteconfigurationoptions" or "staticroutingconfigurationoptions" or "staticrouting":
                (_section, _side) = (Section.Routing, Side.None);
                MarkRouting(bgp: false);
                return true;
            case 'a' when letters is "additionalnotesandquestions":
                _skipping = true;
                return true;
            default:
                return false;
        }
    }

    private static bool StartsWithAny(ReadOnlySpan<char> text, params ReadOnlySpan<string> beginnings)
    {
        foreach (var beginning in beginnings)
        {
            if (text.StartsWith(beginning, StringComparison.Ordinal)) return true;
        }

        return false;
    }

    private void MarkRouting(bool bgp)
    {
        if (_tunnel is null) return;
        if (_tunnel.UsesBgp is { } known && known != bgp)
        {
            // The heading decides; a value below it that belongs to the other kind is left out.
            return;
        }

        _tunnel.UsesBgp = bgp;
    }

    /// <summary>Takes a value to where it belongs.</summary>
    /// <returns>Whether reading goes on: a second connection in the same file ends it.</returns>
    private bool Take(GenericLabel label, ReadOnlyMemory<char> value, int line)
    {
        switch (label)
        {
            case GenericLabel.ConnectionId:
                var known = _draft[ConnectionField.Id];
                if (known.HasText && value.Length > 0 && _draft.Tunnels.Count > 0 && !known.Text.Span.Equals(value.Span, StringComparison.OrdinalIgnoreCase))
                {
                    _draft.Problems.Warning(Causes.ConfigSyntax, null, $"A second VPN connection begins on line {line}; only the first is read, so put the second into a file of its own.", null, line);
                    return false;
                }

                _draft.Set(ConnectionField.Id, value, line);
                return true;
            case GenericLabel.CloudGatewayId:
                _draft.Set(ConnectionField.CloudGatewayId, value, line);
                return true;
            case GenericLabel.CustomerGatewayId:
                _draft.Set(ConnectionField.CustomerGatewayId, value, line);
                return true;
            case GenericLabel.CustomerRanges:
                Ranges(value, line, _draft.CustomerRanges);
                return true;
            case GenericLabel.CloudRanges:
                Ranges(value, line, _draft.CloudRanges);
                return true;
        }

        if (_skipping) return true;
        if (_section == Section.Routing && IsLoose(label)) return true;
        if (_tunnel is null)
        {
            if (value.Length == 0) return true;
            _tunnel = _unheaded = new TunnelDraft(1, _unheadedProblems);
            _tunnel.Set(TunnelField.Heading, "".AsMemory(), line);
            if (_section == Section.None) _section = Section.Ike;
        }

        if (Destination(label, value.Span) is { } field) _tunnel.Set(field, value, line);
        return true;
    }

    /// <summary>Words that notes behind the file may use for something else; the file itself has them before the routing section only.</summary>
    private static bool IsLoose(GenericLabel label) => label is GenericLabel.Version or GenericLabel.Mode or GenericLabel.Protocol or GenericLabel.Lifetime
        or GenericLabel.Encryption or GenericLabel.Integrity or GenericLabel.Authentication or GenericLabel.PseudoRandomFunction or GenericLabel.Fragmentation or GenericLabel.DiffieHellman;

    /// <summary>Values above the first tunnel heading are notes, unless they make up a tunnel whose heading is missing.</summary>
    private void AdoptUnheaded()
    {
        if (_unheaded is null || CountTelling(_unheaded) < 3) return;
        var line = _unheaded[TunnelField.Heading].Line;
        foreach (var known in _draft.Tunnels)
        {
            if (known.Number != 1) continue;
            _draft.Problems.Warning(Causes.ConfigSyntax, null, $"The values from line {line} on stand above the first tunnel heading and are not read; put a heading above them.", null, line);
            return;
        }

        _draft.Adopt(_unheaded, _unheadedProblems);
        _draft.Problems.Warning(Causes.ConfigSyntax, 1, $"The values from line {line} on stand under no tunnel heading; they are taken as those of tunnel 1.", null, line);
    }

    private static int CountTelling(TunnelDraft tunnel)
    {
        var values = 0;
        foreach (var field in Telling)
        {
            if (tunnel[field].HasText) values++;
        }

        return values;
    }
}
