namespace Tunnelwright.Formats;

/// <summary>Reads the provider's text for strongSwan, static or with Quagga for BGP, or the ipsec.conf, ipsec.secrets and ip commands that a person took from it (ipsec.conf(5), ipsec.secrets(5)).</summary>
internal sealed partial class StrongSwanTextReader
{
    private readonly string _text;
    private readonly ConnectionDraft _draft = new();
    private readonly List<ConnSection> _conns = [];
    private readonly List<InsidePair> _insides = [];
    private readonly List<IpsecSecret> _secrets = [];
    private readonly List<DeviceValue> _devices = [];
    private readonly List<NeighborValue> _neighbors = [];
    private RawValue _customerAsn;
    private ConnSection? _conn;
    private int _heading;

    private StrongSwanTextReader(string text) => _text = text;

    /// <summary>Whether a text has a <c>conn</c> section with a <c>right</c> end.</summary>
    public static bool Recognises(ReadOnlySpan<char> text)
    {
        if (!text.Contains("conn ", StringComparison.Ordinal) && !text.Contains("conn\t", StringComparison.Ordinal)) return false;
        var lines = new LineReader(text);
        var inside = false;
        while (lines.Read())
        {
            var line = Content(lines.Line);
            if (IsConn(line, out _)) inside = true;
            else if (inside && KeyOf(line) is var key && key.Equals("right", StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    public static ReadResult Read(string text)
    {
        var reader = new StrongSwanTextReader(text);
        reader.Walk();
        reader.Assign();
        return new ConnectionBuilder(reader._draft, FormatTraits.StrongSwanText).Build();
    }

    private static ReadOnlySpan<char> Content(ReadOnlySpan<char> line)
    {
        line = TextScan.Trim(line);
        while (line.Length > 0 && line[0] == '>') line = TextScan.Trim(line[1..]);
        return line;
    }

    private static bool IsConn(ReadOnlySpan<char> line, out ReadOnlySpan<char> name)
    {
        name = default;
        if (line.Length < 6 || !line.StartsWith("conn", StringComparison.Ordinal) || !TextScan.IsBlank(line[4])) return false;
        name = WithoutComment(TextScan.Trim(line[5..]));
        return name.Length is > 0 and <= 128 && name.IndexOfAny(' ', '\t') < 0;
    }

    private static ReadOnlySpan<char> KeyOf(ReadOnlySpan<char> line)
    {
        var equals = line.IndexOf('=');
        return equals is > 0 and <= 32 ? TextScan.Trim(line[..equals]) : default;
    }

    internal static ReadOnlySpan<char> WithoutComment(ReadOnlySpan<char> value)
    {
        for (var index = 1; index < value.Length; index++)
        {
            if (value[index] == '#' && TextScan.IsBlank(value[index - 1])) return TextScan.Trim(value[..index]);
        }

        return value;
    }

    private void Walk()
    {
        var lines = new LineReader(_text);
        while (lines.Read())
        {
            var content = Content(lines.Line);
            if (content.Length == 0 || content.Length > 2000) continue;
            Line(content, lines.Number);
        }
    }

    private void Line(ReadOnlySpan<char> content, int line)
    {
        if (IsConn(content, out var name))
        {
            _conn = _conns.Count < 32 ? new ConnSection(name.ToString(), line, _heading) : null;
            if (_conn is not null) _conns.Add(_conn);
            return;
        }

        if (content[0] == '#')
        {
            UpDown(content, line);
            return;
        }

        var key = KeyOf(content);
        if (key.Length > 0 && key.IndexOfAny(' ', '\t', ':') < 0)
        {
            if (_conn is null) return;
            if (key.Equals("leftupdown", StringComparison.OrdinalIgnoreCase)) UpDown(content, line);
            else _conn.Set(key, WithoutComment(TextScan.Trim(content[(content.IndexOf('=') + 1)..])), line);
            return;
        }

        if (content.StartsWith("config", StringComparison.OrdinalIgnoreCase) || content[0] == '-') _conn = null;
        if (IpsecSecret.TryRead(content, line) is { } secret)
        {
            if (_secrets.Count < 64) _secrets.Add(secret);
            return;
        }

        if (IsHeading(content, out var number))
        {
            _heading = number;
            _conn = null;
            return;
        }

        if (Label(content, line) || Bgp(content, line)) return;
        Command(content, line);
    }

    /// <summary>"IPSEC Tunnel #1".</summary>
    private static bool IsHeading(ReadOnlySpan<char> content, out int number)
    {
        number = 0;
        var hash = content.IndexOf('#');
        return content.Length <= 40 && hash > 0 && TextScan.Trim(content[..hash]).EndsWith("tunnel", StringComparison.OrdinalIgnoreCase)
            && TextScan.TryWholeNumber(TextScan.Trim(content[(hash + 1)..]), out number, out var rest) && TextScan.Trim(rest).Length == 0;
    }

    private bool Label(ReadOnlySpan<char> content, int line)
    {
        var colon = content.IndexOf(':');
        if (colon is < 5 or > 60) return false;
        Span<char> letters = stackalloc char[TextScan.LabelLength];
        var length = TextScan.Squeeze(content[..colon], letters);
        if (length <= 0) return false;
        ConnectionField? field = GenericLabels.Find(letters[..length]) switch
        {
            GenericLabel.ConnectionId => ConnectionField.Id,
            GenericLabel.CloudGatewayId => ConnectionField.CloudGatewayId,
            GenericLabel.CustomerGatewayId => ConnectionField.CustomerGatewayId,
            _ => null,
        };
        if (field is not { } known) return false;
        _draft.Set(known, TextScan.Trim(content[(colon + 1)..]).ToString(), line);
        return true;
    }

    /// <summary>The lines of bgpd.conf(5) that describe the sessions.</summary>
    private bool Bgp(ReadOnlySpan<char> content, int line)
    {
        var words = new WordReader(content);
        var first = words.Next();
        if (first.SequenceEqual("router") && words.Next().SequenceEqual("bgp"))
        {
            var asn = words.Rest();
            if (asn.Length > 0 && !_customerAsn.HasText) _customerAsn = new RawValue(asn.ToString().AsMemory(), line);
            return true;
        }

        if (!first.SequenceEqual("neighbor")) return false;
        var address = words.Next();
        var what = words.Next();
        if (address.Length == 0 || _neighbors.Count >= 64) return true;
        if (what.SequenceEqual("remote-as")) _neighbors.Add(new NeighborValue(address.ToString(), TunnelField.CloudAsn, words.Rest().ToString(), line));
        else if (what.SequenceEqual("timers"))
        {
            words.Next();
            _neighbors.Add(new NeighborValue(address.ToString(), TunnelField.HoldTime, words.Next().ToString(), line));
        }

        return true;
    }

    /// <summary>The inside addresses among the arguments of the updown script, also when the line is a comment.</summary>
    private void UpDown(ReadOnlySpan<char> content, int line)
    {
        if (!content.Contains("-ll", StringComparison.Ordinal) || !content.Contains("-lr", StringComparison.Ordinal)) return;
        string? device = null;
        string? local = null;
        string? remote = null;
        var words = new WordReader(content);
        while (words.Next() is { Length: > 0 } word)
        {
            if (word.SequenceEqual("-ln")) device = words.Next().ToString();
            else if (word.SequenceEqual("-ll")) local = words.Next().ToString();
            else if (word.SequenceEqual("-lr")) remote = words.Next().ToString();
        }

        if (local is not null && remote is not null && _insides.Count < 64) _insides.Add(new InsidePair(device ?? _conn?.Name ?? "", local, remote, line, _heading));
    }

    /// <summary>The commands ip(8) and iptables(8) that carry values of a tunnel.</summary>
    private void Command(ReadOnlySpan<char> content, int line)
    {
        if (content.Contains("${", StringComparison.Ordinal)) return;
        var isIp = content.Contains("ip ", StringComparison.Ordinal);
        if (!isIp && !content.Contains("--set-mss", StringComparison.Ordinal)) return;
        string? device = null;
        string? local = null;
        string? remote = null;
        string? mtu = null;
        string? mss = null;
        var isAddress = false;
        var isLink = false;
        var words = new WordReader(content);
        ReadOnlySpan<char> previous = default;
        while (words.Next() is { Length: > 0 } word)
        {
            if (word is "addr" or "address") isAddress = true;
            else if (word is "link" or "tunnel") isLink = true;
            else if (word is "dev" or "-o") device = words.Next().ToString();
            else if (word is "remote" or "peer") remote = words.Next().ToString();
            else if (word is "mtu") mtu = words.Next().ToString();
            else if (word is "--set-mss") mss = words.Next().ToString();
            else if (isLink && previous is "add" or "set" && device is null) device = word.ToString();
            else if (isAddress && local is null && word.Contains('.') && char.IsAsciiDigit(word[0])) local = word.ToString();
            previous = word;
        }

        if (isAddress && local is not null && remote is not null && _insides.Count < 64) _insides.Add(new InsidePair(device ?? "", local, remote, line, _heading));
        if (device is null || _devices.Count >= 128) return;
        if (isLink && remote is not null) _devices.Add(new DeviceValue(device, TunnelField.CloudOutside, remote, line, _heading));
        if (mtu is not null) _devices.Add(new DeviceValue(device, TunnelField.Mtu, mtu, line, _heading));
        if (mss is not null) _devices.Add(new DeviceValue(device, TunnelField.Mss, mss, line, _heading));
    }
}
