using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

/// <summary>libreswan's own parsers read what is written for it. Its package cannot stand beside strongSwan's, so scripts/guest/libreswan unpacks it into the cache.</summary>
public sealed class LibreswanParserTests
{
    private static readonly Lazy<string> Root = new(Unpacked);

    [Fact]
    public void The_configuration_is_read_and_every_proposal_is_known()
    {
        using var folder = new TemporaryFolder();
        foreach (var connection in Connections())
        {
            var files = DeviceFiles.Find("libreswan")!.Write(connection);
            var (exitCode, output) = CheckConfiguration(folder.Write("ipsec.conf", files.Content("ipsec.conf")));
            Assert.True(exitCode == 0 && output.Length == 0, $"{output}\n{files.Content("ipsec.conf")}");
            foreach (var line in files.Content("ipsec.conf").Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("ike=", StringComparison.Ordinal) || line.StartsWith("esp=", StringComparison.Ordinal)))
            {
                (exitCode, output) = Run("algparse", line);
                Assert.True(exitCode == 0 && !output.Contains("ERROR", StringComparison.Ordinal), $"{line}: {output}");
            }

            Assert.Equal(0, RealProgram.Run("/bin/sh", "dash", "-n", folder.Write("interfaces.sh", files.Content("interfaces.sh"))).ExitCode);
        }
    }

    [Fact]
    public void The_parsers_of_this_test_find_errors()
    {
        using var folder = new TemporaryFolder();
        var sound = DeviceFiles.Find("libreswan")!.Write(DeviceSamples.Of("libreswan", "static-ikev2")).Content("ipsec.conf");
        Assert.NotEqual(0, CheckConfiguration(folder.Write("ipsec.conf", sound.Replace("replay-window", "replay-pane", StringComparison.Ordinal))).ExitCode);
        Assert.Contains("ERROR", Run("algparse", "ike=aes256-sha2_256;modp1024").Output, StringComparison.Ordinal);
    }

    private static IEnumerable<VpnConnection> Connections()
    {
        foreach (var name in DeviceSamples.Names) yield return DeviceSamples.Of("libreswan", name);
        var today = DeviceSamples.Of("libreswan", "static-ikev2");
        foreach (var group in new[] { 14, 15, 16, 17, 18, 19, 20, 21 })
        {
            foreach (var integrity in new[] { IntegrityAlgorithm.Sha1, IntegrityAlgorithm.Sha256, IntegrityAlgorithm.Sha384, IntegrityAlgorithm.Sha512 }) yield return today.With(IkeVersion.V2, EncryptionAlgorithm.Aes128, integrity, group);
            yield return today.With(IkeVersion.V2, EncryptionAlgorithm.Aes256Gcm16, null, group);
        }

        foreach (var id in WriterSamples.HostileIds) yield return today with { Id = id };
    }

    private static (int ExitCode, string Output) CheckConfiguration(string file) => Run("addconn", "--config", file, "--checkconfig");

    private static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        var libraries = Directory.GetDirectories(Path.Combine(Root.Value, "usr", "lib"), "*-linux-gnu");
        return RealProgram.Run(Path.Combine(Root.Value, "usr", "libexec", "ipsec", program), "libreswan", new Dictionary<string, string>(StringComparer.Ordinal) { ["LD_LIBRARY_PATH"] = string.Join(':', libraries) }, arguments);
    }

    private static string Unpacked()
    {
        var cache = Environment.GetEnvironmentVariable("TUNNELWRIGHT_CACHE")
            ?? Path.Combine(Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "tunnelwright");
        var root = Path.Combine(cache, "libreswan");
        if (File.Exists(Path.Combine(root, "usr", "libexec", "ipsec", "addconn"))) return root;
        var script = Path.GetFullPath(Path.Combine(GoldenFilesTests.Root(), "..", "..", "..", "..", "scripts", "guest", "libreswan"));
        var (exitCode, output) = RealProgram.Run(script, "libreswan", "fetch");
        Assert.SkipUnless(exitCode == 0, $"libreswan is not in {cache}, and \"scripts/guest/libreswan fetch\" did not bring it: {output}");
        return root;
    }
}
