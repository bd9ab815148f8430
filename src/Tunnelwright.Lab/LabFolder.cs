using System.Text.Json;
using System.Text.Json.Serialization;
using Tunnelwright.Linux;

namespace Tunnelwright.Lab;

/// <summary>What is kept of a lab between two calls: its hosts' processes, its provider's file, logs. Mode 0700.</summary>
internal sealed record LabFolder(string Name)
{
    private const string Base = "/var/lib/tunnelwright-lab";

    public string Path => $"{Base}/{Name}";

    public string ProviderFile => $"{Path}/provider.txt";

    /// <summary>The token of a customer at the lab's service; there only with a service.</summary>
    /// <param name="customer">The customer's number, from 1.</param>
    public string CustomerToken(int customer) => customer == 1 ? $"{Path}/customer.token" : $"{Path}/customer-{customer}.token";

    public string HostsFile => $"{Path}/hosts.json";

    /// <summary>What every host has of its own. The sources' name is none that the machine has, or mount(8) would find the folders mounted already.</summary>
    public string MountTable => $"{Path}/fstab";

    public string Log(string host, string service) => $"{Path}/log/{host}.{service}.log";

    /// <summary>The names of all labs that left a folder.</summary>
    public static IReadOnlyList<string> Names() => Directory.Exists(Base) ? [.. Directory.EnumerateDirectories(Base).Select(folder => System.IO.Path.GetFileName(folder))] : [];

    public void Create()
    {
        Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory($"{Path}/log");
        File.WriteAllText(MountTable, """
            lab-host /run tmpfs mode=755 0 0
            lab-host /etc/tunnelwright tmpfs mode=700 0 0
            lab-host /var/lib/tunnelwright tmpfs mode=700 0 0
            lab-host /sys sysfs defaults 0 0

            """);
    }

    public void WriteHosts(IReadOnlyList<LabHost> hosts) => AtomicFile.Write(HostsFile, JsonSerializer.Serialize(hosts, LabJson.Default.IReadOnlyListLabHost));

    public IReadOnlyList<LabHost>? ReadHosts() =>
        File.Exists(HostsFile) ? JsonSerializer.Deserialize(File.ReadAllText(HostsFile), LabJson.Default.IReadOnlyListLabHost) : null;
}

[JsonSerializable(typeof(IReadOnlyList<LabHost>))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, IgnoreReadOnlyProperties = true)]
internal sealed partial class LabJson : JsonSerializerContext;
