using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Tunnelwright.Linux;

namespace Tunnelwright.Cloud.Tests;

/// <summary>The service as a process of its own.</summary>
/// <param name="state">Its state folder.</param>
/// <param name="port">Where it listens, on loopback.</param>
/// <param name="settings">Further settings, by their names without TUNNELWRIGHT_CLOUD_.</param>
internal sealed class CloudProcess(string state, int port, IReadOnlyDictionary<string, string> settings) : IAsyncDisposable
{
    private const int Terminate = 15;

    private readonly StringBuilder _log = new();
    private Process? _process;

    public int Port => port;

    /// <summary>What all runs have said.</summary>
    public string Log
    {
        get
        {
            lock (_log) return _log.ToString();
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts it and waits until it listens.</summary>
    public async Task StartAsync()
    {
        if (!await TryStartAsync()) Assert.Fail($"the service ended: {Log}");
    }

    /// <summary>Starts it and waits until it listens or has ended.</summary>
    public async Task<bool> TryStartAsync()
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "tunnelwright-cloud"), ["serve"]) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["TUNNELWRIGHT_CLOUD_STATE_FOLDER"] = state;
        start.Environment["TUNNELWRIGHT_CLOUD_LISTEN"] = $"http://127.0.0.1:{port}";
        foreach (var (name, value) in settings) start.Environment[$"TUNNELWRIGHT_CLOUD_{name}"] = value;
        if (Path.GetDirectoryName(Environment.ProcessPath) is not null && RuntimeEnvironment.GetRuntimeDirectory() is { } runtime) start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(runtime, "..", "..", ".."));
        var listening = new TaskCompletionSource();
        var process = Process.Start(start)!;
        void Take(object sender, DataReceivedEventArgs line)
        {
            lock (_log) _log.AppendLine(line.Data);
            if (line.Data?.StartsWith("listening on") == true) listening.TrySetResult();
        }

        process.ErrorDataReceived += Take;
        process.OutputDataReceived += Take;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        _process = process;
        await Task.WhenAny(listening.Task, process.WaitForExitAsync()).WaitAsync(TimeSpan.FromSeconds(60));
        return listening.Task.IsCompleted;
    }

    /// <summary>Sends SIGKILL; one that has ended is fine.</summary>
    public void Kill()
    {
        try
        {
            _process?.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }

    public async Task KillAsync()
    {
        Kill();
        await WaitAsync();
    }

    /// <summary>Waits for its end, however that comes.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken = default)
    {
        if (_process is not { } process) return;
        await process.WaitForExitAsync(cancellationToken);
        process.Dispose();
        _process = null;
    }

    /// <summary>Ends it as an init system does (SIGTERM).</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync()
    {
        if (ProcessStatistics.TryRead(_process!.Id) is { } running) new ServiceProcess(running.Pid, running.StartTime).SendSignal(Terminate);
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        var code = _process.ExitCode;
        await WaitAsync();
        return code;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await KillAsync();
    }
}
