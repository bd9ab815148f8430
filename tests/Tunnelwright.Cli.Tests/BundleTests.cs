namespace Tunnelwright.Cli.Tests;

/// <summary>bundle: where it may not write, and that it needs neither root nor a gateway.</summary>
public sealed class BundleTests
{
    [Fact]
    public void A_file_that_is_there_stays_as_it_is()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "mine");
            Tool.AssertRefused(Tool.Execute("bundle", "--out", file), 2);
            Assert.Equal("mine", File.ReadAllText(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_folder_that_is_not_there_is_a_wrong_call() => Tool.AssertRefused(Tool.Execute("bundle", "--out", "/nonexistent/b.tar.gz"), 2);

    [Fact]
    public void Anybody_gets_what_anybody_may_see()
    {
        var folder = Directory.CreateTempSubdirectory("tunnelwright-bundle");
        try
        {
            File.SetUnixFileMode(folder.FullName, (UnixFileMode)0x1FF);
            var file = Path.Combine(folder.FullName, "b.tar.gz");
            var run = Tool.Execute("bundle", "--out", file);
            Assert.True(run.ExitCode == 0, run.ToString());
            Assert.Contains("secrets removed", run.Output, StringComparison.Ordinal);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Contains("read as an archive", Tool.Execute("diagnose", file).Output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
