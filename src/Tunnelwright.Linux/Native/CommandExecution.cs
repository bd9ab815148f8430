using System.Buffers;
using System.Collections;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Tunnelwright.Linux.Native;

/// <summary>Runs one command to its end on the calling thread, in that thread's namespaces.</summary>
internal static unsafe class CommandExecution
{
    private const int ReadSize = 64 * 1024;
    private const int ProcessExited = 1;

    /// <summary>Runs the command; <paramref name="stop"/> kills its whole process group.</summary>
    /// <returns>The exit status, the outputs, and why it was ended by us (null when it ended by itself).</returns>
    internal static (int ExitCode, string Output, string Error, string? Reason) Run(
        string program, IReadOnlyList<string> arguments, CommandOptions options, CancellationToken stop)
    {
        var path = ProgramFinder.Find(program);
        using var input = OpenInput(options.StandardInput);
        MakePipe(out var outputReader, out var outputWriter);
        using var outputReaderOwner = outputReader;
        using var outputWriterOwner = outputWriter;
        MakePipe(out var errorReader, out var errorWriter);
        using var errorReaderOwner = errorReader;
        using var errorWriterOwner = errorWriter;

        var name = Path.GetFileName(program);
        var pid = ProcessLauncher.Launch(new LaunchRequest(
            path, name, arguments, BuildEnvironment(options.Environment), options.WorkingDirectory, input, outputWriter, errorWriter,
            NewSession: false));
        outputWriter.Dispose();
        errorWriter.Dispose();

        using var process = OpenChild(pid, name);
        var output = new ArrayBufferWriter<byte>();
        var error = new ArrayBufferWriter<byte>();
        bool withinLimit;
        using (stop.UnsafeRegister(static state => KillGroup((int)state!), pid))
            withinLimit = Drain(process, outputReader, errorReader, output, error, options.OutputLimit);
        if (!withinLimit)
            KillGroup(pid);
        var exitCode = Reap(process, name);
        return (
            exitCode,
            Encoding.UTF8.GetString(output.WrittenSpan),
            Encoding.UTF8.GetString(error.WrittenSpan),
            withinLimit ? null : $"wrote more than {options.OutputLimit} bytes");
    }

    /// <summary>The variables for a child: ours, without the mark of a service, with the plain locale, and with what the caller adds.</summary>
    internal static List<string> BuildEnvironment(IReadOnlyDictionary<string, string?>? additions)
    {
        var variables = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
            variables[(string)entry.Key] = (string?)entry.Value;
        variables.Remove(ServiceProcess.MarkVariable);
        variables["LC_ALL"] = "C";
        foreach (var (key, value) in additions ?? new Dictionary<string, string?>())
            variables[key] = value;
        return [.. variables.Where(pair => pair.Value is not null).Select(pair => $"{pair.Key}={pair.Value}")];
    }

    /// <summary>A handle to our own child: nobody else waits for it, so the number stays its own until we do. Without a handle it is ended.</summary>
    internal static SafeFileHandle OpenChild(int pid, string name)
    {
        const int WaitByPid = 1;
        var process = LibC.OpenProcess(pid, 0);
        if (!process.IsInvalid)
            return process;
        var errno = Marshal.GetLastPInvokeError();
        process.Dispose();
        KillGroup(pid);
        LibC.WaitResult result;
        _ = LibC.WaitForState(WaitByPid, pid, &result, LibC.WaitExited);
        throw KernelException.FromErrno($"watch {name}", errno);
    }

    /// <summary>Waits for our own child and gives its exit status, 128 + N for signal N.</summary>
    internal static int Reap(SafeFileHandle process, string name)
    {
        LibC.WaitResult result;
        while (LibC.WaitForState(LibC.WaitByPidFd, (int)process.DangerousGetHandle(), &result, LibC.WaitExited) < 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno != KernelErrors.Interrupted)
                throw KernelException.FromErrno($"wait for {name}", errno);
        }

        return result.Code == ProcessExited ? result.Status : 128 + result.Status;
    }

    private static void KillGroup(int pid) => _ = LibC.Kill(-pid, LibC.SignalKill);

    private static bool Drain(
        SafeFileHandle process, SafeFileHandle output, SafeFileHandle error,
        ArrayBufferWriter<byte> outputBuffer, ArrayBufferWriter<byte> errorBuffer, int limit)
    {
        var entries = stackalloc LibC.PollEntry[3];
        entries[0] = new LibC.PollEntry { Descriptor = (int)process.DangerousGetHandle(), Events = LibC.PollIn };
        entries[1] = new LibC.PollEntry { Descriptor = (int)output.DangerousGetHandle(), Events = LibC.PollIn };
        entries[2] = new LibC.PollEntry { Descriptor = (int)error.DangerousGetHandle(), Events = LibC.PollIn };
        while (true)
        {
            // A descriptor of -1 is passed over. After the end only what already lies in the pipes is of interest:
            // a grandchild may hold them open for ever.
            var ended = entries[0].Descriptor < 0;
            if (ended && entries[1].Descriptor < 0 && entries[2].Descriptor < 0)
                return true;
            var ready = LibC.Poll(entries, 3, ended ? 0 : -1);
            if (ready < 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                if (errno == KernelErrors.Interrupted)
                    continue;
                throw KernelException.FromErrno("poll", errno);
            }

            if (ready == 0)
                return true;
            if (entries[1].Returned != 0 && !ReadOnce(output, outputBuffer))
                entries[1].Descriptor = -1;
            if (entries[2].Returned != 0 && !ReadOnce(error, errorBuffer))
                entries[2].Descriptor = -1;
            if (entries[0].Returned != 0)
                entries[0].Descriptor = -1;
            if ((long)outputBuffer.WrittenCount + errorBuffer.WrittenCount > limit)
                return false;
        }
    }

    // False at the end of the stream.
    private static bool ReadOnce(SafeFileHandle source, ArrayBufferWriter<byte> target)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        try
        {
            nint count;
            fixed (byte* start = buffer)
                count = LibC.Read(source, start, ReadSize);
            if (count < 0)
                return Marshal.GetLastPInvokeError() == KernelErrors.Interrupted;
            target.Write(buffer.AsSpan(0, (int)count));
            return count > 0;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void MakePipe(out SafeFileHandle reader, out SafeFileHandle writer)
    {
        var ends = stackalloc int[2];
        LibC.Check(LibC.Pipe(ends, LibC.OpenCloseOnExec), "make a pipe");
        reader = new SafeFileHandle(ends[0], ownsHandle: true);
        writer = new SafeFileHandle(ends[1], ownsHandle: true);
    }

    // The whole input is there before the program starts: no writer is needed beside the reader, and no broken pipe can come.
    private static SafeFileHandle OpenInput(string? text)
    {
        if (text is null)
            return LibC.Check(LibC.Open("/dev/null", LibC.OpenReadOnly | LibC.OpenCloseOnExec, 0), "open /dev/null");
        var file = LibC.Check(LibC.CreateMemoryFile("input", LibC.MemFdCloseOnExec), "make a memory file");
        var bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* start = bytes)
        {
            for (var written = 0; written < bytes.Length;)
            {
                var count = LibC.Write(file, start + written, (nuint)(bytes.Length - written));
                LibC.Check(count, "write to a memory file");
                written += (int)count;
            }
        }

        LibC.Check(LibC.Seek(file, 0, 0), "rewind a memory file");
        return file;
    }
}
