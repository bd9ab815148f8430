using System.Net.Sockets;
using Tunnelwright.Linux.Native;

namespace Tunnelwright.Linux;

/// <summary>Waits on one thread for any of several sockets, for the clock, or for another thread that has something new to say.</summary>
public sealed class SocketWaiter : IDisposable
{
    private readonly WakeEvent _wake = new();
    private LibC.PollEntry[] _entries = [];

    /// <summary>Ends the wait that is under way, or the next one. From any thread.</summary>
    public void Wake() => _wake.Ring();

    /// <summary>Until a socket can be read, the time is over, or <see cref="Wake"/> was called. Only from one thread at a time.</summary>
    /// <param name="sockets">Open sockets; one that is closed meanwhile ends the wait at the latest when the time is over.</param>
    /// <param name="limit">How long at most, in steps of a millisecond (poll(2)), rounded up.</param>
    public unsafe void Wait(IReadOnlyList<Socket> sockets, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(sockets);
        var count = sockets.Count + 1;
        if (_entries.Length < count) _entries = new LibC.PollEntry[count];
        _entries[0] = _wake.Entry;
        for (var index = 1; index < count; index++) _entries[index] = new LibC.PollEntry { Descriptor = Descriptor(sockets[index - 1]), Events = LibC.PollIn };
        var milliseconds = (int)Math.Clamp(Math.Ceiling(limit.TotalMilliseconds), 0, int.MaxValue);
        int ready;
        fixed (LibC.PollEntry* first = _entries) ready = LibC.Poll(first, (nuint)count, milliseconds);
        if (ready > 0 && _entries[0].Returned != 0) _wake.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => _wake.Dispose();

    /// <summary>poll(2) passes over a negative descriptor.</summary>
    private static int Descriptor(Socket socket) => socket.SafeHandle.IsClosed ? -1 : (int)socket.SafeHandle.DangerousGetHandle();
}
