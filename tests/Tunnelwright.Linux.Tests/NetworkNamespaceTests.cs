using System.Net.NetworkInformation;

namespace Tunnelwright.Linux.Tests;

public sealed class NetworkNamespaceTests : RootTest
{
    [Fact]
    public async Task Making_and_deleting_can_be_repeated()
    {
        var made = await NewNamespaceAsync();
        var name = made.Name!;
        Assert.Equal(made, await NetworkNamespace.CreateAsync(name));
        Assert.True(made.Exists);
        Assert.Contains(name, await NetworkNamespace.ListAsync());
        var loopback = Assert.Single(await new IpTool(made).GetLinksAsync());
        Assert.Equal(("lo", true), (loopback.Name, loopback.Up));

        await NetworkNamespace.DeleteAsync(name);
        await NetworkNamespace.DeleteAsync(name);
        Assert.False(made.Exists);
        Assert.DoesNotContain(name, await NetworkNamespace.ListAsync());
    }

    [Fact]
    public async Task Processes_inside_are_found_and_many_names_are_taken_away_at_once()
    {
        var (made, other) = (await NewNamespaceAsync(), await NewNamespaceAsync());
        Assert.Empty(NetworkNamespace.ProcessesIn([made.Name!, "twt-absent"]));
        var sleeper = made.RunCommandAsync("sleep", ["3"]);
        while (!sleeper.IsCompleted && NetworkNamespace.ProcessesIn([made.Name!]).Count == 0) await Task.Delay(5);
        var pid = Assert.Single(NetworkNamespace.ProcessesIn([made.Name!, other.Name!]));
        Assert.Equal(await made.RunInsideAsync(() => ProcFiles.LinkTarget("/proc/thread-self/ns/net")), ProcFiles.LinkTarget($"/proc/{pid}/ns/net"));
        Assert.Empty(NetworkNamespace.ProcessesIn([other.Name!]));
        await sleeper;

        await NetworkNamespace.DeleteAsync([made.Name!, "twt-absent", other.Name!]);
        Assert.False(made.Exists || other.Exists);
    }

    [Fact]
    public async Task A_file_without_a_namespace_is_replaced()
    {
        var made = await NewNamespaceAsync();
        await NetworkNamespace.DeleteAsync(made.Name!);
        AtomicFile.Write($"/run/netns/{made.Name}", "");
        await NetworkNamespace.CreateAsync(made.Name!);
        Assert.Single(await new IpTool(made).GetLinksAsync());
    }

    [Fact]
    public async Task Work_runs_inside_and_ours_stays_outside()
    {
        var made = await NewNamespaceAsync();
        var before = ProcFiles.LinkTarget("/proc/thread-self/ns/net");
        var inside = await made.RunInsideAsync(() => ProcFiles.LinkTarget("/proc/thread-self/ns/net"));
        Assert.NotEqual(before, inside);
        Assert.Equal(before, ProcFiles.LinkTarget("/proc/thread-self/ns/net"));
        Assert.Equal(before, await NetworkNamespace.Current.RunInsideAsync(() => ProcFiles.LinkTarget("/proc/thread-self/ns/net")));
        Assert.Equal(["lo"], await made.RunInsideAsync(() => NetworkInterface.GetAllNetworkInterfaces().Select(one => one.Name).ToArray()));
    }

    [Fact]
    public async Task Errors_and_cancellations_of_the_work_come_out_as_they_are()
    {
        var made = await NewNamespaceAsync();
        await Assert.ThrowsAsync<FormatException>(() => made.RunInsideAsync(() => throw new FormatException()));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => made.RunInsideAsync(() => throw new OperationCanceledException()));
        var absent = await Assert.ThrowsAsync<KernelException>(() => new NetworkNamespace("twt-absent").RunInsideAsync(() => 1));
        Assert.Equal("ENOENT", absent.ErrorName);
    }

    [Fact]
    public async Task A_command_runs_inside()
    {
        var made = await NewNamespaceAsync();
        var result = await made.RunCommandAsync("readlink", ["/proc/self/ns/net"]);
        Assert.Equal(await made.RunInsideAsync(() => ProcFiles.LinkTarget("/proc/thread-self/ns/net")), result.Output.Trim());
    }

    [Fact]
    public async Task A_setting_changes_in_its_namespace_only()
    {
        var made = await NewNamespaceAsync();
        const string Name = "net.ipv4.conf.all.rp_filter";
        var host = new Sysctl(NetworkNamespace.Current);
        var own = new Sysctl(made);
        var before = host.Get(Name);
        var other = before == "2" ? "1" : "2";
        own.Set(Name, other);
        Assert.Equal(other, own.Get(Name));
        Assert.Equal(before, host.Get(Name));
    }

    [Fact]
    public async Task A_setting_of_a_link_with_a_dot_has_two_ways_to_say_it()
    {
        var made = await NewNamespaceAsync();
        await new IpTool(made).EnsureLinkAsync(new VethLinkSpec("v.100", "w.100"));
        var settings = new Sysctl(made);
        settings.Set("net/ipv4/conf/v.100/rp_filter", "2");
        Assert.Equal("2", settings.Get("net.ipv4.conf.v/100.rp_filter"));
        settings.Set([new("net.ipv4.ip_forward", "1"), new("net.ipv4.conf.v/100.rp_filter", "0")]);
        Assert.Equal(("1", "0"), (settings.Get("net.ipv4.ip_forward"), settings.Get("net/ipv4/conf/v.100/rp_filter")));
    }

    [Fact]
    public async Task What_cannot_be_set_is_told_with_errno()
    {
        var settings = new Sysctl(await NewNamespaceAsync());
        Assert.Equal("ENOENT", Assert.Throws<KernelException>(() => settings.Get("net.ipv4.nope")).ErrorName);
        Assert.Null(settings.TryGet("net.ipv4.nope"));
        Assert.Equal("ENOENT", Assert.Throws<KernelException>(() => settings.Set("net.ipv4.nope", "1")).ErrorName);
        Assert.Equal("EINVAL", Assert.Throws<KernelException>(() => settings.Set("net.ipv4.ip_forward", "maybe")).ErrorName);
        Assert.Equal("EACCES", Assert.Throws<KernelException>(() => settings.Set("kernel.osrelease", "1")).ErrorName);
        Assert.Equal("ENOENT", Assert.Throws<KernelException>(() => new Sysctl(new NetworkNamespace("twt-absent")).Get("net.ipv4.ip_forward")).ErrorName);
    }
}
