namespace Tunnelwright.EndToEnd;

/// <summary>What others see of a gateway: its page for Prometheus, and what it pushes over OTLP.</summary>
[Trait("plane", "userspace")]
public sealed class MonitoringTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task The_page_keeps_the_series_of_a_tunnel_that_is_down_and_metrics_and_traces_are_pushed()
    {
        await using var lab = await TestLab.UpAsync("--routing", "static");
        await using var receiver = await OtlpReceiver.StartAsync(lab, TestLab.Gateway);
        await lab.OutputAsync(TestLab.Gateway, "sh", "-c", $"mkdir -p /etc/tunnelwright && printf 'OTEL_EXPORTER_OTLP_ENDPOINT={OtlpReceiver.Endpoint}\\nOTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\\nOTEL_METRIC_EXPORT_INTERVAL=500\\nOTEL_BSP_SCHEDULE_DELAY=500\\n' >/etc/tunnelwright/agent.env");
        await lab.BringUpAsync();
        var connection = (await lab.StatusAsync()).Connection.Id;
        await Eventually.HoldsAsync("both tunnels are up on the page", Moment, async () => await PageAsync(lab) is var page && page.Contains(Up(connection, 1, 1), StringComparison.Ordinal) && page.Contains(Up(connection, 2, 1), StringComparison.Ordinal));
        await Eventually.HoldsAsync("metrics were pushed", Moment, () => receiver.Has("/v1/metrics", "tunnelwright_tunnel_up", connection));
        await Eventually.HoldsAsync("spans were pushed", Moment, () => receiver.Has("/v1/traces", "pass"));

        await lab.CutAsync(1);
        await Eventually.HoldsAsync("tunnel 1 is down on the page and still has its series", Moment, async () =>
            await PageAsync(lab) is var page && page.Contains(Up(connection, 1, 0), StringComparison.Ordinal) && page.Contains($"tunnelwright_tunnel_bytes_out_total{{connection=\"{connection}\",tunnel=\"1\"}}", StringComparison.Ordinal));
        await lab.MendAsync(1);
        await Eventually.HoldsAsync("tunnel 1 is up again on the page", Moment, async () => (await PageAsync(lab)).Contains(Up(connection, 1, 1), StringComparison.Ordinal));
        Assert.DoesNotContain(lab.Keys, key => receiver.Has("/v1/traces", key) || receiver.Has("/v1/metrics", key));
    }

    private static string Up(string connection, int tunnel, int value) => $"tunnelwright_tunnel_up{{connection=\"{connection}\",tunnel=\"{tunnel}\"}} {value}";

    private static Task<string> PageAsync(TestLab lab) =>
        lab.OutputAsync(TestLab.Gateway, "curl", "--silent", "--fail", "--max-time", "5", "--unix-socket", "/run/tunnelwright/default/agent.sock", "http://agent/metrics");
}
