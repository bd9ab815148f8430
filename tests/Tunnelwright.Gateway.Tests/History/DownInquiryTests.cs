using Microsoft.Extensions.Logging.Abstractions;

namespace Tunnelwright.Gateway.Tests;

/// <summary>What becomes of the first guess when a tunnel went down.</summary>
public sealed class DownInquiryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tunnelwright-inquiry-").FullName;
    private readonly ManualTime _time = new();
    private readonly HostModel _host = new(DataPlane.Kernel);
    private readonly DesiredGateway _desired = Samples.Gateway(Samples.Customer());
    private Chronicle _chronicle;
    private long _taken;

    public DownInquiryTests() => _chronicle = Begin();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_root_cause_takes_the_place_of_the_first_guess_and_a_restart_does_not_forget_it()
    {
        Look(up1: true);
        Look(up1: false);
        Assert.Equal("dpd-timeout", LastCause(1));
        _chronicle.NameCauses([new RootCause(Samples.Id, 1, "psk-mismatch", "the keys differ"), new RootCause(Samples.Id, null, "clock-skew", "the clock is off")]);
        Assert.Equal("psk-mismatch", LastCause(1));
        Assert.Null(LastCause(2));
        var told = Events()[^1];
        Assert.Equal((EventKind.CauseNamed, 1, "psk-mismatch", "why it is down: the keys differ"), (told.Kind, told.Tunnel, told.Cause, told.Message));

        _chronicle = Begin();
        Look(up1: false);
        Assert.Equal("psk-mismatch", LastCause(1));
    }

    [Fact]
    public void What_is_known_already_or_is_over_is_not_told()
    {
        Look(up1: true);
        Look(up1: false);
        _chronicle.NameCauses([new RootCause(Samples.Id, 1, "dpd-timeout", "")]);
        _chronicle.NameCauses([new RootCause("vpn-other", 1, "psk-mismatch", "")]);
        Look(up1: true);
        _chronicle.NameCauses([new RootCause(Samples.Id, 1, "psk-mismatch", "")]);
        Assert.DoesNotContain(Events(), happened => happened.Kind == EventKind.CauseNamed);
        Assert.Equal("dpd-timeout", LastCause(1));
    }

    [Fact]
    public async Task A_tunnel_that_stays_down_is_looked_at_again_also_after_a_look_that_failed()
    {
        Look(up1: true);
        var asked = 0;
        var inquiry = new DownInquiry(_chronicle, Find, TimeProvider.System, NullLogger.Instance);
        _chronicle.Happened += inquiry.Take;
        using var stopping = new CancellationTokenSource();
        var running = inquiry.RunAsync(stopping.Token);
        Look(up1: false);
        await Eventually(() => LastCause(1) == "psk-mismatch");
        Assert.Equal(2, asked);
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        Task<IReadOnlyList<RootCause>> Find(string connection, CancellationToken cancellationToken) => ++asked == 1
            ? throw new InvalidOperationException("a program is missing")
            : Task.FromResult<IReadOnlyList<RootCause>>([new RootCause(connection, 1, "psk-mismatch", "the keys differ")]);
    }

    private static async Task Eventually(Func<bool> holds)
    {
        var until = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(30);
        while (!holds())
        {
            Assert.True(TimeProvider.System.GetUtcNow() < until, "in time");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private Chronicle Begin() => new("default", new HistoryFile($"{_folder}/history.jsonl"), _time, NullLogger.Instance);

    private void Look(bool up1) => _chronicle.Take(_host.Observe(_desired) with { Taken = ++_taken }, Status(up1));

    private string? LastCause(int tunnel) => _chronicle.Complete(Status(up1: false)).Connections[0].Tunnels[tunnel - 1].LastDown?.Cause;

    private IReadOnlyList<GatewayEvent> Events() => _chronicle.Complete(Status(up1: true)).Events;

    private StatusDocument Status(bool up1) =>
        new([new ConnectionStatus(Samples.Id, "up", "static", 2, [], [], [Tunnel(1, up1), Tunnel(2, up: true)])], "kernel", [], 0, true);

    private TunnelStatus Tunnel(int number, bool up) => new(
        number, up ? "up" : "down", _time.GetUtcNow(), "tw", $"198.51.100.{number}",
        new IkeStatus(2, "established", null, 1, 2, NatT: true) { InitiatorSpi = "a" }, new ChildStatus("", 1, 1, 1, 1, 1) { SpiIn = "c0000001" }, null, null, null);
}
