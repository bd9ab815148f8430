using Tunnelwright.Formats;
using Tunnelwright.Formats.Tests;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Cli.Tests;

/// <summary>A folder of provider's files in every format, and a folder that the program may write to.</summary>
public sealed class Fixtures : IDisposable
{
    internal const string FirstKey = "Secret.Words_1.NobodyKnows";
    internal const string SecondKey = "Secret.Words_2.NobodyKnows";

    private int _outputs;

    public Fixtures()
    {
        Folder = Directory.CreateTempSubdirectory("tunnelwright-test-").FullName;
        foreach (var routing in Enum.GetValues<Routing>())
        {
            var connection = Connection(routing);
            foreach (var (format, target) in Written) Write(routing, format, ConfigurationWriters.Find(target)!.Write(connection, WriterSettings.Default)[0].Content);
            Write(routing, FormatNames.StrongSwanText, StrongSwanText.Write(connection));
        }
    }

    /// <summary>The formats with the target that writes them; the strongSwan text comes on top.</summary>
    internal static IReadOnlyList<(string Format, string Target)> Written { get; } =
    [
        (FormatNames.GenericText, "generic"),
        (FormatNames.Xml, "xml"),
        (FormatNames.DescribeJson, "describe-json"),
        (FormatNames.ModelJson, "json"),
        (FormatNames.ModelYaml, "yaml"),
    ];

    internal static IEnumerable<string> Formats => Written.Select(item => item.Format).Append(FormatNames.StrongSwanText);

    internal string Folder { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>A whole connection without a problem, as far as a connection on documentation addresses can be.</summary>
    internal static VpnConnection Connection(Routing routing) => new()
    {
        Id = "vpn-0a1b2c3d4e5f60718",
        CloudGatewayId = "vgw-0fedcba9876543210",
        CustomerGatewayId = "cgw-00112233445566778",
        Routing = routing,
        Tunnels = [Tunnel(1, routing, FirstKey), Tunnel(2, routing, SecondKey)],
    };

    internal static Tunnel Tunnel(int number, Routing routing, string key)
    {
        var inside = new InsideNetwork(new Cidr(new Ipv4Address(0xA9FE0A00u + (uint)(number * 4)), 30));
        return new Tunnel
        {
            Number = number,
            CustomerOutside = Ipv4Address.Parse("98.80.93.58"),
            CloudOutside = Ipv4Address.Parse($"52.18.33.{number}"),
            CustomerInside = inside.Customer,
            CloudInside = inside.Cloud,
            Ike = new IkeSettings(
                IkeVersion.V2,
                AuthenticationMethod.PreSharedKey,
                new PreSharedKey(key),
                new IkeProposal(EncryptionAlgorithm.Aes256, IntegrityAlgorithm.Sha256, new DhGroup(14)),
                new Lifetime(28800)),
            Ipsec = new IpsecSettings(new EspProposal(EncryptionAlgorithm.Aes256, IntegrityAlgorithm.Sha256, new DhGroup(14)), new Lifetime(3060)),
            MssBytes = 1379,
            MtuBytes = 1419,
            Bgp = routing == Routing.Bgp ? new BgpSettings(new Asn(65000), new Asn(64512), inside.Cloud.Address, 30) : null,
            StaticNextHop = routing == Routing.Static ? inside.Cloud.Address : null,
        };
    }

    internal string File(Routing routing, string format = FormatNames.GenericText) => Path.Combine(Folder, $"{routing}.{format}");

    /// <summary>A file with any content.</summary>
    internal string Other(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        System.IO.File.WriteAllText(path, content);
        return path;
    }

    /// <summary>A new folder that everybody may write to.</summary>
    internal string Output()
    {
        var path = Path.Combine(Folder, $"out-{Interlocked.Increment(ref _outputs)}");
        Directory.CreateDirectory(path);
        if (RootCheck.IsRoot) System.IO.File.SetUnixFileMode(path, (UnixFileMode)0b111_111_111);
        return path;
    }

    private void Write(Routing routing, string format, string content) => System.IO.File.WriteAllText(File(routing, format), content);
}
