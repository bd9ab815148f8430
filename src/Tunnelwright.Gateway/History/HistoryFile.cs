using System.Text;
using System.Text.Json;
using Tunnelwright.Linux;

namespace Tunnelwright.Gateway;

/// <summary>
/// The events of a gateway on the disk: one JSON document a line, appended with a single write(2). At the limit the file becomes NAME.1, in
/// place of the one before. A line that cannot be read, such as one that a power cut tore, is passed over.
/// </summary>
internal sealed class HistoryFile(string path, long limit = HistoryFile.DefaultLimit)
{
    /// <summary>Bytes of a file, some 3000 events.</summary>
    public const long DefaultLimit = 512 << 10;

    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Appends an event. It is safe against the end of this process; against a power cut after the kernel has written it, some 30 s later.</summary>
    /// <exception cref="IOException">The disk is full, or the folder cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not ours.</exception>
    public void Append(GatewayEvent happened)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, FolderMode);
        if (new FileInfo(path) is { Exists: true } current && current.Length >= limit) File.Move(path, $"{path}.1", overwrite: true);
        using var file = new FileStream(
            path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, UnixCreateMode = AtomicFile.OwnerOnly, BufferSize = 0 });

        // A torn last line keeps to itself.
        var torn = false;
        if (file.Length > 0)
        {
            file.Seek(-1, SeekOrigin.End);
            torn = file.ReadByte() != '\n';
        }

        file.Seek(0, SeekOrigin.End);
        file.Write(Encoding.UTF8.GetBytes($"{(torn ? "\n" : "")}{JsonSerializer.Serialize(happened, HistoryJson.Default.GatewayEvent)}\n"));
    }

    /// <summary>All events that are kept, the oldest first; none when there is no file or it cannot be read.</summary>
    public IReadOnlyList<GatewayEvent> Read()
    {
        var events = new List<GatewayEvent>();
        foreach (var name in (string[])[$"{path}.1", path])
        {
            foreach (var line in Lines(name))
            {
                if (Parse(line) is { } happened) events.Add(happened);
            }
        }

        return events;
    }

    private static GatewayEvent? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, HistoryJson.Default.GatewayEvent) is { Kind.Length: > 0, Message: not null } happened ? happened : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The lines of the file's last bytes, as many as it may have and some.</summary>
    private List<byte[]> Lines(string name)
    {
        if (!File.Exists(name)) return [];
        try
        {
            using var file = new FileStream(name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > 2 * limit) file.Seek(-2 * limit, SeekOrigin.End);
            var bytes = new byte[file.Length - file.Position];
            var content = bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
            var lines = new List<byte[]>();
            foreach (var range in content.Split((byte)'\n'))
            {
                if (content[range].Length > 1) lines.Add(content[range].ToArray());
            }

            return lines;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
