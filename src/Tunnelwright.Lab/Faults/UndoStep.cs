using System.Text.Json.Serialization;

namespace Tunnelwright.Lab.Faults;

/// <summary>How one change is undone. It is noted before the change is made, and undoing what was never done, or is undone already, does no harm.</summary>
/// <param name="Host">The lab host.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(FilterUndo), "filter")]
[JsonDerivedType(typeof(LinkUndo), "link")]
[JsonDerivedType(typeof(SysctlUndo), "sysctl")]
[JsonDerivedType(typeof(CommandUndo), "command")]
[JsonDerivedType(typeof(ResumeUndo), "resume")]
[JsonDerivedType(typeof(ServiceUndo), "service")]
[JsonDerivedType(typeof(EndUndo), "end")]
[JsonDerivedType(typeof(DesiredUndo), "desired")]
[JsonDerivedType(typeof(ReloadUndo), "reload")]
internal abstract record UndoStep(string Host)
{
    /// <summary>What is restored: the first note of a thing stands, since it holds how the thing was before any fault.</summary>
    [JsonIgnore]
    public abstract string Thing { get; }

    /// <summary>Lower ones are undone first: an agent takes settings only after it has been woken.</summary>
    [JsonIgnore]
    public virtual int Order => 0;
}

/// <summary>An nftables table is deleted.</summary>
internal sealed record FilterUndo(string Host, string Family, string Table) : UndoStep(Host)
{
    public override string Thing => $"table {Family} {Table}";
}

/// <summary>An interface is set up.</summary>
internal sealed record LinkUndo(string Host, string Interface) : UndoStep(Host)
{
    public override string Thing => $"link {Interface}";
}

/// <summary>A kernel setting gets its value back.</summary>
internal sealed record SysctlUndo(string Host, string Name, string Value) : UndoStep(Host)
{
    public override string Thing => $"sysctl {Name}";
}

/// <summary>A command is run; that what it takes away is absent is fine.</summary>
/// <param name="Host">The lab host.</param>
/// <param name="Command">Program and arguments.</param>
/// <param name="Last">Whether it is run after everything else has been undone.</param>
internal sealed record CommandUndo(string Host, IReadOnlyList<string> Command, bool Last = false) : UndoStep(Host)
{
    public override string Thing => $"command {string.Join(' ', Command)}";

    public override int Order => Last ? 5 : 0;
}

/// <summary>A stopped process goes on (SIGCONT).</summary>
internal sealed record ResumeUndo(string Host, int Pid, long StartTime) : UndoStep(Host)
{
    public override string Thing => $"process {Pid} {StartTime}";

    public override int Order => 1;
}

/// <summary>A program that was ended is started again with the same command, unless one with its mark runs.</summary>
internal sealed record ServiceUndo(string Host, string Mark, IReadOnlyList<string> Command, string LogFile) : UndoStep(Host)
{
    public override string Thing => $"service {Mark}";

    public override int Order => 2;
}

/// <summary>A program that the fault started is ended.</summary>
internal sealed record EndUndo(string Host, string Mark) : UndoStep(Host)
{
    public override string Thing => $"program {Mark}";
}

/// <summary>The host's agent gets its desired state back.</summary>
internal sealed record DesiredUndo(string Host, string File) : UndoStep(Host)
{
    public override string Thing => "desired state";

    public override int Order => 3;
}

/// <summary>The host's IKE daemons forget what was loaded behind the agent's back, and the agent loads its own again.</summary>
internal sealed record ReloadUndo(string Host) : UndoStep(Host)
{
    public override string Thing => "loaded connections";

    public override int Order => 4;
}
