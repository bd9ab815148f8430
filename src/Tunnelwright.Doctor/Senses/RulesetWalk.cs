using System.Text.Json;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Doctor;

/// <summary>A packet that is led through rules in thought.</summary>
internal sealed record TracedPacket(Ipv4Address Source, Ipv4Address Destination)
{
    public string In { get; init; } = "";

    public string Out { get; init; } = "";

    /// <summary>tcp, udp, icmp, esp.</summary>
    public string Protocol { get; init; } = "";

    public int SourcePort { get; init; }

    public int DestinationPort { get; init; }

    /// <summary>Whether it is the first of a connection; otherwise it belongs to one that is established.</summary>
    public bool IsNew { get; init; }
}

/// <summary>
/// What nftables rules do with a packet (nft(8)): the base chains of a hook in the order of their priorities, with jumps. A rule with something in it that is not
/// understood here is passed over: it is never the reason of a finding.
/// </summary>
internal sealed class RulesetWalk(IReadOnlyList<NftTable> tables)
{
    private const int DeepestJump = 16;

    private enum Outcome
    {
        Next,
        Accept,
        Drop,
        Return,
    }

    public int TableCount => tables.Count;

    /// <summary>The rule that drops IKE messages of a tunnel's endpoint on their way in; null when they pass.</summary>
    public string? DropOfIke(Scene scene, TunnelView tunnel)
    {
        if (tunnel.Daemon is not { } daemon) return null;
        var device = scene.Observed?.Routes.FirstOrDefault(route => route is { Destination: "default", Type: RouteType.Unicast })?.Device ?? "";
        var packet = new TracedPacket(tunnel.RemoteOutside, tunnel.LocalOutside ?? default) { In = device, Protocol = "udp", IsNew = true };
        return Follow("input", packet with { SourcePort = 500, DestinationPort = daemon.IkePort }) ?? Follow("input", packet with { SourcePort = 4500, DestinationPort = daemon.NatPort });
    }

    /// <summary>The rule that drops the packet; null when it passes, or when that cannot be told.</summary>
    /// <param name="hook">input or forward.</param>
    /// <param name="packet">The packet.</param>
    public string? Follow(string hook, TracedPacket packet)
    {
        var chains = tables.SelectMany(table => table.Chains.Where(chain => chain.Hook == hook && chain.Type == "filter").Select(chain => (table, chain))).OrderBy(item => item.chain.Priority);
        foreach (var (table, chain) in chains)
        {
            var sure = true;
            var outcome = Walk(table, chain, packet, 0, ref sure, out var rule);
            if (outcome == Outcome.Drop) return $"table {table.Family} {table.Name}, chain {chain.Name}{(rule is null ? "" : $": {rule}")}";
            if (outcome is Outcome.Next or Outcome.Return && chain.Policy == "drop" && sure) return $"table {table.Family} {table.Name}, chain {chain.Name}: policy drop";
        }

        return null;
    }

