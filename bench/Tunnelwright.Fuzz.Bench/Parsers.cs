using System.Formats.Tar;
using System.Reflection;
using System.Text;
using Tunnelwright.Diagnosis;
using Tunnelwright.Diagnosis.Tests;
using Tunnelwright.Formats;
using Tunnelwright.Fuzz.Dns;
using Tunnelwright.Gateway;
using Tunnelwright.Ike;
using Tunnelwright.Ike.Tests.Protocol;
using Tunnelwright.Linux;
using Tunnelwright.Model;
using Tunnelwright.Vici;
using Tunnelwright.Vici.Protocol;

namespace Tunnelwright.Fuzz;

/// <summary>Every parser of the project, with samples of the tests.</summary>
internal static class Parsers
{
    private const int TarBlock = 512;

    public static IReadOnlyList<Parser> All { get; } =
    [
        new("provider-files", ProviderFiles(), bytes =>
        {
            var read = ProviderFile.Read(bytes);
            if (read.Connection is not { } connection) return;
            _ = ConnectionRules.Check(connection, RequirementProfile.Default);
            _ = GenericTextWriter.Write(connection);
        }),
        new("vici", ViciPackets(), Vici),
        new("ike", [.. RealMessages.All, .. Enumerable.Range(0, 3).Select(i => IkeBuilder.SaInit(7, i > 0)), IkeBuilder.Sealed(7, IkeExchangeType.Auth, 1, true, 200)], Ike),
        new("logs", Fixtures(), bytes => Diagnose(bytes)),
        new("configurations", [.. Texts(Configurations.Swanctl, Configurations.IpsecConf, Configurations.Secrets, Configurations.Provider)], bytes => Diagnose(bytes)),
        new("captures", Captures(), bytes => Diagnose(bytes)),
        new("archives", Archives(), bytes => Diagnose(bytes)) { Mend = MendTar },
        new("redactor", [.. Texts([.. PlantedSecrets.Files.Values, PlantedSecrets.Xfrm])], Redact),
        new("tools-output", [.. Texts(ToolOutput.All)], Tools),
        new("desired-state", [.. Texts(PlantedSecrets.Files["/run/tunnelwright/default/desired.json"], ToolOutput.Desired)], Desired),
        .. DnsParsers.All,
    ];

    private static void Diagnose(byte[] bytes)
    {
        var diagnosis = new FileDiagnosis(RequirementProfile.Default);
        try
        {
            diagnosis.Add("input", new MemoryStream(bytes));
        }
        catch (InvalidDataException)
        {
            // Broken gzip: the one error that is allowed.
            return;
        }

        var report = diagnosis.Finish();
        if (report.Verdict == "faulty" != report.Findings.Count > 0) throw new InvalidOperationException($"The verdict is {report.Verdict} with {report.Findings.Count} findings.");
        if (report.Findings.Any(finding => finding.Evidence.Count == 0 || finding.Evidence.Any(line => line.Text.Any(c => c == '\n')))) throw new InvalidOperationException("A finding without evidence, or evidence of several lines.");
        DiagnosisJson.Write(Stream.Null, report);
    }

    private static void Vici(byte[] bytes)
    {
        try
        {
            var packet = ViciPacket.Decode(bytes);
            _ = packet.Message.ToString();
            foreach (var (name, section) in packet.Message.Sections)
            {
                _ = IkeSaStatus.Read(name, section);
                _ = ConnectionDescription.Read(name, section);
            }

            _ = DaemonStatistics.Read(packet.Message);
        }
        catch (ViciProtocolException)
        {
            // The one error that is allowed.
        }
    }

    private static void Ike(byte[] bytes)
    {
        var (things, fault) = Walker.Walk(bytes);
        if (things > bytes.Length || fault?.Offset > bytes.Length) throw new InvalidOperationException("More than there is.");
        if (!IkeHeader.TryRead(bytes, out var header, out _)) return;
        var answer = IkeAnswer.Read(bytes, header, TimeSpan.Zero);
        _ = answer.Redirect;
        _ = answer.Suite?.ToString();
        foreach (var id in answer.VendorIds) _ = IkeVendorIds.Identify(id)?.ToString();
    }

    private static void Redact(byte[] bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        var redactor = new BundleRedactor();
        redactor.Learn($"secret = \"{PlantedSecrets.Psk}\"\n");
        redactor.Learn(text);
        if (redactor.Clean(text).Contains(PlantedSecrets.Psk, StringComparison.Ordinal)) throw new InvalidOperationException("A known key is left.");
    }

