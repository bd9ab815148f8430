using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tunnelwright.Linux.Native;

namespace Tunnelwright.Linux;

/// <summary>
/// An exclusive lock on a file (flock(2)). It lasts until it is disposed or the process ends, however it ends; children do not inherit it.
/// The file stays: taking it away would let two processes hold locks on two files of one name.
/// </summary>
public sealed class FileLock : IDisposable
{
    private const uint OwnerOnly = 0b110_000_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private readonly SafeFileHandle _file;

    private FileLock(SafeFileHandle file) => _file = file;

    /// <summary>Takes the lock if nobody has it.</summary>
    /// <param name="path">The file; made with mode 0600 when absent.</param>
    /// <returns>Null when somebody else, or another lock of ours, has it.</returns>
    /// <exception cref="KernelException">The file cannot be opened.</exception>
    public static FileLock? TryAcquire(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var operation = $"lock {path}";
        var file = LibC.Check(LibC.Open(path, LibC.OpenReadWrite | LibC.OpenCreate | LibC.OpenCloseOnExec, OwnerOnly), operation);
        while (LibC.Lock(file, LibC.LockExclusive | LibC.LockNonBlocking) < 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno == KernelErrors.Interrupted)
                continue;
            file.Dispose();
            return errno == KernelErrors.TryAgain ? null : throw KernelException.FromErrno(operation, errno);
        }

        return new FileLock(file);
    }

    /// <summary>Takes the lock, waiting until it is free; it looks every 20 ms.</summary>
    /// <param name="path">The file; made with mode 0600 when absent.</param>
    /// <param name="time">Where the pauses come from; null means the system's clock.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<FileLock> AcquireAsync(string path, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryAcquire(path) is { } taken)
                return taken;
            await Task.Delay(Pause, time ?? TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Gives the lock back.</summary>
    public void Dispose()
    {
        if (_file.IsClosed)
            return;
        // A child between fork and exec has a copy of the descriptor: closing ours would leave the lock to it for that moment.
        _ = LibC.Lock(_file, LibC.LockRelease);
        _file.Dispose();
    }
}
