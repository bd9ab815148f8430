using System.IO.Compression;
using System.Text;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Formats;
using Tunnelwright.Model;

namespace Tunnelwright.Cloud;

/// <summary>Files for devices: the one way from here to Formats. Whatever Formats can write is a device.</summary>
internal static class ConnectionFiles
{
    /// <summary>The device that every customer can use.</summary>
    public const string Generic = "generic";

    /// <summary>The devices, the generic one first.</summary>
    public static IReadOnlyList<Device> All { get; } =
        [.. ConfigurationWriters.All.Select(writer => new Device(writer.Target, writer.Description)).OrderBy(device => device.Id == Generic ? 0 : 1)];

    /// <summary>Their ids.</summary>
    public static IReadOnlyCollection<string> Ids { get; } = [.. All.Select(device => device.Id)];

    /// <summary>Writes a connection for a device.</summary>
    /// <returns>The content, its media type, and a name for the file. Several files come as one zip.</returns>
    /// <exception cref="ProblemException">There is no such device, or it needs something that nobody has said.</exception>
    public static (byte[] Content, string MediaType, string Name) Write(VpnConnection connection, string device)
    {
        var writer = ConfigurationWriters.Find(device) ?? throw ProblemException.NotValid("device", "device", $"There is no device {device}; GET {Paths.Devices} lists them.");
        try
        {
            var files = writer.Write(connection, WriterSettings.Default);
            return files.Count == 1
                ? (Encoding.UTF8.GetBytes(files[0].Content), MediaTypeOf(files[0].Name), $"{connection.Id}-{writer.Target}{Path.GetExtension(files[0].Name)}")
                : (Zip(files), "application/zip", $"{connection.Id}-{writer.Target}.zip");
        }
        catch (WriterException problem)
        {
            throw ProblemException.NotValid("device", "device", problem.Hint is null ? problem.Message : $"{problem.Message} ({problem.Hint})");
        }
    }

    private static string MediaTypeOf(string name) => Path.GetExtension(name) switch
    {
        ".json" => "application/json",
        ".xml" => "application/xml",
        ".yaml" or ".yml" => "application/yaml",
        _ => "text/plain; charset=utf-8",
    };

    private static byte[] Zip(IEnumerable<ConfigurationFile> files)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var file in files)
            {
                var entry = archive.CreateEntry(file.Name);
                entry.ExternalAttributes = (file.HoldsSecrets ? 0x8180 : 0x81A4) << 16; // a regular file of mode 0600 or 0644
                using var stream = entry.Open();
                stream.Write(Encoding.UTF8.GetBytes(file.Content));
            }
        }

        return memory.ToArray();
    }
}
