namespace Tunnelwright.EndToEnd;

/// <summary>One lab with static routing and one with BGP, each made when it is first asked for and shared by the tests of a class. Each test begins with an empty gateway.</summary>
public sealed class StandingLab : IAsyncLifetime
{
    private TestLab? _static;
    private TestLab? _bgp;

    /// <summary>A lab with static routing whose gateway is empty.</summary>
    public async Task<TestLab> StaticAsync() => await EmptyAsync(_static ??= await TestLab.UpAsync("--routing", "static"));

    /// <summary>A lab with BGP whose gateway is empty.</summary>
    public async Task<TestLab> BgpAsync() => await EmptyAsync(_bgp ??= await TestLab.UpAsync("--routing", "bgp", "--ike", "1"));

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_static is not null) await _static.DisposeAsync();
        if (_bgp is not null) await _bgp.DisposeAsync();
    }

    private static async Task<TestLab> EmptyAsync(TestLab lab)
    {
        await lab.EmptyAsync();
        return lab;
    }
}