    private static Outcome Walk(NftTable table, NftChain chain, TracedPacket packet, int depth, ref bool sure, out string? reason)
    {
        reason = null;
        if (depth > DeepestJump) return Outcome.Next;
        foreach (var rule in chain.Rules)
        {
            using var document = JsonDocument.Parse(rule.Expressions);
            var verdict = Judge(table, document.RootElement, packet, out var target);
            if (verdict is null)
            {
                // It may have accepted the packet: what comes behind it is not sure.
                sure = false;
                continue;
            }

            switch (verdict)
            {
                case "accept":
                    return Outcome.Accept;
                case "drop" or "reject":
                    if (!sure) return Outcome.Accept;
                    reason = $"{Describe(document.RootElement)}{verdict}{(rule.Comment is { } comment ? $" \"{comment}\"" : "")}{(rule.Counter is { } counter ? $", {counter.Packets} packets so far" : "")}";
                    return Outcome.Drop;
                case "return":
                    return Outcome.Return;
                case "jump" or "goto" when table.Chain(target!) is { } next:
                    var outcome = Walk(table, next, packet, depth + 1, ref sure, out reason);
                    if (outcome is Outcome.Accept or Outcome.Drop) return outcome;
                    if (verdict == "goto") return Outcome.Return;
                    break;
                default:
                    break;
            }
        }

        return Outcome.Next;
    }

    /// <summary>The rule's verdict for the packet: "" when it does not match or says nothing; null when that cannot be told.</summary>
    private static string? Judge(NftTable table, JsonElement expressions, TracedPacket packet, out string? target)
    {
        target = null;
        foreach (var expression in expressions.EnumerateArray())
        {
            if (expression.ValueKind != JsonValueKind.Object) return null;
            var item = expression.EnumerateObject().First();
            switch (item.Name)
            {
                case "match":
                    if (Matches(table, item.Value, packet) is not { } matches) return null;
                    if (!matches) return "";
                    break;
                case "accept" or "drop" or "reject" or "return":
                    return item.Name;
                case "jump" or "goto":
                    target = item.Value.GetProperty("target").GetString();
                    return item.Name;
                case "counter" or "log" or "mangle" or "notrack" or "comment":
                    break;
                default:
                    return null;
            }
        }

        return "";
    }

    private static bool? Matches(NftTable table, JsonElement match, TracedPacket packet)
    {
        var negated = match.GetProperty("op").GetString() switch { "==" or "in" => false, "!=" => true, _ => (bool?)null };
        if (negated is not { } not) return null;
        var holds = Holds(table, match.GetProperty("left"), match.GetProperty("right"), packet);
        return holds is null ? null : holds != not;
    }

    private static bool? Holds(NftTable table, JsonElement left, JsonElement right, TracedPacket packet)
    {
        if (left.ValueKind != JsonValueKind.Object) return null;
        if (left.TryGetProperty("payload", out var payload) && payload.TryGetProperty("protocol", out var protocol) && payload.TryGetProperty("field", out var field))
        {
            return (protocol.GetString(), field.GetString()) switch
            {
                ("ip", "saddr") => Among(table, right, packet.Source.ToString(), value => Covers(value, packet.Source)),
                ("ip", "daddr") => Among(table, right, packet.Destination.ToString(), value => Covers(value, packet.Destination)),
                ("ip", "protocol") => Among(table, right, packet.Protocol, value => Is(value, packet.Protocol)),
                ("th", "dport") when packet.Protocol is "tcp" or "udp" => Among(table, right, null, value => Has(value, packet.DestinationPort)),
                ("th", "sport") when packet.Protocol is "tcp" or "udp" => Among(table, right, null, value => Has(value, packet.SourcePort)),
                ("tcp" or "udp", _) when protocol.GetString() != packet.Protocol => false,
                ("tcp" or "udp", "dport") => Among(table, right, null, value => Has(value, packet.DestinationPort)),
                ("tcp" or "udp", "sport") => Among(table, right, null, value => Has(value, packet.SourcePort)),
                ("icmp", _) when packet.Protocol != "icmp" => false,
                ("ip6" or "icmpv6", _) => false,
                _ => null,
            };
        }

        if (left.TryGetProperty("meta", out var meta) && meta.TryGetProperty("key", out var key))
        {
            return key.GetString() switch
            {
                "iifname" => Among(table, right, packet.In, value => Is(value, packet.In)),
                "oifname" => Among(table, right, packet.Out, value => Is(value, packet.Out)),
                "l4proto" => Among(table, right, packet.Protocol, value => Is(value, packet.Protocol)),
                "nfproto" => Among(table, right, "ipv4", value => Is(value, "ipv4")),
                _ => null,
            };
        }

        if (left.TryGetProperty("ct", out var ct) && ct.TryGetProperty("key", out var what) && what.GetString() == "state")
            return Among(table, right, null, value => Is(value, packet.IsNew ? "new" : "established"));
        return null;
    }

    /// <summary>Whether a value, or one of a set's, is the packet's.</summary>
    private static bool? Among(NftTable table, JsonElement right, string? _, Func<JsonElement, bool?> test)
    {
        if (right.ValueKind == JsonValueKind.Array) return Any(right, test);
        if (right.ValueKind == JsonValueKind.Object && right.TryGetProperty("set", out var set)) return set.ValueKind == JsonValueKind.Array ? Any(set, test) : test(set);
        if (right.ValueKind == JsonValueKind.String && right.GetString() is ['@', .. var name])
        {
            if (table.Set(name) is not { IsMap: false } known) return null;
            var any = false;
            foreach (var element in known.Elements)
            {
                using var value = JsonDocument.Parse(JsonEncodedText.Encode(element.Value) is var text ? $"\"{text}\"" : "");
                if (test(value.RootElement) is not { } holds) return null;
                any |= holds;
            }

            return any;
        }

        return test(right);
    }

    private static bool? Any(JsonElement values, Func<JsonElement, bool?> test)
    {
        var any = false;
        foreach (var value in values.EnumerateArray())
        {
            if (test(value) is not { } holds) return null;
            any |= holds;
        }

        return any;
    }

    private static bool? Is(JsonElement value, string text)
    {
        if (value.ValueKind != JsonValueKind.String) return null;
        var word = value.GetString()!;
        return word.EndsWith('*') ? text.StartsWith(word[..^1], StringComparison.Ordinal) : word == text;
    }

    private static bool? Has(JsonElement value, int port)
    {
        if (value.ValueKind == JsonValueKind.Number) return value.GetInt32() == port;
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("range", out var range)) return range[0].GetInt32() <= port && port <= range[1].GetInt32();
        if (value.ValueKind == JsonValueKind.String && int.TryParse(value.GetString(), out var number)) return number == port;
        return null;
    }

    private static bool? Covers(JsonElement value, Ipv4Address address)
    {
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("prefix", out var prefix))
            return Ipv4Address.TryParse(prefix.GetProperty("addr").GetString(), out var network) ? Cidr.Containing(network, prefix.GetProperty("len").GetInt32()).Contains(address) : null;
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("range", out var range))
            return Ipv4Address.TryParse(range[0].GetString(), out var first) && Ipv4Address.TryParse(range[1].GetString(), out var last) ? first <= address && address <= last : null;
        if (value.ValueKind != JsonValueKind.String) return null;
        var text = value.GetString()!;
        if (Ipv4Address.TryParse(text, out var one)) return one == address;
        if (Cidr.TryParse(text, out var cidr)) return cidr.Contains(address);
        return null;
    }

    /// <summary>The matches of a rule as a person writes them.</summary>
    private static string Describe(JsonElement expressions)
    {
        var words = new List<string>();
        foreach (var expression in expressions.EnumerateArray())
        {
            if (!expression.TryGetProperty("match", out var match)) continue;
            var left = match.GetProperty("left");
            var subject = left.TryGetProperty("payload", out var payload) && payload.TryGetProperty("field", out var field) ? $"{payload.GetProperty("protocol").GetString()} {field.GetString()}"
                : left.TryGetProperty("meta", out var meta) ? meta.GetProperty("key").GetString()
                : left.TryGetProperty("ct", out var ct) ? $"ct {ct.GetProperty("key").GetString()}" : "…";
            var op = match.GetProperty("op").GetString();
            words.Add($"{subject}{(op == "!=" ? " !=" : "")} {Value(match.GetProperty("right"))}");
        }

        return words.Count == 0 ? "" : string.Join(' ', words) + " ";
    }

    private static string Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.Array => $"{{ {string.Join(", ", value.EnumerateArray().Select(Value))} }}",
        JsonValueKind.Object when value.TryGetProperty("set", out var set) => Value(set),
        JsonValueKind.Object when value.TryGetProperty("prefix", out var prefix) => $"{prefix.GetProperty("addr").GetString()}/{prefix.GetProperty("len").GetInt32()}",
        JsonValueKind.Object when value.TryGetProperty("range", out var range) => $"{Value(range[0])}-{Value(range[1])}",
        _ => "…",
    };
}
