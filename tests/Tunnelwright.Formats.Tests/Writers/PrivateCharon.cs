using System.Diagnostics;

namespace Tunnelwright.Formats.Tests;

/// <summary>An IKE daemon in namespaces of its own: it reaches nothing, and nothing is left of it.</summary>
internal sealed class PrivateCharon : IDisposable
{
    private const string Plugins =
        "random nonce openssl aesni aes sha1 sha2 md5 hmac kdf gcm gmp curve25519 pem pkcs1 x509 pubkey constraints kernel-netlink socket-default vici";

    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;

    public PrivateCharon()
    {
        RealProgram.Require("/usr/lib/ipsec/charon", "strongswan-charon");
        RealProgram.Require("/usr/bin/unshare", "util-linux");
        var settings = _folder.Write("strongswan.conf", $$"""
            charon {
              load = {{Plugins}}
              install_routes = no
              filelog { log { path = {{_folder.Path}}/charon.log
                              append = no
                              flush_line = yes
                              default = 1 } }
              plugins { vici { socket = unix://{{Socket}} } }
            }
            """);
        Directory.CreateDirectory($"{_folder.Path}/run");
        foreach (var name in new[] { "conf.d", "x509", "x509ca", "private", "pkcs8", "rsa", "ecdsa", "pubkey", "x509crl", "x509aa", "x509ocsp", "pkcs12", "bliss" })
        {
            Directory.CreateDirectory($"{_folder.Path}/swanctl/{name}");
        }

        Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["STRONGSWAN_CONF"] = settings, ["SWANCTL_DIR"] = $"{_folder.Path}/swanctl" };
        _process = RealProgram.Start(
            "/usr/bin/unshare", Environment, "--net", "--mount", "--kill-child", "/bin/sh", "-c", $"mount --bind '{_folder.Path}/run' /run && exec /usr/lib/ipsec/charon");
        var waited = Stopwatch.StartNew();
        while (!File.Exists(Socket) && !_process.HasExited && waited.Elapsed < TimeSpan.FromSeconds(30)) Thread.Sleep(20);
        if (File.Exists(Socket)) return;
        var log = Log;
        Dispose();
        Assert.Fail($"charon did not start (this test runs as root): {log}");
    }

    private string Socket => $"{_folder.Path}/charon.vici";

    private IReadOnlyDictionary<string, string> Environment { get; }

    public string Log => File.Exists($"{_folder.Path}/charon.log") ? File.ReadAllText($"{_folder.Path}/charon.log") : "";

    /// <summary>Loads a swanctl.conf and everything in it.</summary>
    public (int ExitCode, string Output) Load(string configuration)
    {
        _folder.Write("swanctl/swanctl.conf", configuration);
        return Swanctl("--load-all", "--clear");
    }

    public (int ExitCode, string Output) Swanctl(params string[] arguments) =>
        RealProgram.Run("/usr/sbin/swanctl", "strongswan-swanctl", Environment, [.. arguments, "--uri", $"unix://{Socket}"]);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit(TimeSpan.FromSeconds(10));
        }

        _process.Dispose();
        _folder.Dispose();
    }
}
