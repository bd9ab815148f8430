using Tunnelwright.Vici.Tests.Fake;

namespace Tunnelwright.Vici.Tests.Client;

/// <summary>What tests against the fake daemon share.</summary>
internal static class FakeTests
{
    /// <summary>A test that takes longer than this hangs.</summary>
    public const int Limit = 60_000;

    public static ViciClientOptions Options => new() { RequestTimeout = TimeSpan.FromSeconds(20), ConnectTimeout = TimeSpan.FromSeconds(20) };

    /// <summary>A daemon that answers each request with its own name.</summary>
    public static FakeDaemon Echo() => new(connection =>
        connection.AnswerAsync(packet => connection.RespondAsync(new ViciSection { { "command", packet.Name } })));

    public static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; !condition(); i++)
        {
            Assert.True(i < 2000, "It did not happen within 20 s.");
            await Task.Delay(10);
        }
    }

    public static async Task<List<T>> ToListAsync<T>(IAsyncEnumerable<T> source)
    {
        var list = new List<T>();
        await foreach (var item in source)
            list.Add(item);
        return list;
    }
}
