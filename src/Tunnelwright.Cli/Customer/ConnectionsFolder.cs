using System.Text.Json;
using System.Text.Json.Serialization;
using Tunnelwright.Gateway;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Cli.Customer;

/// <summary>
/// The customer's configuration: the provider's files as they came in connections/, each with an optional NAME.options.json beside it.
/// What stands here is brought up by the agent, also after a reboot.
/// </summary>
internal sealed class ConnectionsFolder
{
    private const string OptionsSuffix = ".options.json";
    private const string DownSuffix = ".down";

    public static string Path => "/etc/tunnelwright/connections";

    /// <summary>Every connection that is to be up; files that cannot be used are told to <paramref name="problem"/> and passed over.</summary>
    public static IReadOnlyList<StoredConnection> Read(Action<string> problem)
    {
        if (!Directory.Exists(Path)) return [];
        var found = new List<StoredConnection>();
        foreach (var file in Directory.EnumerateFiles(Path).Order(StringComparer.Ordinal))
        {
            if (file.EndsWith(OptionsSuffix, StringComparison.Ordinal) || file.EndsWith(DownSuffix, StringComparison.Ordinal)) continue;
            try
            {
                var read = ProviderFiles.Read(file, RequirementProfile.Default);
                if (read.Connection is null || read.HasErrors) throw new CliException(ExitCodes.NotHealthy, $"{file} has errors: tunnelwright check {file}");
                if (found.Any(known => known.Connection.Id == read.Connection.Id)) throw new CliException(ExitCodes.NotHealthy, $"{file} is {read.Connection.Id} a second time");
                found.Add(new StoredConnection(file, read.Connection, ReadOptions(file)));
            }
            catch (CliException unusable)
            {
                problem(unusable.Message);
            }
        }

        return found;
    }

    /// <summary>Keeps a provider's file and its options, mode 0600, in place of what was kept of this connection before.</summary>
    public static void Store(VpnConnection connection, byte[] content, StoredOptions options)
    {
        Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var known in Read(_ => { }).Where(known => known.Connection.Id == connection.Id)) File.Delete(known.File);
        var file = $"{Path}/{SafeName(connection.Id)}";
        AtomicFile.Write(file + OptionsSuffix, JsonSerializer.Serialize(options, StoredOptionsContext.Default.StoredOptions));
        AtomicFile.Write(file, content);
        File.Delete(file + DownSuffix);
    }

    /// <summary>Takes a connection out of service; its file stays as NAME.down.</summary>
    public static void SetAside(StoredConnection stored) => File.Move(stored.File, stored.File + DownSuffix, overwrite: true);

    private static StoredOptions ReadOptions(string file)
    {
        var path = file + OptionsSuffix;
        if (!File.Exists(path)) return new StoredOptions();
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), StoredOptionsContext.Default.StoredOptions) ?? new StoredOptions();
        }
        catch (JsonException problem)
        {
            throw new CliException(ExitCodes.WrongCall, $"{path} cannot be read: line {problem.LineNumber + 1}");
        }
    }

    private static string SafeName(string id) => new([.. id.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_')]);
}

/// <summary>A connection of the folder.</summary>
internal sealed record StoredConnection(string File, VpnConnection Connection, StoredOptions Options)
{
    /// <summary>What the gateway has to realise.</summary>
    /// <exception cref="CliException">Something is missing that neither the file nor the options say.</exception>
    public DesiredConnection Desire()
    {
        try
        {
            return CustomerGateway.Desire(Connection, Options.ToCustomerOptions());
        }
        catch (ArgumentException problem)
        {
            throw new CliException(ExitCodes.NotHealthy, problem.Message.Split(" (Parameter", 2)[0]);
        }
    }
}

/// <summary>The options of a connection as they are kept beside its file.</summary>
internal sealed record StoredOptions
{
    public IReadOnlyList<string> LocalRanges { get; init; } = [];

    public IReadOnlyList<string> CloudRanges { get; init; } = [];

    public IReadOnlyList<string> CloudDnsServers { get; init; } = [];

    /// <summary>Milliseconds between echo requests through a healthy tunnel; null for the default.</summary>
    public int? EchoInterval { get; init; }

    /// <summary>1 or 2; 0 for none; null for the default.</summary>
    public int? Prefer { get; init; }

    /// <summary>Both tunnels at once.</summary>
    public bool EqualCost { get; init; }

    public string? CustomerAsn { get; init; }

    public string? CustomerAddress { get; init; }

    public DataPlane DataPlane { get; init; }

    /// <summary>About the cloud's names; null without a forwarder.</summary>
    public StoredNames? Names { get; init; }

    public CustomerOptions ToCustomerOptions() => new()
    {
        LocalRanges = Commands.Options.ParseRanges("localRanges", [.. LocalRanges]),
        CloudRanges = Commands.Options.ParseRanges("cloudRanges", [.. CloudRanges]),
        CloudDnsServers = Commands.Options.ParseAddresses("cloudDnsServers", [.. CloudDnsServers]),
        HealthyEchoMilliseconds = EchoInterval,
        Prefer = Prefer,
        EqualCost = EqualCost,
        CustomerAsn = CustomerAsn is null ? null : Asn.TryParse(CustomerAsn, out var asn) ? asn : throw new CliException(ExitCodes.WrongCall, $"'{CustomerAsn}' is not an AS number from 0 to 4294967295"),
        CustomerAddress = CustomerAddress is null ? null : Ipv4Address.TryParse(CustomerAddress, out var address) ? address : throw new CliException(ExitCodes.WrongCall, $"'{CustomerAddress}' is not an IPv4 address"),
    };
}

/// <summary>What is kept about the cloud's names.</summary>
internal sealed record StoredNames
{
    public IReadOnlyList<string> Listen { get; init; } = [];

    public IReadOnlyList<string> Servers { get; init; } = [];

    public IReadOnlyList<string> Domains { get; init; } = [];

    public IReadOnlyList<string> Upstreams { get; init; } = [];

    public IReadOnlyList<string> Allow { get; init; } = [];

    public bool KeepChains { get; init; }

    public CustomerNameOptions ToNameOptions() => new()
    {
        Listen = EndPoints("listen", Listen),
        Servers = EndPoints("servers", Servers),
        Domains = Domains.ToValueList(),
        Upstreams = EndPoints("upstreams", Upstreams),
        Allow = Commands.Options.ParseRanges("allow", [.. Allow]),
        KeepChains = KeepChains,
    };

    private static ValueList<Ipv4EndPoint> EndPoints(string member, IReadOnlyList<string> texts) =>
        Commands.NameOptions.EndPoints($"names.{member}", [.. texts]).Select(Ipv4EndPoint.Parse).ToValueList();
}

[JsonSerializable(typeof(StoredOptions))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class StoredOptionsContext : JsonSerializerContext;
