namespace Tunnelwright.Cli.Tests;

public sealed class CloudTests
{
    [Theory]
    [InlineData("--listen", "nonsense", "'nonsense'")]
    [InlineData("--profile", "unheard-of", "unheard-of")]
    public void A_setting_that_cannot_be_is_2_and_is_named(string option, string value, string named)
    {
        var run = Tool.Execute("cloud", "serve", option, value);
        Tool.AssertRefused(run, 2);
        Assert.Contains(named, run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_that_is_not_there_is_3_and_its_password_is_not_told()
    {
        var folder = Directory.CreateTempSubdirectory("tw-cli-cloud-");
        try
        {
            // The program runs as nobody.
            File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_111_111);
            var run = Tool.Execute("cloud", "serve", "--state-folder", folder.FullName, "--database", "Host=/nonexistent;Database=x;Username=y;Password=verysecret");
            Tool.AssertRefused(run, 3);
            Assert.DoesNotContain("verysecret", run.Errors, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
