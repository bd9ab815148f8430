using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tunnelwright.Linux.Native;

namespace Tunnelwright.Linux;

/// <summary>
/// A process that outlives us: a daemon in a session of its own. Its identity is its process id together with its start time, so that another
/// process that gets the same number later is never taken for it. Nothing about it has to be remembered: it carries a mark in its environment.
/// </summary>
public sealed class ServiceProcess : IEquatable<ServiceProcess>
{
    internal const string MarkVariable = "TUNNELWRIGHT_MARK";

    private const uint PrivateFiles = 0x3f; // umask 077

    /// <summary>Names a process by its identity; it need not exist any more.</summary>
    /// <param name="pid">Its process id.</param>
    /// <param name="startTime">Its start time in clock ticks since boot (field 22 of proc_pid_stat(5)).</param>
    /// <param name="mark">Its mark, or empty.</param>
    public ServiceProcess(int pid, long startTime, string mark = "")
    {
        Pid = pid;
        StartTime = startTime;
        Mark = mark;
    }

    /// <summary>Its process id.</summary>
    public int Pid { get; }

    /// <summary>Its start time in clock ticks since boot.</summary>
    public long StartTime { get; }

    /// <summary>The value of TUNNELWRIGHT_MARK in its environment; empty when not known.</summary>
    public string Mark { get; }

    /// <summary>Whether it runs. One that has ended but was not waited for does not count.</summary>
    public bool IsAlive => ProcessStatistics.TryRead(Pid) is { } now && now.StartTime == StartTime && !now.HasEnded;

    /// <summary>
    /// Starts a daemon: session of its own, umask 077, input from /dev/null, output to the log file, no other descriptor. It goes on when we die;
    /// when it ends while we live it is waited for.
    /// </summary>
    /// <exception cref="ProgramMissingException">The program is not installed.</exception>
    /// <exception cref="KernelException">A namespace, mount, the log file, or the start itself was refused.</exception>
    public static async Task<ServiceProcess> StartAsync(ServiceProcessSpec spec, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (string.IsNullOrEmpty(spec.MarkValue))
            throw new ArgumentException("A service needs a mark to be found by.", nameof(spec));
        cancellationToken.ThrowIfCancellationRequested();
        if (spec.NetworkNamespace is { } name)
            Linux.NetworkNamespace.CheckName(name);
        var path = ProgramFinder.Find(spec.Program);
        return await NamespaceThread.RunAsync(spec.NetworkNamespace, () => Start(spec, path));
    }

    /// <summary>Finds daemons by the start of their mark. Their children, which inherit the mark, are left out.</summary>
    /// <param name="prefix">The start of the mark; empty finds all that carry one.</param>
    /// <returns>Those that run, by process id. Processes whose environment we may not read are not seen: root sees all.</returns>
    public static IReadOnlyList<ServiceProcess> FindByMark(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var found = new List<ServiceProcess>();
        foreach (var pid in ProcFiles.ProcessIds())
        {
            if (pid == Environment.ProcessId)
                continue;

            // A process that is just executing another program has no environment for an instant.
            var environment = ProcFiles.Environment(pid);
            for (var tries = 0; tries < 3 && ProcFiles.IsBeforeEnvironment(pid, environment); tries++)
            {
                Thread.Sleep(1);
                environment = ProcFiles.Environment(pid);
            }

            if (environment is null || ProcFiles.EnvironmentVariable(environment, MarkVariable) is not { } mark
                || !mark.StartsWith(prefix, StringComparison.Ordinal))
                continue;
            if (ProcessStatistics.TryRead(pid) is { HasEnded: false } now && now.Session == pid)
                found.Add(new ServiceProcess(pid, now.StartTime, mark));
        }

        return [.. found.OrderBy(process => process.Pid)];
    }

    /// <summary>Its program, memory and time, or null when it does not run any more.</summary>
    public ProcessStatistics? ReadStatistics()
        => ProcessStatistics.TryRead(Pid) is { } now && now.StartTime == StartTime && !now.HasEnded ? now : null;

    /// <summary>Sends a signal to it and to nothing else.</summary>
    /// <param name="signal">The signal's number (signal(7)).</param>
    /// <returns>False when it does not run any more.</returns>
    /// <exception cref="KernelException">Not permitted (EPERM).</exception>
    public bool SendSignal(int signal)
    {
        using var handle = Open();
        return handle is not null && Send(handle, signal);
    }

    /// <inheritdoc cref="StopAsync(TimeSpan, TimeProvider?, CancellationToken)"/>
    public Task<bool> StopAsync(TimeSpan grace, CancellationToken cancellationToken = default) => StopAsync(grace, null, cancellationToken);

