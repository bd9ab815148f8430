using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Gateway;

/// <summary>
/// Real traffic through one tunnel: an echo request to each of the cloud's DNS servers every five seconds, so that an endpoint that closes a
/// tunnel after ten idle seconds, and does not count what goes to itself, never does. What becomes of them is of no interest.
/// </summary>
internal sealed class KeepAlive : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _work;

    /// <summary>Starts to send.</summary>
    /// <param name="device">The tunnel's interface.</param>
    /// <param name="source">The host's address in the registered ranges; without one, its inside address.</param>
    /// <param name="servers">The cloud's DNS servers.</param>
    /// <param name="time">The clock.</param>
    public KeepAlive(string device, Ipv4Address source, ValueList<Ipv4Address> servers, TimeProvider time)
    {
        (Device, Source, Servers) = (device, source, servers);
        _work = Task.Run(() => SendAsync(time, _stopping.Token), CancellationToken.None);
    }

    /// <summary>The tunnel's interface.</summary>
    public string Device { get; }

    /// <summary>Where the requests come from.</summary>
    public Ipv4Address Source { get; }

    /// <summary>Where they go.</summary>
    public ValueList<Ipv4Address> Servers { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _work;
        _stopping.Dispose();
    }

    private async Task SendAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var probe = await EchoProbe.OpenAsync(NetworkNamespace.Current, new EchoOptions { Source = Source.ToIPAddress(), Device = Device }, time);
                while (true)
                {
                    // The next ones go out in time, also when nothing answers: answers may come through another tunnel.
                    await Task.WhenAll(Servers.Select(server => (Task)probe.SendAsync(server.ToIPAddress(), Interval / 2, cancellationToken)).Append(Task.Delay(Interval, time, cancellationToken)));
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (KernelException)
            {
                // The interface or the address is gone for now: the engine brings it back.
                await Task.WhenAny(Task.Delay(Interval, time, cancellationToken));
            }
        }
    }
}
