using System.Net;
using Tunnelwright.Ike;

namespace Tunnelwright.Onboard;

/// <summary>
/// An outside address, asked from the customer's gateway until it answers. A question that leaves nothing behind goes out every few milliseconds, whatever became of
/// those before; the first whose offer was taken is followed by a whole IKE_SA_INIT, and with the answer to that the endpoint answers IKE.
/// </summary>
internal sealed class Endpoint(IPAddress address)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>UDP 500 and IKEv2 alone: what the connection is asked with.</summary>
    private static readonly IkeProbeOptions Whole = new() { Ports = [IkeProbePort.Ike], Versions = [2], Pace = TimeSpan.Zero, Timeout = TimeSpan.FromSeconds(1) };

    private static readonly IkeProbeOptions Question = Whole with { LeavesNothing = true };

    /// <summary>Waits until a whole first exchange has come to its end.</summary>
    /// <exception cref="TimeoutException">It did not within a minute.</exception>
    public async Task AnswersAsync()
    {
        using var stop = new CancellationTokenSource(Patience);
        var asked = new List<Task>();
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            while (!taken.Task.IsCompleted)
            {
                asked.Add(AskAsync(taken, stop.Token));
                await Task.WhenAny(taken.Task, Task.Delay(Pause, stop.Token));
                stop.Token.ThrowIfCancellationRequested();
            }

            while (!(await IkeProbe.RunAsync(address, Whole, cancellationToken: stop.Token)).IsAccepted) await Task.Delay(Pause, stop.Token);
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException($"{address} did not answer IKE within {Patience.TotalSeconds:0} s.", late);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(asked);
        }
    }

    private async Task AskAsync(TaskCompletionSource taken, CancellationToken cancellationToken)
    {
        try
        {
            if ((await IkeProbe.RunAsync(address, Question, cancellationToken: cancellationToken)).IsAccepted) taken.TrySetResult();
        }
        catch (OperationCanceledException)
        {
            // Another question was answered first.
        }
    }
}
