using System.Runtime.CompilerServices;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Tunnelwright.Gateway;

/// <summary>
/// Pushes metrics and traces over OTLP, when OTEL_EXPORTER_OTLP_ENDPOINT is set, which like the other OTEL_ variables means what OpenTelemetry's
/// specification says ("Environment Variable Specification"). Without it none of OpenTelemetry's assemblies is loaded.
/// </summary>
internal static class OpenTelemetryPush
{
    /// <summary>Starts to push; null when nobody asked for it.</summary>
    /// <param name="gateway">The gateway's name, the instance of the service.</param>
    /// <param name="metrics">The metrics.</param>
    public static IDisposable? Start(string gateway, GatewayMetrics metrics) =>
        string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT")) ? null : Begin(gateway, metrics);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Pair Begin(string gateway, GatewayMetrics metrics)
    {
        var resource = ResourceBuilder.CreateDefault().AddService("tunnelwright", serviceVersion: GatewayMeter.Version, serviceInstanceId: $"{Environment.MachineName}/{gateway}").AddEnvironmentVariableDetector();
        var traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(GatewayMeter.Name).AddOtlpExporter().Build();
        var numbers = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(metrics.Meter.Name).AddOtlpExporter().Build();
        return new Pair(traces, numbers);
    }

    /// <summary>What is still to be sent goes out at the end, for two seconds at most.</summary>
    private sealed class Pair(TracerProvider traces, MeterProvider metrics) : IDisposable
    {
        private const int FlushMilliseconds = 1000;

        public void Dispose()
        {
            traces.Shutdown(FlushMilliseconds);
            metrics.Shutdown(FlushMilliseconds);
            traces.Dispose();
            metrics.Dispose();
        }
    }
}
