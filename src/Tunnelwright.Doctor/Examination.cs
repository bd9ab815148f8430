using Tunnelwright.Diagnosis;
using Tunnelwright.Gateway;
using Tunnelwright.Linux;
using Tunnelwright.Vici;

namespace Tunnelwright.Doctor;

/// <summary>Looks at one side of the gateway. It only observes.</summary>
/// <param name="name">What it looks at, as its checks are called.</param>
internal abstract class Examination(string name)
{
    /// <summary>All of them. What logs say comes first, so that what is seen now counts as later.</summary>
    public static IReadOnlyList<Examination> All { get; } =
    [
        new LogExamination(),
        new HistoryExamination(),
        new ConfigurationExamination(),
        new WrittenExamination(),
        new DaemonExamination(),
        new HostExamination(),
        new RouteExamination(),
        new FilterExamination(),
        new EndpointExamination(),
        new TunnelExamination(),
        new SessionExamination(),
        new CloudExamination(),
        new SiteExamination(),
        new NameExamination(),
        new PrivateNameExamination(),
        new PortExamination(),
        new PathExamination(),
    ];

    /// <summary>What its checks are called.</summary>
    public string Name { get; } = name;

    /// <summary>Whether the host cannot be called healthy when this could not be looked at.</summary>
    public virtual bool IsEssential => false;

    /// <summary>Looks, and adds what it sees.</summary>
    /// <param name="scene">What there is on this host.</param>
    /// <param name="result">Takes checks and facts.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public abstract Task LookAsync(Scene scene, ExaminationResult result, CancellationToken cancellationToken);

    /// <summary>Looks at all tunnels side by side.</summary>
    protected static Task EachTunnelAsync(Scene scene, ExaminationResult result, Func<TunnelView, ExaminationResult, Task> look) =>
        Task.WhenAll(scene.Tunnels.Select(async tunnel =>
        {
            var own = new ExaminationResult();
            await look(tunnel, own);
            lock (result)
            {
                result.Checks.AddRange(own.Checks);
                result.Facts.AddRange(own.Facts);
                result.LeavesOpen |= own.LeavesOpen;
            }
        }));

    /// <summary>What keeps an examination from being made and says nothing about the gateway.</summary>
    public static bool IsObstacle(Exception problem) => problem is KernelException or CommandFailedException or ProgramMissingException or UnreadableOutputException or NftablesException or ViciException or BirdException
        or IOException or UnauthorizedAccessException or TimeoutException or OperationCanceledException or System.Net.Sockets.SocketException;
}

/// <summary>What an examination saw.</summary>
internal sealed class ExaminationResult
{
    public List<Check> Checks { get; } = [];

    public List<Fact> Facts { get; } = [];

    /// <summary>Puts what was read into the evidence, before the facts; null when there is nothing of that kind.</summary>
    public Action<EvidenceStore>? Pour { get; set; }

    /// <summary>Whether something is not as it should be, or not known, that no fact explains.</summary>
    public bool LeavesOpen { get; set; }

    public void Pass(string name, string detail) => Checks.Add(new Check(name, "pass", detail));

    public void Fail(string name, string detail) => Checks.Add(new Check(name, "fail", detail));

    public void Skip(string name, string detail) => Checks.Add(new Check(name, "skip", detail));

    /// <summary>Adds a fact and the failed check that it makes.</summary>
    public void Saw(FactKind kind, string check, string detail, TunnelView? tunnel = null, string? source = null)
    {
        Fail(check, detail);
        Add(kind, source ?? check, detail, tunnel);
    }

    /// <summary>Adds where a person wrote what a fact is about, when this product did not.</summary>
    public void PointTo(FactKind kind, TunnelView tunnel, Func<DeviceConnection, Setting?> setting)
    {
        if (tunnel.Written is not { } written) return;
        var value = setting(written);
        var line = value?.Line ?? written.Line;
        if (line > 0) Facts.Add(new Fact(kind, written.Source, line, $"connection '{written.Name}'{(value is { } known ? $": {known.Text}" : "")}") { Scope = tunnel.Name, Tunnel = tunnel.Number, IsOrigin = true });
    }

    /// <summary>Adds a fact without a check.</summary>
    public void Add(FactKind kind, string source, string detail, TunnelView? tunnel = null) =>
        Facts.Add(new Fact(kind, source, null, detail) { Scope = tunnel?.Name ?? "", Tunnel = tunnel?.Number });
}
