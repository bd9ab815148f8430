using System.Diagnostics;

namespace Tunnelwright.Vici.Tests.Charon;

/// <summary>One private charon in a network namespace, with a client to it.</summary>
public sealed class CharonInstance(string networkNamespace, string folder) : IAsyncDisposable
{
    private Process? _process;
    private ViciClient? _client;

    public string SocketPath { get; } = Path.Combine(folder, "charon.vici");

    public string LogPath { get; } = Path.Combine(folder, "charon.log");

    public ViciClient Client => _client!;

    public int ProcessId => _process!.Id;

    public async Task StartAsync()
    {
        Directory.CreateDirectory(Path.Combine(folder, "run"));
        Directory.CreateDirectory(Path.Combine(folder, "swanctl"));
        var configuration = Path.Combine(folder, "strongswan.conf");
        // kernel-libipsec does ESP in this process's own memory, so that the kernel needs none.
        await File.WriteAllTextAsync(configuration, $$"""
            charon {
              load = random nonce openssl aes sha1 sha2 hmac kdf gcm pem pkcs1 pkcs8 x509 pubkey constraints revocation pkcs11 kernel-libipsec kernel-netlink socket-default updown vici counters
              filelog {
                log {
                  path = {{LogPath}}
                  flush_line = yes
                  default = 1
                }
              }
              plugins {
                vici {
                  socket = unix://{{SocketPath}}
                }
              }
            }
            """);
        await LaunchAsync();
    }

    /// <summary>Ends the daemon with SIGTERM; false when it does not end in time.</summary>
    public async Task<bool> StopAsync(TimeSpan limit)
    {
        if (_process is null)
            return true;
        using var kill = Process.Start("kill", _process.Id.ToString());
        await kill.WaitForExitAsync();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(limit);
            return true;
        }
        catch (TimeoutException)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            return false;
        }
        finally
        {
            _process.Dispose();
            _process = null;
        }
    }

    public async Task LaunchAsync()
    {
        File.Delete(SocketPath);
        // charon writes its pid file to /run whatever it is told, so it gets a /run of its own.
        var command = $"mount --bind {folder}/run /run && STRONGSWAN_CONF={folder}/strongswan.conf SWANCTL_DIR={folder}/swanctl "
            + $"exec /usr/lib/ipsec/charon </dev/null >{folder}/output 2>&1";
        _process = Process.Start("ip", ["netns", "exec", networkNamespace, "sh", "-c", command]);
        _client ??= new ViciClient(SocketPath, new ViciClientOptions { RequestTimeout = TimeSpan.FromSeconds(30) });
        while (true)
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"charon ended: {await File.ReadAllTextAsync($"{folder}/output")}");
            try
            {
                await _client.GetVersionAsync();
                return;
            }
            catch (ViciConnectionException)
            {
                await Task.Delay(20);
            }
        }
    }

    /// <summary>Sends three echo requests from this namespace.</summary>
    public Task PingAsync(string from, string to) =>
        CharonPair.RunAsync("ip", "netns", "exec", networkNamespace, "ping", "-q", "-c", "3", "-i", "0.05", "-W", "2", "-I", from, to);

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        await StopAsync(TimeSpan.FromSeconds(5));
    }
}