    /// <summary>Asks it to end (SIGTERM), and kills it when it does not within the grace time. One that does not run is fine.</summary>
    /// <param name="grace">Time between SIGTERM and SIGKILL; zero kills at once.</param>
    /// <param name="time">Where the grace time comes from; null means the system's clock.</param>
    /// <param name="cancellationToken">Gives up waiting; the process may still run.</param>
    /// <returns>True when it ended by itself (or did not run), false when it had to be killed.</returns>
    /// <exception cref="KernelException">Not permitted (EPERM).</exception>
    public async Task<bool> StopAsync(TimeSpan grace, TimeProvider? time, CancellationToken cancellationToken = default)
    {
        using var handle = Open();
        if (handle is null)
            return true;
        if (grace > TimeSpan.Zero)
        {
            if (!Send(handle, LibC.SignalTerminate))
                return true;
            try
            {
                await WaitForExitAsync(cancellationToken).WaitAsync(grace, time ?? TimeProvider.System, cancellationToken);
                return true;
            }
            catch (TimeoutException)
            {
                // It had its chance.
            }
        }

        Send(handle, LibC.SignalKill);
        await WaitForExitAsync(cancellationToken);
        return false;
    }

    /// <summary>Waits until it has ended. Works for any process, not only for our children.</summary>
    public async Task WaitForExitAsync(CancellationToken cancellationToken = default)
    {
        using var handle = Open();
        if (handle is not null)
            await ExitWatcher.WaitAsync(handle, cancellationToken);
    }

    /// <inheritdoc/>
    public bool Equals(ServiceProcess? other) => other is not null && Pid == other.Pid && StartTime == other.StartTime;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ServiceProcess);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Pid, StartTime);

    /// <inheritdoc/>
    public override string ToString() => Mark.Length == 0 ? $"process {Pid}" : $"process {Pid} ({Mark})";

    private static ServiceProcess Start(ServiceProcessSpec spec, string path)
    {
        const int AppendFlags = LibC.OpenWriteOnly | LibC.OpenCreate | LibC.OpenAppend | LibC.OpenCloseOnExec;
        using var input = LibC.Check(LibC.Open("/dev/null", LibC.OpenReadWrite | LibC.OpenCloseOnExec, 0), "open /dev/null");
        using var log = spec.LogFile is { } file
            ? LibC.Check(LibC.Open(file, AppendFlags, 0b110_000_000), $"open {file}")
            : LibC.Check(LibC.Open("/dev/null", LibC.OpenReadWrite | LibC.OpenCloseOnExec, 0), "open /dev/null");

        // This thread ends after the start, so it may leave our mounts and our umask; the child takes over what it has.
        if (spec.PrivateRunDirectory is { } folder)
        {
            LibC.Check(LibC.Unshare(LibC.CloneNewMounts | LibC.CloneFileSystem), "make a mount namespace");
            LibC.Check(LibC.Mount("none", "/", null, LibC.MountRecursive | LibC.MountSlave, null), "keep mounts to ourselves");
            LibC.Check(LibC.Mount(folder, "/run", null, LibC.MountBind, null), $"mount {folder} over /run");
        }
        else
        {
            LibC.Check(LibC.Unshare(LibC.CloneFileSystem), "have an umask of our own");
        }

        _ = LibC.SetFileCreationMask(PrivateFiles);
        var name = Path.GetFileName(path);
        var pid = ProcessLauncher.Launch(new LaunchRequest(
            path, name, spec.Arguments, BuildEnvironment(spec), spec.WorkingDirectory, input, log, log, NewSession: true));
        var handle = CommandExecution.OpenChild(pid, name);
        // Our unreaped child keeps its number, whatever has become of it. We are let go on a moment before exec has put the environment in
        // place; nobody shall look for the mark in vain after we have returned.
        var started = ProcessStatistics.TryRead(pid)?.StartTime ?? 0;
        for (var tries = 0; tries < 1000 && ProcFiles.IsBeforeEnvironment(pid); tries++)
            Thread.Sleep(TimeSpan.FromMicroseconds(100));
        _ = ReapLaterAsync(handle, name);
        return new ServiceProcess(pid, started, spec.MarkValue);
    }

    private static async Task ReapLaterAsync(SafeFileHandle handle, string name)
    {
        using (handle)
        {
            await ExitWatcher.WaitAsync(handle, CancellationToken.None);
            try
            {
                _ = CommandExecution.Reap(handle, name);
            }
            catch (KernelException)
            {
                // Somebody in this process waits for every child (SIGCHLD ignored): then nothing is left to reap.
            }
        }
    }

    private static List<string> BuildEnvironment(ServiceProcessSpec spec)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ["LC_ALL"] = "C",
        };
        foreach (var (key, value) in spec.Environment)
            variables[key] = value;
        variables[MarkVariable] = spec.MarkValue;
        return [.. variables.Select(pair => $"{pair.Key}={pair.Value}")];
    }

    private static bool Send(SafeFileHandle handle, int signal)
    {
        if (LibC.SendSignal(handle, signal, 0, 0) == 0)
            return true;
        var errno = Marshal.GetLastPInvokeError();
        return errno == KernelErrors.NoProcess ? false : throw KernelException.FromErrno("send a signal", errno);
    }

    // A handle to this very process: the start time is looked at after the handle is held, so the number cannot change hands in between.
    private SafeFileHandle? Open()
    {
        var handle = LibC.OpenProcess(Pid, 0);
        if (handle.IsInvalid)
        {
            var errno = Marshal.GetLastPInvokeError();
            handle.Dispose();
            return errno is KernelErrors.NoProcess or KernelErrors.Invalid ? null : throw KernelException.FromErrno($"watch process {Pid}", errno);
        }

        if (IsAlive)
            return handle;
        handle.Dispose();
        return null;
    }
}
