using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

public sealed class PublicFilesTests
{
    [Theory]
    [InlineData("bgp.xml")]
    [InlineData("static.xml")]
    [InlineData("generic-bgp-2018.txt")]
    [InlineData("generic-bgp-transit-2020.txt")]
    [InlineData("generic-static-2018.txt")]
    [InlineData("generic-static-2024.txt")]
    [InlineData("strongswan-static.txt")]
    public void Public_files_pass_the_rules_and_every_target_takes_them(string name)
    {
        var connection = ProviderFile.Read(Corpus.Read(name)).Connection;
        Assert.NotNull(connection);
        foreach (var profile in RequirementProfile.Names)
        {
            Assert.DoesNotContain(ConnectionRules.Check(connection, RequirementProfile.Load(profile)), problem => problem.Severity == Severity.Error);
        }

        foreach (var writer in ConfigurationWriters.All)
        {
            var settings = WriterSettings.Parse(writer, writer.Settings.Any(setting => setting.Name == "cloud-range") ? ["customer-asn=65000", "cloud-range=10.8.2.0/24"] : ["customer-asn=65000"]);
            try
            {
                Assert.NotEmpty(writer.Write(connection, settings));
            }
            catch (WriterException refused) when (DeviceSamples.IsKnownRefusal(writer.Target, refused))
            {
                Assert.StartsWith("ask for ", refused.Hint, StringComparison.Ordinal);
            }
        }
    }
}
