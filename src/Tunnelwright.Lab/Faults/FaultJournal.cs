using System.Text.Json;
using System.Text.Json.Serialization;
using Tunnelwright.Linux;

namespace Tunnelwright.Lab.Faults;

/// <summary>A fault that was injected.</summary>
/// <param name="Fault">Its name.</param>
/// <param name="Tunnel">The tunnel; 0 for a fault that is not about one tunnel.</param>
internal sealed record InjectedFault(string Fault, int Tunnel);

/// <summary>What stands in the journal's file.</summary>
internal sealed record JournalContent(IReadOnlyList<InjectedFault> Faults, IReadOnlyList<UndoStep> Steps);

/// <summary>
/// What was injected into a lab and how it is undone, in the lab's folder. Every step is on the disk before its change is made, so that
/// another process heals what this one did, also when this one died in the middle.
/// </summary>
internal sealed class FaultJournal
{
    private readonly string _file;
    private JournalContent _content;

    private FaultJournal(string lab)
    {
        Folder = $"{new LabFolder(lab).Path}/faults";
        _file = $"{Folder}/journal.json";
        _content = File.Exists(_file) ? JsonSerializer.Deserialize(File.ReadAllText(_file), JournalJson.Default.JournalContent) ?? Empty : Empty;
    }

    /// <summary>Where faults keep files; mode 0700.</summary>
    public string Folder { get; }

    public IReadOnlyList<InjectedFault> Faults => _content.Faults;

    public IReadOnlyList<UndoStep> Steps => _content.Steps;

    private static JournalContent Empty => new([], []);

    /// <summary>Reads a lab's journal. The caller holds <see cref="LockAsync"/>.</summary>
    public static FaultJournal Open(string lab) => new(lab);

    /// <summary>One process at a time injects or heals.</summary>
    public static Task<FileLock> LockAsync(string lab, CancellationToken cancellationToken)
    {
        var folder = $"{new LabFolder(lab).Path}/faults";
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return FileLock.AcquireAsync($"{folder}/lock", cancellationToken: cancellationToken);
    }

    /// <summary>Notes a fault that is about to be injected.</summary>
    /// <returns>False when it was noted before.</returns>
    public bool Note(InjectedFault fault)
    {
        if (Faults.Contains(fault)) return false;
        Write(_content with { Faults = [.. Faults, fault] });
        return true;
    }

    /// <summary>A fault was refused: it is not there.</summary>
    public void Withdraw(InjectedFault fault) => Write(_content with { Faults = [.. Faults.Where(known => known != fault)] });

    /// <summary>Notes how a change that is about to be made is undone.</summary>
    /// <returns>The note that stands for this thing: an earlier one, when there is one.</returns>
    public UndoStep Note(UndoStep step)
    {
        if (Steps.FirstOrDefault(known => known.Host == step.Host && known.Thing == step.Thing) is { } earlier) return earlier;
        Write(_content with { Steps = [.. Steps, step] });
        return step;
    }

    /// <summary>A step has been undone.</summary>
    public void Forget(UndoStep step) => Write(_content with { Steps = [.. Steps.Where(known => known.Host != step.Host || known.Thing != step.Thing)] });

    /// <summary>Everything has been undone.</summary>
    public void Clear()
    {
        foreach (var file in Directory.EnumerateFiles(Folder).Where(file => Path.GetFileName(file) is not "lock")) File.Delete(file);
        _content = Empty;
    }

    private void Write(JournalContent content)
    {
        AtomicFile.Write(_file, JsonSerializer.Serialize(content, JournalJson.Default.JournalContent));
        _content = content;
    }
}

[JsonSerializable(typeof(JournalContent))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
internal sealed partial class JournalJson : JsonSerializerContext;