    private static void Tools(byte[] bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        foreach (var read in (Action<string>[])[one => IpJson.ReadLinks(one), one => IpJson.ReadAddresses(one), one => IpJson.ReadRoutes(one), one => IpJson.ReadRules(one, isIPv6: false), one => NftJson.ReadTable(one, "inet", "t1"), one => NftJson.ReadTableNames(one)])
        {
            try
            {
                read(text);
            }
            catch (UnreadableOutputException)
            {
                // The one error that is allowed.
            }
        }

        _ = BirdProtocol.Parse(text.Split('\n'));
    }

    private static void Desired(byte[] bytes)
    {
        try
        {
            _ = DesiredGatewayJson.Read(Encoding.UTF8.GetString(bytes));
        }
        catch (FormatException)
        {
            // The one error that is allowed.
        }
    }

    private static IReadOnlyList<byte[]> ProviderFiles()
    {
        var connection = ProviderFile.Read(Configurations.Provider).Connection ?? throw new InvalidOperationException("The sample cannot be read.");
        return [.. Texts(Configurations.Provider, GenericTextWriter.Write(connection), XmlConfigurationWriter.Write(connection), DescribeJsonWriter.Write(connection), ModelDocumentWriter.WriteJson(connection), ModelDocumentWriter.WriteYaml(connection))];
    }

    private static byte[][] ViciPackets()
    {
        var child = new ViciSection { { "name", "net" }, { "uniqueid", 7 }, { "state", "INSTALLED" }, { "spi-in", "c0ffee01" }, { "bytes-in", 123456789012 }, { "local-ts", ["10.0.0.0/8"] } };
        var ike = new ViciSection { { "uniqueid", 3 }, { "version", 2 }, { "state", "ESTABLISHED" }, { "established", 12 }, { "child-sas", new ViciSection { { "net-7", child } } } };
        using var packet = ViciPacket.Encode(ViciPacketType.Event, ViciEventNames.ChildRekey, new ViciSection { { "up", true }, { "gateway", ike } });
        using var answer = ViciPacket.Encode(ViciPacketType.CommandResponse, null, ike);
        return [packet.Written[4..].ToArray(), answer.Written[4..].ToArray()];
    }

    private static byte[][] Fixtures()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames().SelectMany(name =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            return reader.ReadToEnd().Split("\n=== ").Select(Encoding.UTF8.GetBytes);
        })];
    }

    private static byte[][] Captures() =>
    [
        .. Enum.GetValues<CaptureStyle>().SelectMany(style => CaptureCases.All.Values.Where((_, index) => index % 3 == (int)style % 3).Select(one => one.Write(new CaptureBuilder(style)).Build())),
        .. ((int[])[0, 101, 113, 276]).Select(link => CaptureCases.All["proposals"].Write(new CaptureBuilder { LinkType = link }).Build()),
        .. CaptureCases.Healthy.Values.Select(write => write(new CaptureBuilder()).Build()),
    ];

    private static byte[][] Archives() => [.. new[] { TarEntryFormat.Pax, TarEntryFormat.Gnu, TarEntryFormat.Ustar }.Select(format =>
    {
        using var memory = new MemoryStream();
        using (var writer = new TarWriter(memory, format, leaveOpen: true))
        {
            foreach (var (name, content) in ((string, byte[])[])[($"{new string('n', 90)}/a.log", Fixtures()[1]), ("b.conf", Encoding.UTF8.GetBytes(Configurations.Swanctl)), ("c.pcap", CaptureCases.All["silence"].Write(new CaptureBuilder()).Build())])
            {
                TarEntry entry = format switch { TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name), TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name), _ => new PaxTarEntry(TarEntryType.RegularFile, name) };
                entry.DataStream = new MemoryStream(content);
                writer.WriteEntry(entry);
            }
        }

        return memory.ToArray();
    })];

    /// <summary>Makes the checksums right.</summary>
    private static void MendTar(byte[] bytes, Random random)
    {
        for (var at = 0; at + TarBlock <= bytes.Length; at += TarBlock)
        {
            var header = bytes.AsSpan(at, TarBlock);
            if (!header.Slice(257, 5).SequenceEqual("ustar"u8)) continue;
            if (random.Next(4) == 0) header[156] = (byte)"0Lx5gK127"[random.Next(9)];
            header.Slice(148, 8).Fill((byte)' ');
            var sum = 0;
            foreach (var octet in header) sum += octet;
            Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ", header.Slice(148, 8));
        }
    }

    private static IEnumerable<byte[]> Texts(params string[] texts) => texts.Select(Encoding.UTF8.GetBytes);
}
