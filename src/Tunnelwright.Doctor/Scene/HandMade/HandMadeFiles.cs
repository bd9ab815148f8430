using Tunnelwright.Diagnosis;
using Tunnelwright.Model;

namespace Tunnelwright.Doctor;

/// <summary>The configuration that a person wrote for strongSwan or Libreswan, where those read it from, with everything that it includes.</summary>
internal sealed class HandMadeFiles
{
    /// <summary>The usual place, and that of the distributions which give strongSwan a folder of its own.</summary>
    private static readonly string[] Roots = ["/etc", "/etc/strongswan"];

    private readonly EvidenceStore _evidence = new();
    private readonly Secrets _secrets = new();

    private HandMadeFiles()
    {
    }

    public DeviceConfiguration Configuration { get; } = new();

    /// <summary>What was read and what could not be.</summary>
    public ConfigurationFolder Folder { get; } = new();

    /// <summary>Where charon listens and writes, when nothing else is known of it.</summary>
    public StrongswanConf Daemon { get; private set; } = new();

    /// <summary>The configuration files, without those of the daemon itself, in their order.</summary>
    public IReadOnlyList<string> Files { get; private set; } = [];

    /// <summary>What is wrong with it by itself and against the provider's files.</summary>
    public IReadOnlyList<Fact> Faults => _evidence.ConfigurationFaults;

    /// <summary>Whether some line of it cannot be read as configuration.</summary>
    public bool HasSyntaxFaults => Faults.Any(fault => fault.Cause == Causes.ConfigSyntax);

    /// <summary>Reads what there is.</summary>
    /// <param name="ownAddresses">This host's addresses, which tell its side in an ipsec.conf.</param>
    /// <param name="providers">The provider's files to compare with.</param>
    /// <param name="profile">The provider's limits.</param>
    public static HandMadeFiles Read(IReadOnlySet<string> ownAddresses, IEnumerable<DoctorConnection> providers, RequirementProfile profile)
    {
        var files = new HandMadeFiles();
        var faults = new ConfigurationFaults(files._evidence, files._secrets);
        var daemon = Roots.Select(root => $"{root}/strongswan.conf").FirstOrDefault(File.Exists);
        if (daemon is not null) files.Daemon = StrongswanConf.Read(daemon, files.Folder);
        var before = files.Folder.Files.Count;
        foreach (var root in Roots) files.ReadFrom(root, faults);
        foreach (var connection in files.Configuration.Connections.Where(connection => IsOnTheRight(connection, ownAddresses))) connection.TurnRound();
        files.Compare(providers, profile, faults);
        files.Files = [.. files.Folder.Files.Skip(before)];
        return files;
    }

    private void Compare(IEnumerable<DoctorConnection> providers, RequirementProfile profile, ConfigurationFaults faults)
    {
        var known = providers.Where(file => file.Read.Connection is not null).Select(file => new ProviderInput(file.File, file.Read.Connection!, file.Read.Lines)).ToList();
        foreach (var key in Configuration.Keys) _secrets.Know(key.Key);
        foreach (var tunnel in known.SelectMany(provider => provider.Connection.Tunnels)) _secrets.Know(tunnel.Ike.PreSharedKey?.Reveal());
        new Comparison(Configuration, known, profile, faults).Run();
    }

    private void ReadFrom(string root, ConfigurationFaults faults)
    {
        var swanctl = $"{root}/swanctl/swanctl.conf";
        if (Folder.Read(swanctl) is { } connections) new SwanctlReader(swanctl, Configuration, faults, Folder).Read(connections);
        var ipsec = $"{root}/ipsec.conf";
        if (Folder.Read(ipsec) is { } sections) new IpsecConfReader(ipsec, Configuration, faults, Folder).Read(sections);
        var secrets = $"{root}/ipsec.secrets";
        if (Folder.Read(secrets) is { } keys) new IpsecConfReader(secrets, Configuration, faults, Folder).ReadSecrets(keys);
    }

    private static bool IsOnTheRight(DeviceConnection connection, IReadOnlySet<string> own) =>
        connection.Peers.Any(peer => own.Contains(peer.ToString())) && Ipv4Address.TryParse(connection.Local?.Text, out var left) && !own.Contains(left.ToString());
}
