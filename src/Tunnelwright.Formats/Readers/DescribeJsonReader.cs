using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Reads the JSON of <c>aws ec2 describe-vpn-connections</c> or <c>create-vpn-connection</c>: the embedded XML, refined by the tunnel options and routes beside it.</summary>
internal sealed class DescribeJsonReader
{
    private static readonly (string Name, TunnelField Field)[] Lists =
    [
        ("IkeVersions", TunnelField.IkeVersion),
        ("Phase1EncryptionAlgorithms", TunnelField.IkeEncryption),
        ("Phase1IntegrityAlgorithms", TunnelField.IkeIntegrity),
        ("Phase1DHGroupNumbers", TunnelField.IkeGroup),
        ("Phase2EncryptionAlgorithms", TunnelField.IpsecEncryption),
        ("Phase2IntegrityAlgorithms", TunnelField.IpsecIntegrity),
        ("Phase2DHGroupNumbers", TunnelField.PfsGroup),
    ];

    private readonly DataNode _connection;
    private readonly ConnectionDraft _draft;
    private bool _hasXml;

    private DescribeJsonReader(DataNode connection, ProblemList problems)
    {
        _connection = connection;
        _draft = new ConnectionDraft(problems);
    }

    /// <summary>Whether a tree is such a document.</summary>
    public static bool Recognises(DataNode root) => Connections(root).Count > 0 || root["VpnConnections"] is not null;

    public static ReadResult Read(DataNode root, ProblemList problems)
    {
        var connections = Connections(root);
        var chosen = connections.Find(HasTunnels) ?? connections.Find(IsAlive) ?? (connections.Count > 0 ? connections[0] : null);
        if (chosen is null)
        {
            problems.Error(Causes.ConfigSyntax, null, "The JSON lists no VPN connection; ask again with the connection's id and region.", null, root.Line);
            return new ReadResult(FormatNames.DescribeJson, null, problems.InOrder(), SourceMap.Empty);
        }

        if (connections.Count > 1)
        {
            var id = chosen["VpnConnectionId"]?.Text is { Length: < 40 } text && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') ? text : "the first";
            problems.Warning(Causes.ConfigSyntax, null, $"The JSON lists {connections.Count} VPN connections; {id} is read, so ask for one connection by its id to get another.", null, chosen.Line);
        }

        return new DescribeJsonReader(chosen, problems).Build();
    }

    private static List<DataNode> Connections(DataNode root)
    {
        var found = new List<DataNode>();
        if (root.Kind == DataKind.Object && root["VpnConnections"] is { } list) Collect(list);
        else if (root.Kind == DataKind.Object && root["VpnConnection"] is { } one) Collect(one);
        else Collect(root);
        return found;

        void Collect(DataNode node)
        {
            if (node.Kind == DataKind.List)
            {
                foreach (var (_, item) in node.Members)
                {
                    if (IsConnection(item)) found.Add(item);
                }
            }
            else if (IsConnection(node))
            {
                found.Add(node);
            }
        }

        static bool IsConnection(DataNode node) =>
            node.Kind == DataKind.Object && (node["VpnConnectionId"] is not null || node["CustomerGatewayConfiguration"] is not null || node["Options"]?["TunnelOptions"] is not null);
    }

    private static bool IsAlive(DataNode connection) => connection["State"]?.Text is not ("deleted" or "deleting");

    private static bool HasTunnels(DataNode connection)
    {
        if (!IsAlive(connection)) return false;
        if (connection["CustomerGatewayConfiguration"]?.Text is { } xml && XmlConfigurationReader.Recognises(xml)) return true;
        return connection["Options"]?["TunnelOptions"] is { } options && options.Members.Exists(option => option.Value["OutsideIpAddress"] is not null);
    }

