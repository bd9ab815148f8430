using System.Text.Json;
using Tunnelwright.Gateway;
using Tunnelwright.Linux;

namespace Tunnelwright.EndToEnd;

/// <summary>What "status --json" printed: one document, and nothing else, in the shape that others rely on.</summary>
/// <param name="ExitCode">The command's exit code.</param>
/// <param name="Document">The document.</param>
internal sealed record Status(int ExitCode, StatusDocument Document)
{
    /// <summary>The only connection.</summary>
    public ConnectionStatus Connection => Assert.Single(Document.Connections);

    /// <summary>A tunnel of the only connection.</summary>
    public TunnelStatus Tunnel(int number) => Assert.Single(Connection.Tunnels, tunnel => tunnel.Number == number);

    /// <summary>Checks a document that an agent gave, as the command would print it.</summary>
    public static Status Of(StatusDocument document) =>
        Read(new CommandResult(document.Connections.All(connection => connection.State == "up") ? 0 : 1, JsonSerializer.Serialize(document, GatewayJson.Default.StatusDocument), "", TimeSpan.Zero));

    /// <summary>Reads and checks what the command printed.</summary>
    public static Status Read(CommandResult result)
    {
        Assert.True(result.ExitCode is 0 or 1, $"status --json: {result.ExitCode}: {result.Error}");
        using var json = JsonDocument.Parse(result.Output);
        try
        {
            Check(json.RootElement);
        }
        catch (Exception wrong)
        {
            throw new InvalidOperationException($"{wrong.Message} in {result.Output}", wrong);
        }

        var document = JsonSerializer.Deserialize(result.Output, GatewayJson.Default.StatusDocument);
        Assert.NotNull(document);
        Assert.Equal(document.Connections.All(connection => connection.State == "up"), result.ExitCode == 0);
        return new Status(result.ExitCode, document);
    }

    private static void Check(JsonElement document)
    {
        Text(document, "dataPlane", "kernel", "userspace", "none");
        foreach (var connection in List(document, "connections"))
        {
            Text(connection, "id");
            Text(connection, "state", "up", "degraded", "down");
            Number(connection, "active", optional: true);
            var tunnels = List(connection, "tunnels");
            Assert.Equal(tunnels.Select(tunnel => tunnel.GetProperty("number").GetInt32()).Order(), tunnels.Select(tunnel => tunnel.GetProperty("number").GetInt32()));
            foreach (var tunnel in tunnels) CheckTunnel(tunnel);
        }
    }

    private static void CheckTunnel(JsonElement tunnel)
    {
        Assert.InRange(Number(tunnel, "number")!.Value, 1, 2);
        Text(tunnel, "state", "up", "connecting", "down");
        Time(tunnel, "since");
        var isUp = tunnel.GetProperty("state").GetString() == "up";
        if (isUp) Text(tunnel, "interface");
        if (Part(tunnel, "ike", optional: !isUp) is { } ike)
        {
            Assert.InRange(Number(ike, "version")!.Value, 1, 2);
            if (isUp) Text(ike, "proposal");
            Number(ike, "establishedSeconds", optional: !isUp);
            Countdown(ike);
            Assert.True(ike.GetProperty("natT").ValueKind is JsonValueKind.True or JsonValueKind.False);
        }

        if (Part(tunnel, "child", optional: !isUp) is { } child)
        {
            Text(child, "proposal");
            foreach (var counter in new[] { "bytesIn", "bytesOut", "packetsIn", "packetsOut" }) Number(child, counter);
            Countdown(child);
        }

        if (Part(tunnel, "probe", optional: true) is { } probe)
        {
            Number(probe, "rttMilliseconds");
            Assert.InRange(Number(probe, "lossRatio")!.Value, 0, 1);
        }

        if (Part(tunnel, "bgp", optional: true) is { } bgp)
        {
            Text(bgp, "state");
            Number(bgp, "prefixesIn");
            Number(bgp, "prefixesOut");
        }

        if (Part(tunnel, "lastDown", optional: true) is { } lastDown)
        {
            Time(lastDown, "at");
            Text(lastDown, "cause");
        }
    }

    private static JsonElement[] List(JsonElement parent, string name) => [.. parent.GetProperty(name).EnumerateArray()];

    private static JsonElement? Part(JsonElement parent, string name, bool optional)
    {
        var value = parent.GetProperty(name);
        if (optional && value.ValueKind == JsonValueKind.Null) return null;
        Assert.Equal(JsonValueKind.Object, value.ValueKind);
        return value;
    }

    private static void Text(JsonElement parent, string name, params string[] allowed)
    {
        var text = parent.GetProperty(name).GetString();
        Assert.False(string.IsNullOrEmpty(text), $"{name} is empty");
        if (allowed.Length > 0) Assert.Contains(text, allowed);
    }

    private static double? Number(JsonElement parent, string name, bool optional = false)
    {
        var value = parent.GetProperty(name);
        if (optional && value.ValueKind == JsonValueKind.Null) return null;
        var number = value.GetDouble();
        Assert.True(number >= 0, $"{name} is {number}");
        return number;
    }

    /// <summary>Below zero while a renewal is overdue, as it is for a moment at each and for long with a peer that refuses it.</summary>
    private static void Countdown(JsonElement parent)
    {
        var value = parent.GetProperty("rekeyInSeconds");
        if (value.ValueKind != JsonValueKind.Null) value.GetInt64();
    }

    /// <summary>ISO 8601 and UTC, not in the future and not before this run.</summary>
    private static void Time(JsonElement parent, string name)
    {
        var time = parent.GetProperty(name).GetDateTimeOffset();
        Assert.Equal(TimeSpan.Zero, time.Offset);
        Assert.InRange(time, DateTimeOffset.UtcNow.AddHours(-2), DateTimeOffset.UtcNow.AddSeconds(5));
    }
}
