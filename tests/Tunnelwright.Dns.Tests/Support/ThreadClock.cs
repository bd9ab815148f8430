using System.Runtime.InteropServices;

namespace Tunnelwright.Dns.Tests.Support;

/// <summary>Processor time of the thread that asks (clock_gettime(2), CLOCK_THREAD_CPUTIME_ID), the kernel's work for it included.</summary>
internal static partial class ThreadClock
{
    private const int ThreadProcessorTime = 3;

    public static long Nanoseconds
    {
        get
        {
            _ = GetTime(ThreadProcessorTime, out var time);
            return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
