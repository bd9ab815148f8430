using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Reads Tunnelwright's own connection documents: the <c>connection</c> object of <c>check --json</c> with keys, as JSON or YAML.</summary>
internal static class ModelDocumentReader
{
    private static readonly Dictionary<string, TunnelField> Paths = Enum.GetValues<TunnelField>()
        .Where(field => field != TunnelField.Heading)
        .ToDictionary(field => field.Path(), StringComparer.OrdinalIgnoreCase);

    /// <summary>The document within a tree; null when there is none.</summary>
    public static DataNode? Find(DataNode root)
    {
        if (root["tunnels"] is { Kind: DataKind.List }) return root;
        return root["connection"] is { } inner && inner["tunnels"] is { Kind: DataKind.List } ? inner : null;
    }

    public static ReadResult Read(DataNode document, ProblemList problems, FormatTraits traits)
    {
        var draft = new ConnectionDraft(problems);
        foreach (var (name, value) in document.Members)
        {
            switch (name.ToLowerInvariant())
            {
                case "id":
                    draft.Set(ConnectionField.Id, value.Text, value.Line);
                    break;
                case "cloudgatewayid":
                    draft.Set(ConnectionField.CloudGatewayId, value.Text, value.Line);
                    break;
                case "customergatewayid":
                    draft.Set(ConnectionField.CustomerGatewayId, value.Text, value.Line);
                    break;
                case "routing":
                    draft.Set(ConnectionField.Routing, value.Text, value.Line);
                    break;
                case "customerranges":
                    Ranges(draft.CustomerRanges, value);
                    break;
                case "cloudranges":
                    Ranges(draft.CloudRanges, value);
                    break;
                case "tunnels":
                    Tunnels(draft, value);
                    break;
            }
        }

        return new ConnectionBuilder(draft, traits).Build();
    }

    private static void Ranges(List<RawValue> into, DataNode value)
    {
        foreach (var (_, range) in value.Members)
        {
            if (range.Text is not null && into.Count < 1000) into.Add(new RawValue(range.Text.AsMemory().Trim(), range.Line));
        }
    }

    private static void Tunnels(ConnectionDraft draft, DataNode list)
    {
        var position = 0;
        foreach (var (_, node) in list.Members)
        {
            position++;
            if (node.Kind != DataKind.Object) continue;
            var number = position;
            if (node["number"] is { Text: { } text } given && !int.TryParse(text, System.Globalization.NumberStyles.None, null, out number))
            {
                draft.Problems.Error(Causes.ConfigSyntax, null, $"The tunnel number on line {given.Line} is {TextScan.Shown(text)}; it must be 1 or 2.", "number", given.Line);
                continue;
            }

            if (draft.Tunnel(number, node.Line) is { } tunnel) Values(tunnel, node, "");
        }
    }

    private static void Values(TunnelDraft tunnel, DataNode node, string prefix)
    {
        foreach (var (name, value) in node.Members)
        {
            if (value.Kind == DataKind.Object && prefix.Length == 0) Values(tunnel, value, $"{name}.");
            else if (value.Kind == DataKind.Scalar && Paths.TryGetValue(prefix + name, out var field)) tunnel.Set(field, value.Text, value.Line);
        }
    }
}
