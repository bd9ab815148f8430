using System.Text.Json;

namespace Tunnelwright.Doctor;

/// <summary>Reads what FRR's vtysh(1) tells of BGP sessions as JSON.</summary>
internal static class FrrSessions
{
    /// <summary>Reads "show bgp ipv4 unicast summary json"; null when it is not JSON of that shape.</summary>
    public static IReadOnlyList<SessionView>? Parse(string json) => Read(json, root =>
    {
        if (!root.TryGetProperty("peers", out var peers) || peers.ValueKind != JsonValueKind.Object) return null;
        return peers.EnumerateObject().Where(peer => peer.Value.ValueKind == JsonValueKind.Object).Select(peer => Session(peer.Name, peer.Value)).ToList();
    });

    /// <summary>The same sessions with their last errors, by "show bgp neighbors json"; as they were when that cannot be read.</summary>
    public static IReadOnlyList<SessionView> WithErrors(IReadOnlyList<SessionView> sessions, string json) => Read(json, root => sessions.Select(session =>
        session.State != "established" && root.TryGetProperty(session.Name, out var peer) && peer.ValueKind == JsonValueKind.Object ? session with { LastError = Error(peer) } : session).ToList()) ?? sessions;

    private static List<SessionView>? Read(string json, Func<JsonElement, List<SessionView>?> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object ? read(document.RootElement) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static SessionView Session(string neighbor, JsonElement peer)
    {
        var state = Text(peer, "state")?.ToLowerInvariant() ?? "idle";
        TimeSpan? age = state == "established" ? TimeSpan.FromMilliseconds(Number(peer, "peerUptimeMsec")) : null;
        return new SessionView(neighbor, neighbor, state.StartsWith("idle (admin", StringComparison.Ordinal) ? "down" : state, (int)Number(peer, "pfxRcd"), (int)Number(peer, "pfxSnt"), null, "FRR", age);
    }

    /// <summary>The notification that ended the session; else why it was reset, where that says more than that nothing has happened.</summary>
    private static string? Error(JsonElement peer) => Text(peer, "lastNotificationReason") ?? (Text(peer, "lastResetDueTo") is { } reset && !reset.StartsWith("Waiting", StringComparison.Ordinal) ? reset : null);

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long Number(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : 0;
}
