using System.Diagnostics;
using System.Text;
using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

/// <summary>Input that was made to hurt: it ends in one clear error, in little time and memory.</summary>
public sealed class HostileInputTests
{
    private static readonly string Xml = XmlConfigurationWriter.Write(Connections.Ordinary());

    [Fact]
    public void Entities_are_not_expanded()
    {
        var types = new StringBuilder("<!DOCTYPE vpn_connection [\n<!ENTITY a0 \"ha\">\n");
        for (var level = 1; level <= 20; level++) types.Append($"<!ENTITY a{level} \"&a{level - 1};&a{level - 1};&a{level - 1};&a{level - 1};&a{level - 1};&a{level - 1};&a{level - 1};&a{level - 1};&a{level - 1};&a{level - 1};\">\n");
        Refused(Xml.WithFirst("<vpn_connection ", types + "]>\n<vpn_connection ").Replace("main", "&a20;"));
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://127.0.0.1:9/secret")]
    public void External_entities_are_not_fetched(string address)
    {
        var result = Refused(Xml.WithFirst("<vpn_connection ", $"<!DOCTYPE vpn_connection [<!ENTITY outside SYSTEM \"{address}\">]>\n<vpn_connection ").Replace("main", "&outside;"));
        Assert.DoesNotContain(result.Problems, problem => problem.Message.Contains("root:", StringComparison.Ordinal));
    }

    [Fact]
    public void An_external_document_type_is_refused() =>
        Refused(Xml.WithFirst("<vpn_connection ", "<!DOCTYPE vpn_connection SYSTEM \"file:///etc/passwd\">\n<vpn_connection "));

    [Fact]
    public void An_entity_without_a_declaration_is_an_error() => Bounded(Xml.Replace("main", "&nothing;"), "aws-xml");

    [Fact]
    public void Deep_nesting_ends_early()
    {
        Bounded("<vpn_connection id=\"v\">" + string.Concat(Enumerable.Repeat("<a>", 500_000)), "aws-xml");
        Bounded("{\"VpnConnections\":" + new string('[', 2_000_000), "aws-describe-json");
        Bounded("{\"tunnels\":" + string.Concat(Enumerable.Repeat("{\"a\":", 500_000)), "tunnelwright-json");
        Bounded("routing: static\ntunnels: " + new string('[', 500_000), "tunnelwright-yaml");
        Bounded("routing: static\ntunnels:\n" + string.Concat(Enumerable.Range(0, 1000).Select(level => new string(' ', level) + "-\n")), "tunnelwright-yaml");
    }

    [Fact]
    public void A_huge_attribute_or_value_is_cut()
    {
        Bounded($"<vpn_connection id=\"{new string('v', 4_000_000)}\">", "aws-xml");
        Bounded(Xml.Replace("main", new string('m', 4_000_000)), "aws-xml");
        Bounded("<vpn_connection " + string.Concat(Enumerable.Range(0, 200_000).Select(number => $"a{number}=\"1\" ")) + ">", "aws-xml");
    }

    [Fact]
    public void Yaml_aliases_and_tags_are_refused()
    {
        var yaml = ModelDocumentWriter.WriteYaml(Connections.Ordinary());
        foreach (var text in new[]
        {
            "a0: &a0 [x,x,x]\na1: &a1 [*a0,*a0,*a0]\na2: &a2 [*a1,*a1,*a1]\n" + yaml,
            yaml.Replace("routing: bgp", "routing: &r bgp"),
            yaml.Replace("routing: bgp", "routing: !!js/function 'f'"),
            yaml.Replace("routing: bgp", "routing: !System.IO.FileInfo bgp"),
        })
        {
            var result = ProviderFile.Read("id: x\n" + text.Replace("id: vpn-0a1b2c3d4e5f60718\n", ""));
            Assert.Equal("tunnelwright-yaml", result.Format);
            Assert.Null(result.Connection);
            Assert.Equal(Severity.Error, Assert.Single(result.Problems).Severity);
        }
    }

    [Fact]
    public void More_than_8_MiB_is_refused_without_reading_it()
    {
        var bytes = new byte[ProviderFile.MaximumLength + 1];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = ProviderFile.Read(bytes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
        Assert.Null(result.Format);
        Assert.Contains("8 MiB", Assert.Single(result.Problems).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Floods => new()
    {
        { "zeros", "\0" },
        { "blanks", " " },
        { "line ends", "\r" },
        { "quotes", "> " },
        { "colons", ":" },
        { "headings", "IPSec Tunnel #1\n" },
        { "headings of tunnels that are not", "IPSec Tunnel #77\n" },
        { "values without a tunnel", "Lifetime : 1\n" },
        { "values that differ", "IPSec Tunnel #1\nLifetime : 1\nLifetime : 2\n" },
        { "conflicting ids", "Your VPN Connection ID : vpn-1\nYour VPN Connection ID : vpn-2\n" },
        { "ranges", "Registered Ranges : 10.0.0.0/8, 10.0.0.0/9, 10.1.0.0/16, 10.2.0.0/16\nIPSec Tunnel #1\n" },
        { "empty labels", "Pre-Shared Key :\nx\n" },
        { "conn sections", "conn a\n right=1.2.3.4\n" },
        { "secrets", "conn a1\n right=1.2.3.4\n1.2.3.4 : PSK \"abcdefgh\"\n" },
        { "ip commands", "conn a1\n right=1.2.3.4\nip addr add 169.254.1.2/30 remote 169.254.1.1/30 dev a1\n" },
        { "neighbours", "conn a1\n right=1.2.3.4\nneighbor 169.254.1.1 remote-as 1\nrouter bgp 2\n" },
        { "keys of a conn", "conn a1\n right=1.2.3.4\n key1=1\n key2=2\n key3=3\n" },
        { "JSON numbers", "{\"tunnels\":[1,2,3,4,5,6,7,8,9,0,1,2,3,4,5]}\n" },
        { "an endless JSON list", "[\"VpnConnections\",{\"VpnConnectionId\":\"v\"},[],[],[],\n" },
        { "JSON brackets", "[\"tunnels\"" },
        { "JSON escapes", "{\"tunnels\":\"\\u0041\\u0042\\u0043\",\n" },
        { "XML elements", "<vpn_connection id='v'><ipsec_tunnel><ike></ike></ipsec_tunnel>\n" },
        { "half XML openings", "<vpn_connection" },
        { "escaped XML", "&lt;vpn_connection &gt; " },
        { "XML attributes", "<vpn_connection id='v' a" },
        { "YAML", "routing: static\ntunnels:\n- a: b\n" },
        { "YAML braces", "routing: {tunnels: {" },
        { "YAML question marks", "routing: x\ntunnels: y\n? ? ? ? " },
        { "Markdown emphasis", "**Lifetime** : **28800**\n" },
        { "one long line", "Lifetime : 28800 Lifetime : 28800 " },
        { "numbers", "IPSec Tunnel #1\nLifetime : 1,000,000,000,000\n" },
        { "surrogates", "\uD800\uDC00\uD800" },
        { "wide letters", "Ｌifetime：２８８００\n" },
    };

    [Theory]
    [MemberData(nameof(Floods))]
    public void A_flood_is_linear_in_time_and_memory(string flood, string unit)
    {
        var small = Repeat(unit, 64 * 1024);
        var large = Repeat(unit, 2 * 1024 * 1024);
        ProviderFile.Read(small);
        var (smallTime, _) = Measure(small);
        var (largeTime, allocated) = Measure(large);
        Assert.InRange(allocated, 0, (8L * 1024 * 1024) + (16L * large.Length));
        Assert.True(largeTime < TimeSpan.FromSeconds(3) + (32 * 8 * smallTime), $"{flood}: {large.Length} characters took {largeTime}, {small.Length} took {smallTime}.");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Eight_MiB_of_random_bytes(int seed)
    {
        var bytes = new byte[ProviderFile.MaximumLength];
        new Random(seed).NextBytes(bytes);
        var clock = Stopwatch.StartNew();
        var result = ProviderFile.Read(bytes);
        Assert.Null(result.Format);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(40), $"{clock.Elapsed}");
    }

    [Fact]
    public void A_file_before_8_MiB_of_noise_is_still_read()
    {
        var random = new Random(5);
        var text = Texts.Oldest + "\n\n" + string.Create(ProviderFile.MaximumLength - Texts.Oldest.Length - 2, random, (span, source) =>
        {
            foreach (ref var c in span) c = source.Next(12) == 0 ? '\n' : (char)source.Next(32, 127);
        });
        Assert.Equal(Texts.OldestConnection, ProviderFile.Read(text).Connection);
    }

    private static string Repeat(string unit, int length)
    {
        var text = new StringBuilder(length + unit.Length);
        while (text.Length < length) text.Append(unit);
        return text.ToString();
    }

    private static (TimeSpan Time, long Allocated) Measure(string text)
    {
        var clock = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = ProviderFile.Read(text);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(result.Problems.Count, 1, 101);
        return (clock.Elapsed, allocated);
    }

    private static void Bounded(string text, string format)
    {
        var (time, allocated) = Measure(text);
        Assert.True(time < TimeSpan.FromSeconds(40), $"{time}");
        Assert.InRange(allocated, 0, (8L * 1024 * 1024) + (16L * text.Length));
        var result = ProviderFile.Read(text);
        Assert.Equal(format, result.Format);
        Assert.True(result.HasErrors);
    }

    private static ReadResult Refused(string text)
    {
        var (time, allocated) = Measure(text);
        Assert.True(time < TimeSpan.FromSeconds(20), $"{time}");
        Assert.InRange(allocated, 0, 4L * 1024 * 1024);
        var result = ProviderFile.Read(text);
        Assert.Equal("aws-xml", result.Format);
        Assert.Null(result.Connection);
        Assert.Contains(result.Problems, problem => problem.Severity == Severity.Error && problem.Message.Contains("document type", StringComparison.Ordinal));
        return result;
    }
}
