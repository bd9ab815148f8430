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

    public string HostsFile => $"{Path}/hosts.json";

    public string Log(string host, string service) => $"{Path}/log/{host}.{service}.log";

    /// <summary>The names of all labs that left a folder.</summary>
    public static IReadOnlyList<string> Names() => Directory.Exists(Base) ? [.. Directory.EnumerateDirectories(Base).Select(folder => System.IO.Path.GetFileName(folder))] : [];

    public void Create()
    {
        Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory($"{Path}/log");
    }

    public void WriteHosts(IReadOnlyList<LabHost> hosts) => AtomicFile.Write(HostsFile, JsonSerializer.Serialize(hosts, LabJson.Default.IReadOnlyListLabHost));

    public IReadOnlyList<LabHost>? ReadHosts() =>
        File.Exists(HostsFile) ? JsonSerializer.Deserialize(File.ReadAllText(HostsFile), LabJson.Default.IReadOnlyListLabHost) : null;
}

[JsonSerializable(typeof(IReadOnlyList<LabHost>))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, IgnoreReadOnlyProperties = true)]
internal sealed partial class LabJson : JsonSerializerContext;
