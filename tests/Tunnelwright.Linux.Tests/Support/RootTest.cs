namespace Tunnelwright.Linux.Tests;

/// <summary>A test that needs root; each gets folders and namespaces of its own, which go with it.</summary>
public abstract class RootTest : IAsyncLifetime
{
    private readonly List<string> _namespaces = [];

    protected string Folder { get; private set; } = "";

    public virtual ValueTask InitializeAsync()
    {
        Assert.SkipUnless(RootCheck.IsRoot, "This test makes network namespaces and needs root.");
        Folder = TestHost.NewFolder();
        return ValueTask.CompletedTask;
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var name in _namespaces)
            await NetworkNamespace.DeleteAsync(name);
        if (Folder.Length > 0)
            Directory.Delete(Folder, recursive: true);
    }

    protected async Task<NetworkNamespace> NewNamespaceAsync()
    {
        var name = TestHost.NewName();
        _namespaces.Add(name);
        return await NetworkNamespace.CreateAsync(name);
    }

    /// <summary>Two namespaces with a veth pair: left 10.0.0.1/24 on "left", right 10.0.0.2/24 on "right".</summary>
    protected async Task<(NetworkNamespace Left, NetworkNamespace Right)> NewPairAsync()
    {
        var left = await NewNamespaceAsync();
        var right = await NewNamespaceAsync();
        await new IpTool(left).EnsureLinkAsync(new VethLinkSpec("left", "right", right));
        await new IpTool(left).EnsureAddressAsync("left", "10.0.0.1/24");
        await new IpTool(right).BatchAsync(
            [IpArguments.ReplaceAddress("right", "10.0.0.2/24"), IpArguments.SetLink("right", new LinkChange { Up = true })]);
        return (left, right);
    }
}
