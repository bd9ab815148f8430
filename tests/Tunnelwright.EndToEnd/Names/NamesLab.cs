using System.Text.Json;
using System.Text.Json.Nodes;
using Tunnelwright.Gateway;
using Tunnelwright.Lab;

namespace Tunnelwright.EndToEnd.Names;

/// <summary>A lab whose gateway answers DNS, for the tests of a class.</summary>
public sealed class NamesLab : IAsyncLifetime
{
    /// <summary>The gateway's address that clients ask.</summary>
    public const string Forwarder = "10.1.0.1";

    /// <summary>What up is told about names.</summary>
    public static readonly string[] Options =
    [
        "--cloud-dns", "10.8.2.2,10.8.2.3", "--dns-listen", Forwarder, "--dns-domain", $"{LabNames.CloudDomain},{LabNames.DatabaseDomain}", "--dns-upstream", $"{LabAddresses.PublicDns}",
    ];

    private TestLab? _lab;

    /// <summary>The lab.</summary>
    public TestLab Lab => _lab!;

    /// <summary>A client in the customer's network that asks the gateway.</summary>
    internal Asker Client => new(Lab, "customer-host", Forwarder);

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _lab = await TestLab.UpAsync();
        await _lab.BringUpAsync(Options);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_lab is not null) await _lab.DisposeAsync();
    }

    /// <summary>The forwarder as status tells it.</summary>
    public async Task<JsonNode> StatusAsync()
    {
        var document = (await Lab.StatusAsync()).Document;
        return JsonSerializer.SerializeToNode(document, GatewayJson.Default.StatusDocument)!["dns"] ?? throw new InvalidOperationException("no forwarder in the status");
    }

    /// <summary>The forwarder's process ids on the gateway.</summary>
    public async Task<IReadOnlyList<int>> ProcessesAsync() => [.. (await Lab.ProcessesAsync()).Where(process => process.Name == "tunnelwrightdns").Select(process => process.Pid)];

    /// <summary>Waits until tunnels and servers are up.</summary>
    public Task ReadyAsync() => Eventually.HoldsAsync(
        "tunnels and servers are up", TimeSpan.FromSeconds(TestMachine.IsGuest ? 180 : 90), async () => (await Lab.StatusAsync()).Connection.State == "up" && (await StatusAsync())["state"]!.GetValue<string>() == "up");
}
