using System.Diagnostics;

namespace Tunnelwright.Gateway;

/// <summary>The spans "pass", "change" and "bring-up" of the activity source Tunnelwright. Without a listener each call is a test of a field.</summary>
internal static class Tracing
{
    private static readonly ActivitySource Source = new(GatewayMeter.Name, GatewayMeter.Version);

    /// <summary>A pass of the engine; null when nobody listens.</summary>
    public static Activity? Pass(int generation) => Source.StartActivity("pass")?.SetTag("tunnelwright.generation", generation);

    /// <summary>One change of a pass.</summary>
    public static Activity? Change(Change change) => Source.HasListeners()
        ? Source.StartActivity("change")?.SetTag("tunnelwright.kind", change.Kind.ToString().ToLowerInvariant()).SetTag("tunnelwright.subject", change.Subject).SetTag("tunnelwright.detail", change.Detail)
        : null;

    /// <summary>The time from when a tunnel was first seen not to be up, or went down, to its proof. It is told when it is over.</summary>
    public static void BringUp(GatewayEvent up, DateTimeOffset since)
    {
        if (!Source.HasListeners()) return;
        using var span = Source.StartActivity("bring-up", ActivityKind.Internal, default(ActivityContext), startTime: since);
        span?.SetTag("tunnelwright.connection", up.Connection).SetTag("tunnelwright.tunnel", up.Tunnel).SetEndTime(up.At.UtcDateTime);
    }
}
