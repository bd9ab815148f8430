using System.Text;
using Tunnelwright.Diagnosis;
using Tunnelwright.Linux;

namespace Tunnelwright.Doctor;

/// <summary>What the IKE daemons of a host that was set up by hand have written lately: into files of their own, else into the journal or syslog's files.</summary>
internal static class HandMadeLogs
{
    private const string Systemd = "/run/systemd/system";
    private static readonly string[] SyslogFiles = ["/var/log/syslog", "/var/log/daemon.log", "/var/log/messages", "/var/log/auth.log", "/var/log/secure"];
    private static readonly string[] Units = ["strongswan", "strongswan-starter", "strongswan-swanctl", "charon-systemd", "ipsec"];
    private static readonly byte[][] Programs = [.. new[] { "charon", "pluto", "ipsec" }.Select(Encoding.ASCII.GetBytes)];
    private static readonly byte[][] Starts = [.. new[] { "Starting IKE charon daemon", "Starting charon", "Starting Pluto" }.Select(Encoding.ASCII.GetBytes)];

    /// <summary>Reads what there is, each log from the daemon's last start.</summary>
    /// <param name="processes">The daemons that run.</param>
    /// <param name="conf">Where charon writes by its configuration, also while it does not run.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<IReadOnlyList<LogTail>> ReadAsync(IReadOnlyList<ServiceProcess> processes, StrongswanConf conf, CancellationToken cancellationToken)
    {
        var own = processes.SelectMany(process => HeldFiles.WrittenFiles(process.Pid)).Concat(conf.LogFiles).Distinct(StringComparer.Ordinal).Select(LogTail.Read).OfType<LogTail>().Where(log => log.Bytes.Length > 0).ToList();
        if (own.Count > 0) return [.. own.Select(SinceStart)];
        if (await JournalAsync(cancellationToken) is { Bytes.Length: > 0 } journal) return [SinceStart(journal)];
        return [.. SyslogFiles.Select(LogTail.Read).OfType<LogTail>().Select(OfDaemons).OfType<LogTail>().Select(SinceStart)];
    }

    /// <summary>What a daemon wrote in an earlier life says nothing about this one.</summary>
    internal static LogTail SinceStart(LogTail log)
    {
        var start = Starts.Max(words => log.Bytes.AsSpan().LastIndexOf(words));
        if (start <= 0) return log;
        var line = log.Bytes.AsSpan(0, start).LastIndexOf((byte)'\n') + 1;
        return new LogTail(log.Source, log.Bytes[line..], log.LinesBefore + log.Bytes.AsSpan(0, line).Count((byte)'\n'));
    }

    /// <summary>A log that many programs share: the lines of the others are emptied, so that the numbers stay right. Null when none is left.</summary>
    internal static LogTail? OfDaemons(LogTail log)
    {
        var bytes = log.Bytes.ToArray();
        var found = false;
        var at = 0;
        while (at < bytes.Length)
        {
            var end = bytes.AsSpan(at).IndexOf((byte)'\n');
            var line = bytes.AsSpan(at, end < 0 ? bytes.Length - at : end);
            if (IsOfDaemon(line)) found = true;
            else line.Fill((byte)' ');
            at += line.Length + 1;
        }

        return found ? log with { Bytes = bytes } : null;
    }

    private static bool IsOfDaemon(ReadOnlySpan<byte> line)
    {
        foreach (var program in Programs)
        {
            if (line.IndexOf(program) >= 0) return true;
        }

        return false;
    }

    private static async Task<LogTail?> JournalAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(Systemd)) return null;
        string[] arguments = ["--no-pager", "--quiet", "-o", "short-iso", "-n", "5000", "--since", "-1h", .. Units.SelectMany(unit => new[] { "-u", unit })];
        try
        {
            var said = await CommandRunner.Shared.RunAsync("journalctl", arguments, CommandOptions.Default with { ThrowOnFailure = false, Timeout = TimeSpan.FromSeconds(3) }, cancellationToken);
            return said.Succeeded ? new LogTail($"journalctl -u {Units[0]}", Encoding.UTF8.GetBytes(said.Output), 0) : null;
        }
        catch (Exception problem) when (Examination.IsObstacle(problem) && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
