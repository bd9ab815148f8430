using System.Globalization;
using System.Text.RegularExpressions;

namespace Tunnelwright.Gateway.Tests;

/// <summary>charon's configuration and what keeps the instances of one host apart.</summary>
public sealed partial class CharonInstanceTests
{
    private static readonly IReadOnlyList<CharonInstance> All = [.. Enumerable.Range(0, CharonInstance.MaximumSlots).Select(slot => new CharonInstance("default", slot, Userspace: true))];

    [Fact]
    public void Slots_share_no_port_table_rule_mark_or_folder()
    {
        Assert.Equal(2 * All.Count, All.SelectMany(instance => new[] { instance.IkePort, instance.NatPort }).Distinct().Count());
        Assert.All(All, instance => Assert.InRange(instance.NatPort, 1, 65535));
        Assert.Equal(All.Count, All.Select(instance => instance.Folder).Distinct().Count());
        foreach (var setting in new[] { "routing_table", "routing_table_prio", "fwmark", "port", "port_nat_t" })
            Assert.Equal(All.Count, All.Select(instance => Value(instance, setting)).Distinct().Count());
    }

    [Fact]
    public void The_first_slot_owns_the_wellknown_ports()
    {
        Assert.Equal((500, 4500), (All[0].IkePort, All[0].NatPort));
        Assert.Equal("500", Value(All[0], "port"));
        Assert.Equal("4500", Value(All[0], "port_nat_t"));
    }

    [Fact]
    public void No_instance_uses_a_table_or_rule_of_the_system()
    {
        foreach (var instance in All)
        {
            Assert.InRange(int.Parse(Value(instance, "routing_table"), CultureInfo.InvariantCulture), 1000, int.MaxValue);

            // Behind the main table's rule (32766), so that a route of ours never goes before the host's own.
            Assert.InRange(int.Parse(Value(instance, "routing_table_prio"), CultureInfo.InvariantCulture), 32768, int.MaxValue);
        }
    }

    [Fact]
    public void The_kernel_plane_has_no_userspace_plugin_and_no_table()
    {
        var instance = new CharonInstance("default", 0, Userspace: false);
        Assert.DoesNotContain("libipsec", instance.Configuration(), StringComparison.Ordinal);
        Assert.DoesNotContain("fwmark", instance.Configuration(), StringComparison.Ordinal);
        Assert.Equal("0", Value(instance, "routing_table"));
        Assert.Contains("kernel-libipsec kernel-netlink", All[1].Configuration(), StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_are_the_instances_own()
    {
        var instance = new CharonInstance("berlin", 3, Userspace: true);
        var text = instance.Configuration();
        Assert.Contains($"unix://{instance.ViciSocket}", text, StringComparison.Ordinal);
        Assert.Contains($"path = {instance.LogFile}", text, StringComparison.Ordinal);
        Assert.StartsWith("/run/tunnelwright/berlin/", instance.Folder, StringComparison.Ordinal);

        // A Unix socket's path has at most 107 bytes (unix(7)), also for the longest name.
        Assert.InRange(new CharonInstance(new string('x', 24), 63, true).ViciSocket.Length, 1, 107);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(63, true)]
    public void Braces_are_balanced_and_every_setting_stands_in_a_line(int slot, bool userspace)
    {
        var depth = 0;
        foreach (var c in new CharonInstance("default", slot, userspace).Configuration())
        {
            if (c == '{') depth++;
            if (c == '}') depth--;
            Assert.True(depth >= 0);
        }

        Assert.Equal(0, depth);
        foreach (var line in new CharonInstance("default", slot, userspace).Configuration().Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
            Assert.Matches(Setting(), line);
    }

    private static string Value(CharonInstance instance, string name)
    {
        var match = Regex.Match(instance.Configuration(), $@"\b{name} = (?<value>\S+)", RegexOptions.None, TimeSpan.FromSeconds(1));
        Assert.True(match.Success, $"slot {instance.Slot} has no {name}");
        return match.Groups["value"].Value;
    }

    [GeneratedRegex(@"^(?:[a-z0-9_]+ = \S.*|[a-z_-]+ \{|\}|[a-z-]+ \{ [a-z_]+ = \S+ \})$", RegexOptions.None, 1000)]
    private static partial Regex Setting();
}
