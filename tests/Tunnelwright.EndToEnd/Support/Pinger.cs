using System.Globalization;

namespace Tunnelwright.EndToEnd;

/// <summary>Echo requests, one after the other, while something is done to the network.</summary>
internal sealed class Pinger : IAsyncDisposable
{
    private readonly Background _ping;

    private Pinger(Background ping) => _ping = ping;

    /// <summary>Starts to send and waits for the first answer.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="from">The host that sends.</param>
    /// <param name="to">The address, and options of ping(8) before it.</param>
    public static async Task<Pinger> StartAsync(TestLab lab, string from, params string[] to)
    {
        var pinger = new Pinger(lab.Start(from, ["ping", "-n", "-i", TestMachine.IsGuest ? "0.2" : "0.05", .. to]));
        await Eventually.HoldsAsync($"{from} has an answer from {to[^1]}", TimeSpan.FromSeconds(30), () => pinger.Answered.Count > 0);
        return pinger;
    }

    /// <summary>The numbers of the requests that were answered.</summary>
    public IReadOnlyList<int> Answered =>
    [
        .. _ping.Output.Split('\n').Select(line => line.Split("icmp_seq=")).Where(parts => parts.Length == 2 && parts[0].Contains("bytes from", StringComparison.Ordinal))
            .Select(parts => int.Parse(parts[1].Split(' ')[0], CultureInfo.InvariantCulture)),
    ];

    /// <summary>Requests between the first and the last answer that had none themselves; waits for some answers first, so that the end is seen.</summary>
    public async Task<int> LostAsync()
    {
        var sofar = Answered.Count;
        await Eventually.HoldsAsync("answers go on", TimeSpan.FromSeconds(30), () => Answered.Count >= sofar + 3);
        var numbers = Answered;
        return numbers[^1] - numbers[0] + 1 - numbers.Distinct().Count();
    }

    public ValueTask DisposeAsync() => _ping.DisposeAsync();
}
