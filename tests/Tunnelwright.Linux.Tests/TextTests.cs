namespace Tunnelwright.Linux.Tests;

public sealed class TextTests
{
    [Theory]
    [InlineData("default", "default")]
    [InlineData("0.0.0.0/0", "default")]
    [InlineData("::/0", "::/0")]
    [InlineData("10.1.2.3", "10.1.2.3/32")]
    [InlineData("10.1.2.3/8", "10.0.0.0/8")]
    [InlineData("10.1.2.3/31", "10.1.2.2/31")]
    [InlineData("2001:DB8:0:0::1/64", "2001:db8::/64")]
    [InlineData("fe80::1", "fe80::1/128")]
    public void Destinations_have_one_text(string given, string expected) => Assert.Equal(expected, new Route(given).Destination);

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("10.1/16")]
    [InlineData("010.0.0.1")]
    [InlineData("10.0.0.1/33")]
    [InlineData("10.0.0.1/-1")]
    [InlineData("10.0.0.1/+1")]
    [InlineData("10.0.0.1/")]
    [InlineData("10.0.0.1/8/8")]
    [InlineData("::1/129")]
    [InlineData("-n")]
    public void What_is_no_prefix_is_refused(string given) => Assert.Throws<ArgumentException>(() => new Route(given));

    [Fact]
    public void Equal_routes_are_equal_however_they_were_written()
    {
        var one = new Route("10.1.2.3/16") { Gateway = "10.0.0.2", NextHops = [new NextHop("10.0.0.3", "v0")] };
        var two = new Route("10.1.0.0/16") { Gateway = "10.0.0.2", NextHops = [new NextHop("10.0.0.3", "v0")] };
        Assert.Equal(one, two);
        Assert.Equal(one.GetHashCode(), two.GetHashCode());
        Assert.NotEqual(one, two with { Metric = 1 });
        Assert.NotEqual(one, two with { NextHops = [] });
        Assert.Equal(
            new RoutingRule { Priority = 1, From = "0.0.0.0/0", To = "10.4.0.1", Table = 7 },
            new RoutingRule { Priority = 1, To = "10.4.0.1/32", Table = 7 });
    }

    [Theory]
    [InlineData("")]
    [InlineData("sixteen-letters-")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a#b")]
    [InlineData("a\nb")]
    public void What_cannot_name_a_link_is_refused(string name) => Assert.Throws<ArgumentException>(() => LinkNames.Check(name));

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("-all")]
    [InlineData("a\0b")]
    public void What_cannot_name_a_namespace_is_refused(string name) => Assert.Throws<ArgumentException>(() => new NetworkNamespace(name));

    [Fact]
    public void Batch_lines_quote_what_needs_it()
    {
        Assert.Equal("link set dev v0 alias \"a b\"", IpTool.BatchLine(["link", "set", "dev", "v0", "alias", "a b"]));
        Assert.Equal("link set dev v0 alias \"\"", IpTool.BatchLine(["link", "set", "dev", "v0", "alias", ""]));
        foreach (var bad in new[] { "a#b", "a\nlink delete dev eth0", "a\"b", "a\\", "a\0" })
            Assert.Throws<ArgumentException>(() => IpTool.BatchLine(["link", "set", "dev", "v0", "alias", bad]));
    }

    [Theory]
    [InlineData("RTNETLINK answers: File exists\n", "EEXIST", "File exists")]
    [InlineData("Cannot find device \"nope\"\n", "ENODEV", "Cannot find device \"nope\"")]
    [InlineData("Device \"nope\" does not exist.\n", "ENODEV", "Device \"nope\" does not exist.")]
    [InlineData("Error: ipv4: Address already assigned.\n", "EEXIST", "ipv4: Address already assigned.")]
    [InlineData("Error: ipv4: Address not found.\n", "EADDRNOTAVAIL", "ipv4: Address not found.")]
    [InlineData("Error: ipv4: FIB table does not exist.\nDump terminated\n", "ENOENT", "ipv4: FIB table does not exist.")]
    [InlineData("Error: Nexthop has invalid gateway.\n", "ENETUNREACH", "Nexthop has invalid gateway.")]
    [InlineData("Error: argument \"nope\" is wrong: Device does not exist\n\n", "ENODEV", "argument \"nope\" is wrong: Device does not exist")]
    [InlineData("Cannot create namespace file \"/run/netns/x\": File exists\n", "EEXIST", "Cannot create namespace file \"/run/netns/x\": File exists")]
    [InlineData("Error: Could not process rule: No such file or directory\n", "ENOENT", "Could not process rule: No such file or directory")]
    [InlineData("Error: Something new.\n", "", "Something new.")]
    [InlineData("", "", "")]
    public void Words_of_tools_become_errno(string text, string name, string words)
    {
        var (number, read) = KernelErrors.Read(text);
        Assert.Equal(words, read);
        Assert.Equal(name, KernelErrors.NameOf(number));
    }

    [Fact]
    public void Batch_failure_tells_the_line()
    {
        List<string[]> lines = [["link", "set", "lo", "up"], ["link", "set", "nope", "up"]];
        var marked = IpTool.ReadBatchFailure(lines, 1, "Cannot find device \"nope\"\nCommand failed -:2\n");
        Assert.Equal(2, marked.Line);
        Assert.Equal("ENODEV", marked.ErrorName);
        Assert.Contains("line 2 (link set nope up)", marked.Message, StringComparison.Ordinal);
        var byArgument = IpTool.ReadBatchFailure(lines, 255, "Error: argument \"nope\" is wrong: Invalid \"netns\" value\n\n");
        Assert.Equal(2, byArgument.Line);
        var unknown = IpTool.ReadBatchFailure(lines, 255, "something else");
        Assert.Equal(0, unknown.Line);
        Assert.Equal(0, IpTool.ReadBatchFailure(lines, 1, "Command failed -:99999999999999").Line);
        Assert.Equal(0, IpTool.ReadBatchFailure(lines, 1, "Command failed -:77").Line);
    }

    [Theory]
    [InlineData("net.ipv4.ip_forward", "/proc/sys/net/ipv4/ip_forward")]
    [InlineData("net/ipv4/conf/eth0.100/rp_filter", "/proc/sys/net/ipv4/conf/eth0.100/rp_filter")]
    [InlineData("net.ipv4.conf.eth0/100.rp_filter", "/proc/sys/net/ipv4/conf/eth0.100/rp_filter")]
    public void Sysctl_names_become_paths(string name, string path) => Assert.Equal(path, Sysctl.PathOf(name));

    [Theory]
    [InlineData("net/../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("net..ipv4")]
    [InlineData("net.ipv4.conf./.rp_filter/..")]
    [InlineData("..")]
    public void Sysctl_names_cannot_leave_their_folder(string name)
    {
        try
        {
            var path = Sysctl.PathOf(name);
            Assert.StartsWith("/proc/sys/", Path.GetFullPath(path), StringComparison.Ordinal);
            Assert.Equal(path, Path.GetFullPath(path));
        }
        catch (ArgumentException exception)
        {
            Assert.Contains(name, exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Process_status_is_read_with_any_name()
    {
        var fields = string.Join(' ', Enumerable.Range(4, 49));
        var read = ProcessStatistics.Parse(7, $"7 (a) b (c d) S {fields}\n");
        Assert.NotNull(read);
        Assert.Equal("a) b (c d", read.Name);
        Assert.Equal('S', read.State);
        Assert.Equal(6, read.Session);
        Assert.Equal(22, read.StartTime);
        Assert.Equal(24L * Environment.SystemPageSize, read.ResidentBytes);
        foreach (var bad in new[] { "", "7", "7 (a", "7 a) S", "7 (a) S 1 2 3", "7 )a( S" })
            Assert.Null(ProcessStatistics.Parse(7, bad));
    }

    [Fact]
    public void Udp_table_is_read()
    {
        const string Text = """
               sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
              430: 0100007F:01F4 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4711 2 0000000000000000 0
              431: 00000000000000000000000001000000:1194 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 4712 2 0 0
              432: XX00007F:01F4 00000000:0000 07 0:0 00:0 0 0 0 1 2
              433: 0100007F
            """;
        var read = LocalPorts.Parse(Text).ToList();
        Assert.Equal(["127.0.0.1:500", "[::1]:4500"], read.Select(entry => entry.EndPoint.ToString()));
        Assert.Equal([4711L, 4712L], read.Select(entry => entry.Inode));
        Assert.Equal(["07", "07"], read.Select(entry => entry.State));
    }

    [Fact]
    public void Complaints_of_nft_tell_line_and_column()
    {
        var read = NftablesException.Read("x", "/dev/stdin:2:17-23: Error: Could not process rule: No such file or directory\nadd rule\n   ^^^\n", 1);
        Assert.Equal((2, 17, "ENOENT"), (read.Line, read.Column, read.ErrorName));
        Assert.Equal("x: line 2: Could not process rule: No such file or directory", read.Message);
        var without = NftablesException.Read("x", "Error: No such file or directory\nlist table inet nope\n  ^^^^\n", 1);
        Assert.Equal((0, 0, "ENOENT"), (without.Line, without.Column, without.ErrorName));
        Assert.Contains("status 1", NftablesException.Read("x", "", 1).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Checksum_is_that_of_the_rfc()
    {
        // RFC 1071, section 3: the sum of these bytes is ddf2, its complement 220d.
        Assert.Equal(0x220d, IcmpMessage.Checksum([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]));
        Assert.Equal(0xfeff, IcmpMessage.Checksum([0x01]) & 0xffff);
    }
}
