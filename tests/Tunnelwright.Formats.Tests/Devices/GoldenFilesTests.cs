using System.Runtime.CompilerServices;

namespace Tunnelwright.Formats.Tests;

/// <summary>Every device's files, byte by byte. Rewritten with TUNNELWRIGHT_REWRITE_GOLDEN=1: look at the difference before it is committed.</summary>
public sealed class GoldenFilesTests
{
    private static readonly bool Rewrite = Environment.GetEnvironmentVariable("TUNNELWRIGHT_REWRITE_GOLDEN") == "1";

    public static TheoryData<string, string> Folders
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var target in DeviceSamples.Devices)
            {
                foreach (var name in DeviceSamples.Names)
                {
                    if (!DeviceSamples.Refuses(target, DeviceSamples.Of(target, name))) data.Add(target, name);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_devices_files_are_the_golden_ones(string target, string name)
    {
        var files = DeviceFiles.Find(target)!.Write(DeviceSamples.Of(target, name));
        var folder = Path.Combine(Root(), target, name);
        if (Rewrite)
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            Directory.CreateDirectory(folder);
            foreach (var file in files) File.WriteAllText(Path.Combine(folder, file.Name), file.Content);
            Assert.Skip("Rewritten; run again without TUNNELWRIGHT_REWRITE_GOLDEN.");
        }

        Assert.True(Directory.Exists(folder), $"{folder} does not exist; TUNNELWRIGHT_REWRITE_GOLDEN=1 writes it.");
        Assert.Equal(Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal), files.Select(file => file.Name).Order(StringComparer.Ordinal));
        foreach (var file in files) Assert.Equal(File.ReadAllText(Path.Combine(folder, file.Name)), file.Content);
    }

    [Fact]
    public void No_golden_folder_is_left_over()
    {
        var expected = Folders.Select(row => Path.Combine(row.Data.Item1, row.Data.Item2)).ToHashSet(StringComparer.Ordinal);
        foreach (var folder in Directory.GetDirectories(Root(), "*", SearchOption.AllDirectories).Where(folder => Directory.GetFiles(folder).Length > 0))
        {
            Assert.Contains(Path.GetRelativePath(Root(), folder), expected);
        }
    }

    /// <summary>Where the golden files are.</summary>
    internal static string Root([CallerFilePath] string path = "") => Path.Combine(Path.GetDirectoryName(path)!, "Golden");
}
