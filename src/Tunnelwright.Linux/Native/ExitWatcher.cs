using Microsoft.Win32.SafeHandles;

namespace Tunnelwright.Linux.Native;

/// <summary>One thread that waits with poll(2) for the end of any number of processes (pidfd_open(2)).</summary>
internal static class ExitWatcher
{
    private static readonly Lock Gate = new();
    private static readonly List<Watch> Watches = [];
    private static readonly WakeEvent Wake = new();
    private static bool _started;

    /// <summary>Completes when the process has ended. The handle must stay open until then.</summary>
    internal static async Task WaitAsync(SafeFileHandle process, CancellationToken cancellationToken)
    {
        var watch = new Watch((int)process.DangerousGetHandle());
        lock (Gate)
        {
            Watches.Add(watch);
            if (!_started)
            {
                _started = true;
                new Thread(Loop, 256 * 1024) { IsBackground = true, Name = "process exits" }.Start();
            }
        }

        Wake.Ring();
        try
        {
            await watch.Ended.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (Gate)
                Watches.Remove(watch);
            GC.KeepAlive(process);
        }
    }

    private static unsafe void Loop()
    {
        while (true)
        {
            List<Watch> watched;
            lock (Gate)
                watched = [.. Watches];
            var entries = new LibC.PollEntry[watched.Count + 1];
            entries[0] = Wake.Entry;
            for (var index = 0; index < watched.Count; index++)
                entries[index + 1] = new LibC.PollEntry { Descriptor = watched[index].Descriptor, Events = LibC.PollIn };
            fixed (LibC.PollEntry* first = entries)
            {
                if (LibC.Poll(first, (nuint)entries.Length, -1) < 0)
                    continue;
            }

            if (entries[0].Returned != 0)
                Wake.Clear();

            for (var index = 0; index < watched.Count; index++)
            {
                // A handle that was closed after a cancellation shows as an error; its watch is gone from the list by then.
                if ((entries[index + 1].Returned & LibC.PollIn) == 0)
                    continue;
                lock (Gate)
                    Watches.Remove(watched[index]);
                watched[index].Ended.TrySetResult();
            }
        }
    }

    private sealed class Watch(int descriptor)
    {
        internal int Descriptor { get; } = descriptor;

        internal TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
