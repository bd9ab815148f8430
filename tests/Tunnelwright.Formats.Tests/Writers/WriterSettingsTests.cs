using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

public sealed class WriterSettingsTests
{
    private static readonly IConfigurationWriter Swanctl = ConfigurationWriters.Find("swanctl")!;
    private static readonly IConfigurationWriter Bird = ConfigurationWriters.Find("bird")!;

    [Fact]
    public void Every_target_is_listed_once_and_found_by_name()
    {
        Assert.Equal(ConfigurationWriters.All.Count, ConfigurationWriters.All.Select(writer => writer.Target).Distinct().Count());
        foreach (var target in new[] { "swanctl", "ipsec-conf", "bird", "frr", "nftables", "cloudformation", "cloudformation-2019", "generic", "xml", "json", "yaml" })
        {
            Assert.Equal(target, ConfigurationWriters.Find(target.ToUpperInvariant())?.Target);
        }

        Assert.Null(ConfigurationWriters.Find("cisco-9000"));
        Assert.All(ConfigurationWriters.All, writer => Assert.NotEmpty(writer.Description));
    }

    [Fact]
    public void Ranges_may_be_given_again_and_in_lists()
    {
        var settings = WriterSettings.Parse(Bird, ["local-range=10.1.0.0/16, 10.2.0.0/16", "local-range=10.3.0.0/16", "cloud-range=10.8.2.0/24"]);
        Assert.Equal(["10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"], settings.LocalRanges.Select(range => range.ToString()));
        Assert.Equal(Cidr.Parse("10.8.2.0/24"), Assert.Single(settings.CloudRanges));
    }

    [Fact]
    public void An_unknown_name_lists_the_known_ones()
    {
        var error = Assert.Throws<WriterException>(() => WriterSettings.Parse(Bird, ["color=red"]));
        Assert.Contains("'color'", error.Message, StringComparison.Ordinal);
        Assert.Equal("bird takes local-range, cloud-range, customer-address, customer-asn, local-address, outside-interface, tunnel-interface, interface-id, prefer, profile", error.Hint);
    }

    [Theory]
    [InlineData("local-address=10.0.0.0/8")]
    [InlineData("customer-address=YOUR_UPLINK_ADDRESS")]
    [InlineData("cloud-range=10.8.2.1/24")]
    [InlineData("cloud-range=")]
    [InlineData("prefer=3")]
    [InlineData("interface-id=0")]
    [InlineData("interface-id=-1")]
    [InlineData("interface-id=99999")]
    [InlineData("profile=azure")]
    [InlineData("tunnel-interface=a,a")]
    [InlineData("tunnel-interface=this-name-is-too-long")]
    [InlineData("outside-interface=eth0;reboot")]
    [InlineData("outside-interface=../../x")]
    [InlineData("outside-interface=\"")]
    [InlineData("outside-interface=-f")]
    [InlineData("prefer")]
    [InlineData("=1")]
    [InlineData("")]
    public void A_wrong_value_is_refused(string assignment) => Assert.NotEmpty(Assert.Throws<WriterException>(() => WriterSettings.Parse(Swanctl, [assignment])).Message);

    [Fact]
    public void All_wrong_settings_are_named_together()
    {
        var error = Assert.Throws<WriterException>(() => WriterSettings.Parse(Swanctl, ["prefer=9", "interface-id=x", "prefer=1"]));
        Assert.Contains("'9' cannot be prefer", error.Message, StringComparison.Ordinal);
        Assert.Contains("'x' cannot be interface-id", error.Message, StringComparison.Ordinal);
        Assert.Contains("prefer is given twice", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_target_writes_every_sample_and_no_file_prints_its_content()
    {
        foreach (var writer in ConfigurationWriters.All)
        {
            var written = 0;
            foreach (var connection in new[] { WriterSamples.Bgp, WriterSamples.Static, WriterSamples.Old }.Concat(WriterSamples.HostileIds.Select(id => WriterSamples.Bgp with { Id = id })).Append(DeviceSamples.Of(writer.Target, "static-ikev2")))
            {
                IReadOnlyList<ConfigurationFile> files;
                try
                {
                    files = writer.Write(connection, WriterSettings.Default);
                }
                catch (WriterException refused) when (DeviceSamples.IsKnownRefusal(writer.Target, refused))
                {
                    continue;
                }

                written++;
                Assert.NotEmpty(files);
                foreach (var file in files)
                {
                    Assert.EndsWith("\n", file.Content, StringComparison.Ordinal);
                    Assert.DoesNotContain(WriterSamples.FirstKey, file.ToString(), StringComparison.Ordinal);
                    if (!file.HoldsSecrets) Assert.DoesNotContain(WriterSamples.FirstKey, file.Content, StringComparison.Ordinal);
                    Assert.Equal(Path.GetFileName(file.Name), file.Name);
                }

                Assert.Equal(files.Select(file => file.Content), writer.Write(connection, WriterSettings.Default).Select(file => file.Content));
            }

            Assert.True(written > 0, $"{writer.Target} refused every sample");
        }
    }
}
