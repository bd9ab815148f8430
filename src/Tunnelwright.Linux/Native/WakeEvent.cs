using Microsoft.Win32.SafeHandles;

namespace Tunnelwright.Linux.Native;

/// <summary>Ends a wait in poll(2) from another thread (eventfd(2)).</summary>
internal sealed unsafe class WakeEvent : IDisposable
{
    private readonly SafeFileHandle _event = LibC.Check(LibC.CreateEvent(0, LibC.OpenCloseOnExec), "make an event");

    /// <summary>The entry that poll(2) waits for.</summary>
    internal LibC.PollEntry Entry => new() { Descriptor = (int)_event.DangerousGetHandle(), Events = LibC.PollIn };

    /// <summary>Ends the wait that is under way, or the next one.</summary>
    internal void Ring()
    {
        var one = 1UL;
        _ = LibC.Write(_event, (byte*)&one, sizeof(ulong));
    }

    /// <summary>Takes a ring that has been seen; without one it would wait.</summary>
    internal void Clear()
    {
        ulong count;
        _ = LibC.Read(_event, (byte*)&count, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose() => _event.Dispose();
}
