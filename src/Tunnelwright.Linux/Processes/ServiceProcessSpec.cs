namespace Tunnelwright.Linux;

/// <summary>A daemon to start.</summary>
public sealed record ServiceProcessSpec
{
    /// <summary>Its name, looked for with <see cref="ProgramFinder"/>, or its path.</summary>
    public required string Program { get; init; }

    /// <summary>Its arguments. Everyone on the host can read them: no secrets here.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>
    /// Its variables, beside PATH, LC_ALL=C and the mark; nothing else of our own environment is handed on.
    /// </summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The value of TUNNELWRIGHT_MARK in its environment, by which <see cref="ServiceProcess.FindByMark"/> finds it again. Not empty.
    /// </summary>
    public required string MarkValue { get; init; }

    /// <summary>The file that its output and errors are appended to (made with mode 0600), or null for none.</summary>
    public string? LogFile { get; init; }

    /// <summary>The folder that it runs in. Default /.</summary>
    public string WorkingDirectory { get; init; } = "/";

    /// <summary>The named network namespace that it runs in, or null for our own.</summary>
    public string? NetworkNamespace { get; init; }

    /// <summary>
    /// A folder that it sees in place of /run (in a mount namespace of its own), or null for the real one. Other paths below the real /run do
    /// not exist for it: what it needs must lie in this folder or outside of /run.
    /// </summary>
    public string? PrivateRunDirectory { get; init; }
}