    private ReadResult Build()
    {
        if (_connection["CustomerGatewayConfiguration"] is { Text: { } xml } node && XmlConfigurationReader.Recognises(xml))
        {
            _hasXml = true;
            XmlConfigurationReader.Walk(xml, _draft, node.Line);
        }

        Set(ConnectionField.Id, "VpnConnectionId");
        Set(ConnectionField.CustomerGatewayId, "CustomerGatewayId");
        if (_connection["VpnGatewayId"]?.Text is { Length: > 0 }) Set(ConnectionField.CloudGatewayId, "VpnGatewayId");
        else Set(ConnectionField.CloudGatewayId, "TransitGatewayId");
        var options = _connection["Options"];
        if (options?["StaticRoutesOnly"] is { Text: { } only } stated)
        {
            var routing = only.Equals("true", StringComparison.OrdinalIgnoreCase) ? "static" : "bgp";
            if (routing == "static" || !_draft[ConnectionField.Routing].HasText) _draft.Set(ConnectionField.Routing, routing, stated.Line);
        }

        Ranges(options);
        if (options?["TunnelOptions"] is { Kind: DataKind.List } list)
        {
            for (var index = 0; index < list.Members.Count; index++)
            {
                var option = list.Members[index].Value;
                if (option is { Kind: DataKind.Object, Members.Count: > 0 } && Target(option, index) is { } tunnel) Refine(tunnel, option);
            }
        }

        return new ConnectionBuilder(_draft, _hasXml ? FormatTraits.Xml with { Name = FormatNames.DescribeJson } : FormatTraits.DescribeJson).Build();
    }

    private void Set(ConnectionField field, string name)
    {
        if (_connection[name] is { Text: { Length: > 0 } text } node) _draft.Set(field, text, node.Line);
    }

    private void Ranges(DataNode? options)
    {
        if (_connection["Routes"] is { Kind: DataKind.List } routes)
        {
            foreach (var (_, route) in routes.Members)
            {
                if (route["State"]?.Text is "deleted" or "deleting") continue;
                Add(_draft.CustomerRanges, route["DestinationCidrBlock"]);
            }
        }

        Add(_draft.CustomerRanges, options?["LocalIpv4NetworkCidr"]);
        Add(_draft.CloudRanges, options?["RemoteIpv4NetworkCidr"]);

        static void Add(List<RawValue> into, DataNode? node)
        {
            if (node?.Text is { Length: > 0 } text && into.Count < 1000) into.Add(new RawValue(text.AsMemory().Trim(), node.Line));
        }
    }

    /// <summary>The tunnel that options belong to: the one with the same outside address, the one in the same inside network, or without XML the one in the same place.</summary>
    private TunnelDraft? Target(DataNode option, int index)
    {
        var outside = option["OutsideIpAddress"]?.Text;
        foreach (var tunnel in _draft.Tunnels)
        {
            if (outside is not null && tunnel[TunnelField.CloudOutside].Text.Span.SequenceEqual(outside)) return tunnel;
        }

        if (_hasXml)
        {
            if (!InterfaceAddress.TryParse(option["TunnelInsideCidr"]?.Text ?? "", out var inside)) return null;
            foreach (var tunnel in _draft.Tunnels)
            {
                if (InterfaceAddress.TryParse(tunnel[TunnelField.CloudInside].Text.Span, out var address) && inside.Network.Contains(address.Address)) return tunnel;
            }

            return null;
        }

        return _draft.Tunnel(index + 1, option.Line);
    }

    private void Refine(TunnelDraft tunnel, DataNode option)
    {
        if (option["OutsideIpAddress"] is { Text: { } outside } outsideNode) tunnel.Set(TunnelField.CloudOutside, outside, outsideNode.Line);
        if (option["TunnelInsideCidr"] is { Text: { Length: > 0 } text } insideNode)
        {
            if (InterfaceAddress.TryParse(text, out var within) && within.PrefixLength <= 30)
            {
                var range = within.Network;
                if (!tunnel[TunnelField.CloudInside].HasText) tunnel.Set(TunnelField.CloudInside, $"{range.Network.Offset(1)}/{range.PrefixLength}", insideNode.Line);
                if (!tunnel[TunnelField.CustomerInside].HasText) tunnel.Set(TunnelField.CustomerInside, $"{range.Network.Offset(2)}/{range.PrefixLength}", insideNode.Line);
            }
            else
            {
                _draft.Problems.Error(Causes.ConfigSyntax, tunnel.Number, $"Tunnel {tunnel.Number} has {TextScan.Shown(text)} as TunnelInsideCidr on line {insideNode.Line}; it must be a range such as 169.254.10.0/30.", "inside.cloud", insideNode.Line);
            }
        }

        if (option["PreSharedKey"] is { Text: { } key } keyNode && (!TextScan.IsPlaceholder(key) || !tunnel[TunnelField.PreSharedKey].HasText)) tunnel.Set(TunnelField.PreSharedKey, key, keyNode.Line);
        Replace(tunnel, TunnelField.IkeLifetime, option["Phase1LifetimeSeconds"]);
        Replace(tunnel, TunnelField.IpsecLifetime, option["Phase2LifetimeSeconds"]);
        if (option["DpdTimeoutSeconds"] is { Text: { } timeout } timeoutNode && !tunnel[TunnelField.DpdRetries].HasText) tunnel.Set(TunnelField.DpdTimeout, timeout, timeoutNode.Line);
        foreach (var (name, field) in Lists) Choose(tunnel, field, option[name] ?? option[name + "s"]);
        if (!_hasXml) FillIn(tunnel, option.Line);
    }

