using System.Collections;
using System.Runtime.InteropServices;
using Tunnelwright.Linux.Native;

namespace Tunnelwright.Linux;

/// <summary>Puts another program in the place of this process (execve(2)): it keeps the process id, the terminal, the open standard streams and the exit status.</summary>
public static unsafe class ProcessReplacement
{
    private const int SignalPipe = 13;

    /// <summary>Executes a program with this process's environment as it is now.</summary>
    /// <param name="program">Its name or path; a name is looked for in PATH and the system's folders.</param>
    /// <param name="arguments">Arguments without the program's name.</param>
    /// <returns>Never; the type lets callers return it.</returns>
    /// <exception cref="ProgramMissingException">There is no such program.</exception>
    /// <exception cref="KernelException">The kernel refused; the message holds its words.</exception>
    public static int Execute(string program, IReadOnlyList<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var path = ProgramFinder.Find(program);
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => $"{entry.Key}={entry.Value}");
        var argumentBlock = Block([program, .. arguments]);
        var environmentBlock = Block(environment);

        // The runtime ignores SIGPIPE, and what is ignored stays ignored over execve.
        LibC.SetSignalHandler(SignalPipe, 0);
        LibC.Execute(path, argumentBlock, environmentBlock);
        throw KernelException.FromErrno($"execute {program}", Marshal.GetLastPInvokeError());
    }

    private static byte** Block(IEnumerable<string> texts)
    {
        var list = texts.ToArray();
        var block = (byte**)NativeMemory.AllocZeroed((nuint)list.Length + 1, (nuint)sizeof(byte*));
        for (var i = 0; i < list.Length; i++) block[i] = (byte*)Marshal.StringToCoTaskMemUTF8(list[i]);
        return block;
    }
}
