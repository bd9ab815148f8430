using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Tunnelwright.Linux.Native;

/// <summary>
/// Starts a program with posix_spawn(3) from the calling thread, so that the child has that thread's namespaces, umask and folder.
/// Nothing is inherited but the three standard descriptors; signals are as after a fresh login.
/// </summary>
internal static unsafe class ProcessLauncher
{
    // posix_spawnattr_t is 336 bytes and posix_spawn_file_actions_t 80 in glibc on 64-bit machines; sigset_t is 128.
    private const int OpaqueSize = 1024;
    private const int SignalSetSize = 128;

    /// <summary>Starts the program and gives its process id. The child is ours to wait for.</summary>
    /// <exception cref="ProgramMissingException">The file is not there any more.</exception>
    /// <exception cref="KernelException">fork or exec failed.</exception>
    internal static int Launch(LaunchRequest request)
    {
        var actions = stackalloc byte[OpaqueSize];
        var attributes = stackalloc byte[OpaqueSize];
        var signals = stackalloc byte[SignalSetSize];
        var allocated = new List<nint>(request.Arguments.Count + request.Environment.Count + 4);
        Demand(LibC.InitialiseFileActions(actions));
        Demand(LibC.InitialiseAttributes(attributes));
        try
        {
            Demand(LibC.AddDuplicate(actions, Number(request.Input), 0));
            Demand(LibC.AddDuplicate(actions, Number(request.Output), 1));
            Demand(LibC.AddDuplicate(actions, Number(request.Error), 2));
            Demand(LibC.AddCloseFrom(actions, 3));
            if (request.WorkingDirectory is { } folder)
                Demand(LibC.AddChangeFolder(actions, Text(folder, allocated)));

            new Span<byte>(signals, SignalSetSize).Clear();
            Demand(LibC.SetSignalMask(attributes, signals));
            new Span<byte>(signals, SignalSetSize).Fill(0xff);
            Demand(LibC.SetDefaultSignals(attributes, signals));
            // A session is dearer than a group: the scheduler makes an autogroup for it (sched(7)).
            var leader = request.NewSession ? LibC.SpawnSetSession : LibC.SpawnSetGroup;
            Demand(LibC.SetSpawnFlags(attributes, (short)(leader | LibC.SpawnSetSignalDefault | LibC.SpawnSetSignalMask)));

            var arguments = Vector([request.Name, .. request.Arguments], allocated);
            var environment = Vector(request.Environment, allocated);
            int pid;
            var errno = LibC.Spawn(&pid, Text(request.Path, allocated), actions, attributes, arguments, environment);
            if (errno == KernelErrors.NoEntry && !File.Exists(request.Path))
                throw new ProgramMissingException(request.Path);
            if (errno != 0)
                throw KernelException.FromErrno($"start {request.Name}", errno);
            return pid;
        }
        finally
        {
            foreach (var block in allocated)
                NativeMemory.Free((void*)block);
            _ = LibC.DestroyAttributes(attributes);
            _ = LibC.DestroyFileActions(actions);
        }
    }

    private static int Number(SafeFileHandle handle) => (int)handle.DangerousGetHandle();

    private static void Demand(int errno)
    {
        if (errno != 0)
            throw KernelException.FromErrno("prepare a process", errno);
    }

    private static byte* Text(string text, List<nint> allocated)
    {
        if (text.Contains('\0'))
            throw new ArgumentException("A program's path, argument or variable must not hold a zero byte.", nameof(text));
        var length = Encoding.UTF8.GetByteCount(text);
        var block = (byte*)NativeMemory.Alloc((nuint)length + 1);
        allocated.Add((nint)block);
        Encoding.UTF8.GetBytes(text, new Span<byte>(block, length));
        block[length] = 0;
        return block;
    }

    private static byte** Vector(IReadOnlyList<string> texts, List<nint> allocated)
    {
        var vector = (byte**)NativeMemory.Alloc((nuint)(texts.Count + 1), (nuint)sizeof(byte*));
        allocated.Add((nint)vector);
        for (var index = 0; index < texts.Count; index++)
            vector[index] = Text(texts[index], allocated);
        vector[texts.Count] = null;
        return vector;
    }
}
