using System.Text;

namespace Tunnelwright.Gateway.Tests;

/// <summary>The history on the disk: bounded, and readable whatever happened to it.</summary>
public sealed class HistoryFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tunnelwright-history-").FullName;

    private string Path => $"{_folder}/gateway/history.jsonl";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_appended_is_read_again()
    {
        var file = new HistoryFile(Path);
        Assert.Empty(file.Read());
        file.Append(Event("first \"with\" quotes\nand a line end"));
        file.Append(Event("second") with { Connection = null, Tunnel = null, Cause = null });
        Assert.Equal([Event("first \"with\" quotes\nand a line end"), Event("second") with { Connection = null, Tunnel = null, Cause = null }], new HistoryFile(Path).Read());
        Assert.Equal(2, File.ReadAllLines(Path).Length);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
    }

    [Fact]
    public void A_torn_last_line_is_passed_over_and_keeps_to_itself()
    {
        var file = new HistoryFile(Path);
        file.Append(Event("whole"));
        File.AppendAllText(Path, """{"at":"2026-01-02T03:04:05+00:00","conn""");
        Assert.Equal(["whole"], file.Read().Select(happened => happened.Message));
        file.Append(Event("after"));
        Assert.Equal(["whole", "after"], file.Read().Select(happened => happened.Message));
    }

    [Fact]
    public void Its_size_is_bounded_and_one_older_file_is_kept()
    {
        var file = new HistoryFile(Path, limit: 1000);
        for (var i = 0; i < 100; i++) file.Append(Event($"number {i}"));
        Assert.InRange(new FileInfo(Path).Length, 1, 1300);
        Assert.InRange(new FileInfo($"{Path}.1").Length, 1000, 1300);
        Assert.Equal(2, Directory.GetFiles(System.IO.Path.GetDirectoryName(Path)!).Length);
        var kept = file.Read();
        Assert.Equal("number 99", kept[^1].Message);
        Assert.InRange(kept.Count, 6, 20);
        Assert.Equal(kept.Count, kept.Select(happened => happened.Message).Distinct().Count());
    }

    [Fact]
    public void Any_bytes_are_read_without_an_error()
    {
        Directory.CreateDirectory($"{_folder}/gateway");
        var random = new Random(7);
        var file = new HistoryFile(Path);
        var good = Encoding.UTF8.GetBytes("{\"at\":\"2026-01-02T03:04:05+00:00\",\"connection\":\"v\",\"tunnel\":1,\"kind\":\"up\",\"cause\":null,\"message\":\"m\"}\n");
        for (var round = 0; round < 300; round++)
        {
            var bytes = new byte[random.Next(400)];
            random.NextBytes(bytes);
            if (round % 2 == 0)
            {
                bytes = [.. good, .. good];
                for (var i = 0; i < 4; i++) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(Path, bytes);
            Assert.All(file.Read(), happened => Assert.NotNull(happened.Message));
        }

        File.WriteAllBytes(Path, [.. "null\n[]\n{}\n{\"kind\":7}\n"u8, .. good]);
        Assert.Single(file.Read());
    }

    private static GatewayEvent Event(string message) => new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), "vpn-1", 2, EventKind.Down, "dpd-timeout", message);
}