    private static void Replace(TunnelDraft tunnel, TunnelField field, DataNode? node)
    {
        if (node?.Text is { Length: > 0 } text) tunnel.Replace(field, text, node.Line);
    }

    /// <summary>A list of one decides. A longer list leaves what the XML says when it holds that; otherwise the best that both ends surely have is taken.</summary>
    private void Choose(TunnelDraft tunnel, TunnelField field, DataNode? list)
    {
        if (list is not { Kind: DataKind.List }) return;
        var values = new List<(string Text, int Line)>();
        foreach (var (_, item) in list.Members)
        {
            var scalar = item.Kind == DataKind.Object ? item["Value"] : item;
            if (scalar?.Text is { Length: > 0 } text) values.Add((text, scalar.Line));
        }

        if (values.Count == 0) return;
        if (field is TunnelField.IkeIntegrity or TunnelField.IpsecIntegrity && values.Count == 1 && tunnel[field].HasText && TextScan.IsNone(tunnel[field].Text.Span)) return;
        if (values.Count > 1)
        {
            var stated = tunnel[field];
            if (stated.HasText && values.Exists(value => Same(field, value.Text, stated.Text.Span))) return;
            if (field == TunnelField.IkeVersion && _hasXml) return;
        }

        var best = values.Find(value => Preferred(field, value.Text));
        var (chosen, line) = best.Text is null ? values[0] : best;
        tunnel.Replace(field, chosen, line);
    }

    private static bool Same(TunnelField field, string value, ReadOnlySpan<char> stated) => field switch
    {
        TunnelField.IkeEncryption or TunnelField.IpsecEncryption =>
            Algorithms.TryParse(value, out EncryptionAlgorithm a) && Algorithms.TryParse(stated, out EncryptionAlgorithm b) && a == b,
        TunnelField.IkeIntegrity or TunnelField.IpsecIntegrity =>
            Algorithms.TryParse(value, out IntegrityAlgorithm a) && Algorithms.TryParse(stated, out IntegrityAlgorithm b) && a == b,
        TunnelField.IkeGroup or TunnelField.PfsGroup => DhGroup.TryParse(value, out var a) && DhGroup.TryParse(stated, out var b) && a == b,
        _ => TextScan.SameLettersAndDigits(value, stated),
    };

    private static bool Preferred(TunnelField field, string value) => field switch
    {
        TunnelField.IkeVersion => value.Equals("ikev2", StringComparison.OrdinalIgnoreCase),
        TunnelField.IkeEncryption or TunnelField.IpsecEncryption => Algorithms.TryParse(value, out EncryptionAlgorithm cipher) && cipher == EncryptionAlgorithm.Aes256,
        TunnelField.IkeIntegrity or TunnelField.IpsecIntegrity => Algorithms.TryParse(value, out IntegrityAlgorithm hash) && hash == IntegrityAlgorithm.Sha256,
        _ => value == "14",
    };

    /// <summary>Options that are not listed allow everything the service has: the choice is then ours, and a warning says what it is.</summary>
    private void FillIn(TunnelDraft tunnel, int line)
    {
        var chosen = new List<string>();
        Fill(TunnelField.IkeEncryption, "aes256");
        Fill(TunnelField.IkeIntegrity, "sha256");
        Fill(TunnelField.IkeGroup, "14");
        Fill(TunnelField.IpsecEncryption, "aes256");
        Fill(TunnelField.IpsecIntegrity, "sha256");
        Fill(TunnelField.PfsGroup, "14");
        Fill(TunnelField.IkeVersion, "ikev2");
        if (chosen.Count == 0) return;
        _draft.Problems.Warning(
            Causes.ConfigSyntax,
            tunnel.Number,
            $"Tunnel {tunnel.Number} leaves the {string.Join(", ", chosen)} open, which allows all that the service has; AES-256, SHA2-256, group 14 and IKEv2 are used for them.",
            null,
            line);

        void Fill(TunnelField field, string value)
        {
            if (tunnel[field].HasText) return;
            tunnel.Replace(field, value, line);
            chosen.Add(field.Name());
        }
    }
}
