using System.Runtime.InteropServices;

namespace Tunnelwright.Linux.Tests;

/// <summary>System calls that only tests need.</summary>
internal static partial class TestNative
{
    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    internal static partial int Duplicate(int descriptor);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static unsafe partial int Control(int descriptor, nuint request, void* argument);
}
