using System.Text;

namespace Tunnelwright.Vici.Tests.Charon;

/// <summary>The two ends of one test tunnel.</summary>
internal sealed record TunnelConfiguration(string Name)
{
    public int Version { get; init; } = 2;

    public string ResponderSelector { get; init; } = "10.91.2.0/24";

    public string ResponderSecret { get; init; } = "correct-horse";

    private string LeftId => $"left.{Name}.example";

    private string RightId => $"right.{Name}.example";

    public string Child => $"{Name}-net";

    public ViciSection Section(bool left)
    {
        var child = new ViciSection
        {
            { "local_ts", [left ? "10.91.1.0/24" : ResponderSelector] },
            { "remote_ts", [left ? "10.91.2.0/24" : "10.91.1.0/24"] },
            { "esp_proposals", ["aes128-sha256-modp2048", "aes128-sha256"] },
            { "rekey_time", 3000 },
            { "life_time", 3600 },
            { "dpd_action", "clear" },
            { "close_action", "none" },
        };
        return new ViciSection
        {
            { "version", Version },
            { "local_addrs", [left ? CharonPair.LeftAddress : CharonPair.RightAddress] },
            { "remote_addrs", [left ? CharonPair.RightAddress : CharonPair.LeftAddress] },
            { "proposals", ["aes256-sha256-modp2048"] },
            { "mobike", false },
            { "dpd_delay", 30 },
            { "rekey_time", 7200 },
            { "local", new ViciSection { { "auth", "psk" }, { "id", left ? LeftId : RightId } } },
            { "remote", new ViciSection { { "auth", "psk" }, { "id", left ? RightId : LeftId } } },
            { "children", new ViciSection { { Child, child } } },
        };
    }

    /// <summary>Loads both ends and their keys.</summary>
    public async Task LoadAsync(CharonPair pair)
    {
        await pair.Left.Client.LoadSharedAsync(
            ViciSharedKeyType.Ike, Encoding.ASCII.GetBytes("correct-horse"), [RightId], $"{Name}-psk");
        await pair.Right.Client.LoadSharedAsync(
            ViciSharedKeyType.Ike, Encoding.ASCII.GetBytes(ResponderSecret), [LeftId], $"{Name}-psk");
        await pair.Left.Client.LoadConnectionAsync(Name, Section(left: true));
        await pair.Right.Client.LoadConnectionAsync(Name, Section(left: false));
    }

    public Task BringUpAsync(CharonPair pair) =>
        pair.Left.Client.InitiateAsync(new InitiateRequest { Child = Child, Ike = Name, Timeout = TimeSpan.FromSeconds(30) });

    /// <summary>Takes both ends away again, whatever state they are in.</summary>
    public async Task UnloadAsync(CharonPair pair)
    {
        foreach (var client in new[] { pair.Left.Client, pair.Right.Client })
        {
            await IgnoreRefusalAsync(client.UnloadConnectionAsync(Name));
            await IgnoreRefusalAsync(client.TerminateAsync(new TerminateRequest { Ike = Name, Force = true, Timeout = TimeSpan.FromSeconds(1) }));
            await client.UnloadSharedAsync($"{Name}-psk");
        }
    }

    private static async Task IgnoreRefusalAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (ViciCommandFailedException)
        {
            // There was nothing to take away.
        }
    }
}
