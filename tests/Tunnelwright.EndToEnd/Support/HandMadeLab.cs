namespace Tunnelwright.EndToEnd;

/// <summary>Labs whose customer's gateways are set up by hand, each made when it is first asked for.</summary>
public sealed class HandMadeLab : IAsyncLifetime
{
    private TestLab? _lab;
    private TestLab? _bgp;

    /// <summary>The lab with static routing, its gateway empty.</summary>
    public async Task<TestLab> LabAsync() => _lab ??= await TestLab.UpAsync("--routing", "static", "--ike", "2");

    /// <summary>The lab with BGP, its gateway empty.</summary>
    public async Task<TestLab> BgpLabAsync() => _bgp ??= await TestLab.UpAsync("--routing", "bgp", "--ike", "2");

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_lab is not null) await _lab.DisposeAsync();
        if (_bgp is not null) await _bgp.DisposeAsync();
    }
}
