using System.Text;
using Tunnelwright.Linux;

namespace Tunnelwright.Diagnosis;

/// <summary>The configuration files of a device where they stand: reads them, and the files that their includes name. It tells what it could not read.</summary>
internal sealed class ConfigurationFolder
{
    private const int MostFiles = 256;
    private const int DeepestInclude = 8;

    private readonly HashSet<string> _open = new(StringComparer.Ordinal);

    /// <summary>The files that were read, in their order.</summary>
    public List<string> Files { get; } = [];

    /// <summary>The files that could not be read, and why.</summary>
    public List<(string File, string Why)> Unreadable { get; } = [];

    /// <summary>The text of a file; null when there is none, or when it cannot be read.</summary>
    public string? Read(string file)
    {
        try
        {
            if (!RegularFile.Is(file) || Files.Count >= MostFiles) return null;
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length > DiagnosisInput.MaximumConfiguration) throw new IOException($"it is larger than {DiagnosisInput.MaximumConfiguration >> 20} MiB");
            using var reader = new StreamReader(stream, Encoding.UTF8);
            var text = reader.ReadToEnd();
            Files.Add(file);
            return text;
        }
        catch (UnauthorizedAccessException)
        {
            Unreadable.Add((file, "only root may read it"));
            return null;
        }
        catch (IOException problem)
        {
            Unreadable.Add((file, problem.Message));
            return null;
        }
    }

    /// <summary>Hands every file that an include names to a reader. A file that includes itself is passed over.</summary>
    /// <param name="pattern">A path with *, ? and [] in its last part, relative to the including file's folder (glob(7)).</param>
    /// <param name="from">The file that the include stands in.</param>
    /// <param name="read">Reads a file's text.</param>
    public void Include(string pattern, string from, Action<string, string> read)
    {
        if (_open.Count >= DeepestInclude) return;
        foreach (var file in Matching(Path.IsPathRooted(pattern) ? pattern : Path.Combine(Path.GetDirectoryName(from) ?? "/", pattern)))
        {
            if (!_open.Add(file)) continue;
            if (Read(file) is { } text) read(file, text);
            _open.Remove(file);
        }
    }

    private List<string> Matching(string pattern)
    {
        if (pattern.AsSpan().IndexOfAny("*?[") < 0) return [pattern];
        var folder = Path.GetDirectoryName(pattern) ?? "/";
        try
        {
            if (folder.AsSpan().IndexOfAny("*?[") >= 0 || !Directory.Exists(folder)) return [];
            // A class of characters is rare in an include: any character stands for it.
            var last = System.Text.RegularExpressions.Regex.Replace(Path.GetFileName(pattern), @"\[[^\]]*\]", "?", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));
            return [.. Directory.EnumerateFiles(folder, last, new EnumerationOptions { MatchType = MatchType.Simple, IgnoreInaccessible = false, AttributesToSkip = FileAttributes.None })
                .Where(file => !Path.GetFileName(file).StartsWith('.')).Order(StringComparer.Ordinal)];
        }
        catch (UnauthorizedAccessException)
        {
            Unreadable.Add((folder, "only root may look into it"));
            return [];
        }
        catch (IOException problem)
        {
            Unreadable.Add((folder, problem.Message));
            return [];
        }
    }
}
