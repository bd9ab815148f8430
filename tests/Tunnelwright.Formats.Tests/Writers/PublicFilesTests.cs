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

        foreach (var writer in ConfigurationWriters.All) Assert.NotEmpty(writer.Write(connection, WriterSettings.Parse(writer, ["customer-asn=65000"])));
    }
}
