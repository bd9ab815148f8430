using System.Runtime.CompilerServices;

namespace Tunnelwright.Diagnosis.Tests;

public sealed class CauseCatalogueTests
{
    [Fact]
    public void Every_entry_says_everything()
    {
        Assert.True(CauseCatalogue.All.Count >= 72, $"{CauseCatalogue.All.Count} causes");
        Assert.Equal(CauseCatalogue.All.Count, CauseCatalogue.All.Select(entry => entry.Id).Distinct(StringComparer.Ordinal).Count());
        foreach (var entry in CauseCatalogue.All)
        {
            Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", entry.Id);
            Assert.Contains(entry.Owner, new[] { "customer", "path", "provider", "nobody" });
            Assert.Contains(entry.Group, new[] { "ike", "ipsec", "stability", "info", "routing", "config", "firewall", "service", "data", "dns", "host" });
            Assert.All(new[] { entry.Title, entry.Wrong, entry.Evidence, entry.Remedy }, text => Assert.False(string.IsNullOrWhiteSpace(text)));
            Assert.All(new[] { entry.Wrong, entry.Evidence, entry.Remedy }, text => Assert.EndsWith(".", text, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Every_cause_that_is_judged_or_hidden_is_in_the_catalogue()
    {
        Assert.Equal(KnownCauses.All.Count, KnownCauses.All.Select(cause => cause.Id).Distinct(StringComparer.Ordinal).Count());
        foreach (var id in KnownCauses.All.SelectMany(cause => cause.Hides.Append(cause.Id))) Assert.NotNull(CauseCatalogue.Find(id));
    }

    [Fact]
    public void A_shared_sign_has_a_way_to_decide()
    {
        foreach (var cause in KnownCauses.All.Where(cause => cause.Signs.Any(sign => sign.IsShared && sign.Certainty > 0))) Assert.False(string.IsNullOrEmpty(cause.DecidedBy), cause.Id);
    }

    [Fact]
    public void The_document_is_the_catalogue()
    {
        var path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../../docs/causes.md"));
        Assert.Equal(CauseCatalogue.ToMarkdown(), File.ReadAllText(path));
    }

    [Theory]
    [InlineData("psk", "psk-mismatch")]
    [InlineData("proposal", "ike-proposal-mismatch")]
    [InlineData("PSK_mismatch", "psk-mismatch")]
    public void A_misspelling_is_answered_with_what_is_like_it(string typed, string expected) => Assert.Contains(expected, CauseCatalogue.Like(typed));

    private static string Here([CallerFilePath] string path = "") => path;
}
