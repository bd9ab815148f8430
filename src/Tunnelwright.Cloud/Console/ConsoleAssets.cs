using System.IO.Compression;
using System.Security.Cryptography;

namespace Tunnelwright.Cloud;

/// <summary>Style sheets, script and icon, out of the program itself. Their paths hold their hashes, so that browsers keep them for ever.</summary>
public static class ConsoleAssets
{
    private const string Prefix = "Tunnelwright.Cloud.Console.";
    private const string Folder = ConsolePaths.Root + "/assets";
    private static readonly Dictionary<string, Asset> Files = Load();

    /// <summary>The path of a file.</summary>
    /// <param name="name">Its name, such as console.css.</param>
    public static string Path(string name) => Files[name].Path;

    internal static void Map(IEndpointRouteBuilder app)
    {
        foreach (var (name, file) in Files)
        {
            app.MapGet(file.Path, (HttpContext context) =>
            {
                context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
                context.Response.Headers.Vary = "Accept-Encoding";
                if (!context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase)) return Results.Bytes(file.Content, TypeOf(name));
                context.Response.Headers.ContentEncoding = "gzip";
                return Results.Bytes(file.Compressed, TypeOf(name));
            }).For(Audience.Anyone).ExcludeFromDescription();
        }
    }

    private static Dictionary<string, Asset> Load()
    {
        var files = new Dictionary<string, Asset>(StringComparer.Ordinal);
        var assembly = typeof(ConsoleAssets).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            var name = resource[Prefix.Length..];
            files[name] = new Asset(content, Compress(content), $"{Folder}/{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8))}/{name}");
        }

        return files;
    }

    private static byte[] Compress(byte[] content)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.SmallestSize, leaveOpen: true)) gzip.Write(content);
        return memory.ToArray();
    }

    private static string TypeOf(string name) => System.IO.Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    };

    private sealed record Asset(byte[] Content, byte[] Compressed, string Path);
}
