using System.Net;
using Tunnelwright.Linux;

namespace Tunnelwright.Doctor;

/// <summary>What became of a number of echo requests.</summary>
/// <param name="Sent">Requests that left.</param>
/// <param name="Answered">Answers.</param>
/// <param name="RoundTripMilliseconds">The shortest round trip; null without an answer.</param>
/// <param name="Error">An ICMP error that came back; null when none did.</param>
/// <param name="Refusal">Why the kernel sent nothing; null when it did.</param>
internal sealed record EchoSample(int Sent, int Answered, double? RoundTripMilliseconds, IcmpError? Error, string? Refusal)
{
    /// <summary>Share that was not answered, 0 to 1.</summary>
    public double Loss => Sent == 0 ? 1 : 1 - (Answered / (double)Sent);

    public bool IsSilent => Answered == 0;

    /// <summary>Sends requests at a steady pace and waits for the answers.</summary>
    /// <param name="destination">Who is asked.</param>
    /// <param name="options">How; null means the defaults.</param>
    /// <param name="count">How many.</param>
    /// <param name="pace">Between two requests.</param>
    /// <param name="patience">How long the last answer is waited for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KernelException">No raw socket, no such device or source.</exception>
    public static async Task<EchoSample> TakeAsync(IPAddress destination, EchoOptions? options, int count, TimeSpan pace, TimeSpan patience, CancellationToken cancellationToken)
    {
        await using var probe = await EchoProbe.OpenAsync(NetworkNamespace.Current, options);
        var pending = new List<Task<EchoOutcome>>(count);
        for (var sent = 0; sent < count; sent++)
        {
            if (sent > 0) await Task.Delay(pace, cancellationToken);
            pending.Add(probe.ProbeAsync(destination, patience, cancellationToken));
        }

        var outcomes = await Task.WhenAll(pending);
        var replies = outcomes.Select(outcome => outcome.Reply).OfType<EchoReply>().ToList();
        return new EchoSample(
            outcomes.Count(outcome => outcome.Refusal is null),
            replies.Count,
            replies.Count > 0 ? replies.Min(reply => reply.RoundTrip.TotalMilliseconds) : null,
            outcomes.Select(outcome => outcome.Error).FirstOrDefault(error => error is not null),
            replies.Count == 0 ? outcomes.Select(outcome => outcome.Refusal?.Words).FirstOrDefault(words => words is not null) : null);
    }

    public string Describe() => this switch
    {
        { Refusal: { } words } => $"not sent: {words}",
        { Error: { } error, Answered: 0 } => $"{error.From} answers ICMP {Words(error)}",
        { Answered: 0 } => $"none of {Sent} answered",
        _ => $"{Answered} of {Sent} answered, {RoundTripMilliseconds:0.0} ms",
    };

    public static string Words(IcmpError error) => (error.Type, error.Code) switch
    {
        (3, 0) => "network unreachable",
        (3, 1) => "host unreachable",
        (3, 3) => "port unreachable",
        (3, 4) => "fragmentation needed",
        (3, 9 or 10 or 13) => "administratively prohibited",
        (11, _) => "time exceeded",
        _ => $"type {error.Type} code {error.Code}",
    };
}
