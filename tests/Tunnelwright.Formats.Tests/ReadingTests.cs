using System.Text;
using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

/// <summary>Encodings, lines and the joining of problems.</summary>
public sealed class ReadingTests
{
    public static TheoryData<string> Encodings => ["utf-8", "utf-8 with mark", "utf-16le", "utf-16be", "latin-1"];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Bytes_in_any_encoding(string name)
    {
        var text = "Ärger: keiner – naïve Grüße\n".Replace("–", name == "latin-1" ? "-" : "–") + Texts.Oldest;
        byte[] bytes = name switch
        {
            "utf-8 with mark" => [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)],
            "utf-16le" => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)],
            "utf-16be" => [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(text)],
            "latin-1" => Encoding.Latin1.GetBytes(text),
            _ => Encoding.UTF8.GetBytes(text),
        };
        var result = ProviderFile.Read(bytes);
        Assert.Equal(Texts.OldestConnection, result.Connection);
        Assert.Empty(result.Problems);
    }

    [Fact]
    public void Lines_are_found_by_tunnel_and_field()
    {
        var lines = ProviderFile.Read(Texts.Oldest).Lines;
        var second = Texts.Oldest.IndexOf("IPSec Tunnel #2", StringComparison.Ordinal);
        int In2(string marker) => Texts.Oldest[..(second + Texts.Oldest[second..].IndexOf(marker, StringComparison.Ordinal))].Count(c => c == '\n') + 1;
        Assert.Equal(Texts.Oldest.LineOf("28800"), lines.LineOf(1, "ike.lifetimeSeconds"));
        Assert.Equal(In2("3600"), lines.LineOf(2, "ipsec.lifetimeSeconds"));
        Assert.Equal(In2("esp"), lines.LineOf(2, "ipsec"));
        Assert.Equal(In2("IPSec Tunnel"), lines.LineOf(2, "nothing.known"));
        Assert.Equal(In2("IPSec Tunnel"), lines.LineOf(2, null));
        Assert.Equal(Texts.Oldest.LineOf("cgw-"), lines.LineOf(null, "customerGatewayId"));
        Assert.Null(lines.LineOf(null, "routing"));
        Assert.Null(lines.LineOf(3, "ike.mode"));
        Assert.Null(SourceMap.Empty.LineOf(1, "ike.mode"));
    }

    [Fact]
    public void Problems_of_rules_get_lines_and_duplicates_go()
    {
        var result = ProviderFile.Read(Texts.Oldest.WithFirst(Texts.FirstKey, ""));
        var all = result.With(
        [
            new Problem(Severity.Error, Causes.PskMissing, 1, "The same by a rule.", "ike.preSharedKey"),
            new Problem(Severity.Error, Causes.Phase2LifetimeOutOfRange, 2, "Too long.", "ipsec.lifetimeSeconds"),
            new Problem(Severity.Warning, Causes.OverlappingNetworks, null, "Overlap."),
        ]);
        Assert.Equal([Causes.PskMissing, Causes.Phase2LifetimeOutOfRange, Causes.OverlappingNetworks], all.Select(problem => problem.Cause));
        Assert.Equal([Texts.Oldest.LineOf(Texts.FirstKey), Texts.Oldest.LineOf("3600") + 48, (int?)null], all.Select(problem => problem.Line));
    }

    [Fact]
    public void Problems_come_in_the_order_of_lines()
    {
        var result = ProviderFile.Read(Texts.Oldest.Replace("sha1\n", "md4\n").Replace("192.0.2.9", "YOUR_UPLINK_ADDRESS").Replace("28800", "many"));
        var lines = result.Problems.Select(problem => problem.Line ?? int.MaxValue).ToList();
        Assert.Equal(lines.Order(), lines);
        Assert.Equal(6, lines.Count);
    }

    [Fact]
    public void Reading_a_generic_text_allocates_little()
    {
        var text = GenericTextWriter.Write(Connections.Ordinary());
        for (var round = 0; round < 3; round++) ProviderFile.Read(text);
        var before = GC.GetAllocatedBytesForCurrentThread();
        ProviderFile.Read(text);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 8 * 1024);
    }
}
