using Tunnelwright.Linux;

namespace Tunnelwright.Gateway.Tests;

/// <summary>The host's settings from before are kept until they are set back.</summary>
public sealed class HostBeforeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tunnelwright-test-").FullName;
    private readonly GatewayPaths _paths;

    public HostBeforeTests()
    {
        // The state folder of a gateway lies below /run/tunnelwright; this name leads to a folder of the test's own.
        _paths = new GatewayPaths($"../..{_folder}");
        Assert.Equal(_folder, Path.GetFullPath(_paths.StateFolder));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_first_value_stands()
    {
        HostBefore.Remember(_paths, "net.ipv4.ip_forward", "0");
        HostBefore.Remember(_paths, "net.ipv4.ip_forward", "1");
        HostBefore.Remember(_paths, "net.core.rmem_max", "212992 with words");
        Assert.Equal(["net.core.rmem_max 212992 with words", "net.ipv4.ip_forward 0"], File.ReadAllLines(_paths.HostBefore).Order(StringComparer.Ordinal));
        Assert.Equal(AtomicFile.OwnerOnly, File.GetUnixFileMode(Path.GetFullPath(_paths.HostBefore)));
    }

    [Fact]
    public void Nothing_noted_is_nothing_to_set_back()
    {
        HostBefore.Restore(_paths, new Sysctl(NetworkNamespace.Current));
        Assert.False(File.Exists(_paths.HostBefore));
    }

    [Fact]
    public void What_cannot_be_set_back_stays_noted()
    {
        HostBefore.Remember(_paths, "net.ipv4.no_such_setting", "0");
        Assert.Throws<KernelException>(() => HostBefore.Restore(_paths, new Sysctl(NetworkNamespace.Current)));
        Assert.True(File.Exists(_paths.HostBefore));
    }

    [Fact]
    public void Lines_that_say_nothing_are_passed_over()
    {
        File.WriteAllText(Path.GetFullPath(_paths.HostBefore), "\nnonsense\n");
        HostBefore.Restore(_paths, new Sysctl(NetworkNamespace.Current));
        Assert.False(File.Exists(Path.GetFullPath(_paths.HostBefore)));
    }
}
