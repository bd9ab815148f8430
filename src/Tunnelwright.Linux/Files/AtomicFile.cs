using System.Text;
using Tunnelwright.Linux.Native;

namespace Tunnelwright.Linux;

/// <summary>
/// Writes files whole or not at all: into a new file beside the target, to the disk, then renamed over it. A reader sees the old or the new
/// content, never a part, also after a power cut.
/// </summary>
public static class AtomicFile
{
    /// <summary>Mode 0600: only the owner reads and writes.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Mode 0644: the owner writes, everyone reads.</summary>
    public const UnixFileMode EveryoneReads = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Writes text as UTF-8.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="text">The content.</param>
    /// <param name="mode">The file's mode whatever the umask. Default 0600. It takes effect only when all is written.</param>
    /// <exception cref="IOException">The disk is full, the folder is absent …; the old file is untouched.</exception>
    public static void Write(string path, string text, UnixFileMode mode = OwnerOnly) => Write(path, Encoding.UTF8.GetBytes(text), mode);

    /// <summary>Writes bytes.</summary>
    /// <inheritdoc cref="Write(string, string, UnixFileMode)"/>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="content">The content.</param>
    /// <param name="mode">The file's mode whatever the umask. Default 0600.</param>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode = OwnerOnly)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(full) ?? throw new ArgumentException($"'{path}' is not a file.", nameof(path));
        var temporary = Path.Combine(folder, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.tmp");
        try
        {
            // Until everything is written nobody else can open it, whatever mode it will have.
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.None,
                BufferSize = 0,
                UnixCreateMode = OwnerOnly,
            };
            using (var file = new FileStream(temporary, options))
            {
                file.Write(content);
                File.SetUnixFileMode(file.SafeFileHandle, mode);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        using var handle = LibC.Check(LibC.Open(folder, LibC.OpenReadOnly | LibC.OpenCloseOnExec, 0), $"open {folder}");
        LibC.Check(LibC.Synchronise(handle), $"write {folder} to the disk");
    }

    /// <summary>Writes text as UTF-8 without holding the caller's thread.</summary>
    /// <inheritdoc cref="Write(string, string, UnixFileMode)"/>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="text">The content.</param>
    /// <param name="mode">The file's mode whatever the umask. Default 0600.</param>
    /// <param name="cancellationToken">Only keeps a write from starting.</param>
    public static Task WriteAsync(string path, string text, UnixFileMode mode = OwnerOnly, CancellationToken cancellationToken = default)
        => Task.Run(() => Write(path, text, mode), cancellationToken);
}
