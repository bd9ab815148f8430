using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Tunnelwright.Diagnosis;

/// <summary>Collects the evidence of this machine into one archive without secrets. What cannot be had is named in its manifest and keeps nothing else out.</summary>
public sealed class BundleCollector
{
    private const int LargestTotal = 128 << 20;

    private static readonly TimeSpan OrdinaryPatience = TimeSpan.FromSeconds(15);

    private readonly TimeProvider _time;
    private readonly IReadOnlyList<BundleSource> _sources;
    private readonly TimeSpan _patience;

    internal BundleCollector(IEnumerable<BundleSource> sources, TimeProvider? time = null, TimeSpan? patience = null)
    {
        _patience = patience ?? OrdinaryPatience;
        _sources = [.. sources];
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Collects from this machine.</summary>
    /// <param name="program">The path of this program, which is asked for status and plan; null when it is not known.</param>
    /// <param name="connections">Paths of the provider's files in use.</param>
    public static BundleCollector OfThisMachine(string? program, IReadOnlyList<string> connections) =>
        new([.. new BundleFiles("").All(), .. BundleCommands.All(program, connections), .. BundleVici.All()]);

    /// <summary>The name that a bundle has unless another one is chosen.</summary>
    /// <param name="host">The machine's name.</param>
    /// <param name="now">The time.</param>
    public static string DefaultName(string host, DateTimeOffset now)
    {
        var safe = string.Concat((host ?? "").Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')).TrimStart('.', '-');
        return $"tunnelwright-bundle-{(safe.Length == 0 ? "host" : safe)}-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}.tar.gz";
    }

    /// <summary>Collects, takes the secrets out, and writes the archive.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="isRoot">Whether this runs as root.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<BundleManifest> WriteAsync(Stream output, bool isRoot, CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        var now = _time.GetUtcNow();
        var got = new List<(BundleSource Source, BundleText? Text, long Milliseconds, string? Problem)>();
        long total = 0;
        foreach (var source in _sources)
        {
            var clock = Stopwatch.StartNew();
            var (text, problem) = total > LargestTotal ? (null, "the bundle is large enough without it") : await ReadAsync(source, cancellationToken);
            total += text?.Text.Length ?? 0;
            got.Add((source, text, clock.ElapsedMilliseconds, problem ?? text?.Problem));
        }

        var redactor = new BundleRedactor();
        foreach (var (_, text, _, problem) in got)
        {
            if (text is not null) redactor.Learn(text.Text);
            if (problem is not null) redactor.Learn(problem);
        }

        var members = new List<(string Name, byte[] Content)>();
        var entries = new List<BundleEntry>();
        foreach (var (source, text, milliseconds, problem) in got)
        {
            var content = text is null ? null : Encoding.UTF8.GetBytes(redactor.Clean(text.Text));
            if (content is not null) members.Add((source.Member, content));
            entries.Add(new BundleEntry(content is null ? null : source.Member, redactor.Clean(source.From), content?.Length ?? 0, milliseconds, problem is null ? null : redactor.Clean(problem)));
        }

        var manifest = new BundleManifest(1, Environment.MachineName, now, (long)_time.GetElapsedTime(began).TotalMilliseconds, isRoot, redactor.Count, entries);
        await ArchiveAsync(output, manifest, members, now, cancellationToken);
        return manifest;
    }

    private async Task<(BundleText? Text, string? Problem)> ReadAsync(BundleSource source, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_patience);
        try
        {
            return (await source.ReadAsync(limit.Token).WaitAsync(_patience, cancellationToken), null);
        }
        catch (Exception problem) when (problem is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Whatever one source does, the others are still of use.
            return (null, problem is FileNotFoundException or DirectoryNotFoundException && problem.Message.StartsWith("Could not find", StringComparison.Ordinal) ? "not there" : problem.Message.Split('\n')[0]);
        }
    }

    private static async Task ArchiveAsync(Stream output, BundleManifest manifest, List<(string Name, byte[] Content)> members, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var packed = new GZipStream(output, CompressionLevel.Optimal, leaveOpen: true);
        await using var archive = new TarWriter(packed, TarEntryFormat.Pax, leaveOpen: true);
        foreach (var (name, content) in members.Prepend(("manifest.json", JsonSerializer.SerializeToUtf8Bytes(manifest, BundleJson.Default.BundleManifest))))
        {
            using var data = new MemoryStream(content, writable: false);
            var entry = new PaxTarEntry(TarEntryType.RegularFile, $"tunnelwright-bundle/{name}") { DataStream = data, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite, ModificationTime = now };
            await archive.WriteEntryAsync(entry, cancellationToken);
        }
    }
}
