using Tunnelwright.Gateway;
using Tunnelwright.Vici;

namespace Tunnelwright.Doctor;

/// <summary>An IKE daemon of this host as it is seen, whoever started it.</summary>
internal sealed record DaemonView
{
    public required int Pid { get; init; }

    /// <summary>Its control socket; null when it has none that speaks VICI.</summary>
    public required string? Socket { get; init; }

    /// <summary>Whether it answered there.</summary>
    public required bool Answers { get; init; }

    /// <summary>UDP port of IKE.</summary>
    public int IkePort { get; init; } = 500;

    /// <summary>UDP port of IKE and ESP under NAT traversal.</summary>
    public int NatPort { get; init; } = 4500;

    /// <summary>The TUN device of kernel-libipsec; null where the kernel does ESP.</summary>
    public string? TunDevice { get; init; }

    public IReadOnlyList<string> ConnectionNames { get; init; } = [];

    public IReadOnlyList<string> KeyNames { get; init; } = [];

    public IReadOnlyList<IkeSaStatus> Sas { get; init; } = [];

    public static DaemonView Of(ObservedCharon charon) => new()
    {
        Pid = charon.Process.Pid,
        Socket = charon.Instance.ViciSocket,
        Answers = charon.Answers,
        IkePort = charon.Instance.IkePort,
        NatPort = charon.Instance.NatPort,
        TunDevice = charon.TunDevice,
        ConnectionNames = charon.ConnectionNames,
        KeyNames = charon.KeyNames,
        Sas = charon.Sas,
    };

    /// <summary>The IKE SA and the SA pair of a connection: of several the one that carries.</summary>
    public (IkeSaStatus? Ike, ChildSaStatus? Child) SasOf(string name)
    {
        var own = Sas.Where(sa => sa.Name == name && sa.State is not ("DELETING" or "DESTROYING")).ToList();
        var child = own.SelectMany(sa => sa.Children).Where(candidate => candidate.IsInstalled || candidate.State is "REKEYED" or "REKEYING").MaxBy(candidate => candidate.UniqueId);
        return (own.OrderByDescending(sa => child is not null && sa.Children.Contains(child)).ThenByDescending(sa => sa.IsEstablished).ThenByDescending(sa => sa.UniqueId).FirstOrDefault(), child);
    }
}
