namespace Tunnelwright.Formats.Tests;

/// <summary>Real files that lie beside the repository on the machines that have them.</summary>
internal static class Corpus
{
    private static readonly string? Folder = Find();

    /// <summary>The bytes of a file; the test is skipped, with the reason, where the folder does not exist.</summary>
    public static byte[] Read(string name)
    {
        Assert.SkipWhen(Folder is null, "The folder shared/corpus/configs is not beside the repository on this machine.");
        return File.ReadAllBytes(Path.Combine(Folder!, name));
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "corpus", "configs");
            if (Directory.Exists(candidate)) return candidate;
        }

        // The build may lie outside the repository; the sources know where it is.
        for (var folder = new DirectoryInfo(SourceFolder()); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "corpus", "configs");
            if (Directory.Exists(candidate)) return candidate;
        }

        return null;
    }

    private static string SourceFolder([System.Runtime.CompilerServices.CallerFilePath] string path = "") => Path.GetDirectoryName(path) ?? "/";
}
