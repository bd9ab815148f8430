using System.Globalization;
using System.Text;
using Tunnelwright.Formats;

namespace Tunnelwright.EndToEnd;

/// <summary>The keys are in the provider's file and where they have to be, and nowhere else.</summary>
public sealed class SecretTests(StandingLab labs) : IClassFixture<StandingLab>
{
    [Fact]
    public async Task No_command_line_and_no_environment_ever_shows_a_key()
    {
        var lab = await labs.BgpAsync();

        // The watch sees what it has to see.
        await using (Background.Start("env", ["DECOY=PlantedForTheWatch", "sleep", "60"]))
        {
            using var watch = new ProcessWatch(["PlantedForTheWatch"]);
            await Eventually.HoldsAsync("the watch sees a planted word", TimeSpan.FromSeconds(10), () => watch.Found.Count > 0);
        }

        using (var watch = new ProcessWatch(lab.Keys))
        {
            await lab.BringUpAsync();
            await lab.TypeAsync("plan", lab.File);
            await lab.BringUpAsync("--prefer", "2");
            await lab.StatusAsync();
            await lab.TakeDownAsync();
            Assert.Empty(watch.Found);
            Assert.True(watch.Sweeps > 3, $"the watch looked {watch.Sweeps} times only");
        }
    }

    [Fact]
    public async Task Keys_are_in_the_files_that_need_them_and_only_root_reads_those()
    {
        var lab = await labs.BgpAsync();
        await lab.BringUpAsync();
        var root = lab.Host(TestLab.Gateway).Root;
        var id = (await lab.StatusAsync()).Connection.Id;
        Assert.Equal(
            [$"/etc/tunnelwright/connections/{id}", "/run/tunnelwright/default/desired.json"],
            FilesWithKeys(lab, $"{root}/run").Concat(FilesWithKeys(lab, $"{root}/etc/tunnelwright")).Concat(FilesWithKeys(lab, $"{root}/var/lib/tunnelwright")).Select(file => file[root.Length..]).Order());
        foreach (var folder in new[] { "/run/tunnelwright/default", "/etc/tunnelwright/connections" }) AssertOnlyOwner(root + folder);

        var own = Path.GetDirectoryName(lab.File)!;
        Assert.Equal(["cloud-endpoint-1.json", "cloud-endpoint-2.json", "provider.txt"], FilesWithKeys(lab, own).Select(file => file[(own.Length + 1)..]).Order());
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(own) & Others);
        foreach (var endpoint in new[] { "cloud-endpoint-1", "cloud-endpoint-2" })
        {
            var run = $"{lab.Host(endpoint).Root}/run";
            Assert.Equal(["/tunnelwright/default/desired.json"], FilesWithKeys(lab, run).Select(file => file[run.Length..]));
            AssertOnlyOwner($"{run}/tunnelwright/default");
        }
    }

    [Fact]
    public async Task No_output_shows_a_key_that_was_not_asked_for()
    {
        var lab = await labs.StaticAsync();
        string[][] commands =
        [
            ["check", lab.File], ["check", lab.File, "--json"], ["check", lab.File, lab.File], ["check", lab.File, lab.File, "--json"],
            ["plan", lab.File], ["plan", lab.File, "--json"],
            ["up", lab.File, "--json", "--wait", "100"], ["up", lab.File, "--prefer", "2"], ["status"], ["status", "--json"], ["down"],
            .. ConfigurationWriters.All.Select(writer => new[] { "convert", lab.File, "--to", writer.Target }),
        ];
        foreach (var command in commands)
        {
            var result = await lab.TypeAsync(command);
            foreach (var key in lab.Keys) Assert.False((result.Output + result.Error).Contains(key, StringComparison.Ordinal), $"{string.Join(' ', command)} shows a key");
        }

        var asked = await lab.TypeAsync("check", lab.File, "--show-secrets");
        foreach (var key in lab.Keys) Assert.Contains(key, asked.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Written_files_that_hold_keys_are_for_root_only()
    {
        var lab = await labs.StaticAsync();
        var root = lab.Host(TestLab.Gateway).Root;
        foreach (var writer in ConfigurationWriters.All)
        {
            var folder = $"/run/converted/{writer.Target}";
            var result = await lab.TypeAsync("convert", lab.File, "--to", writer.Target, "--out", folder);
            if (result.ExitCode != 0) continue;
            foreach (var file in FilesWithKeys(lab, root + folder)) Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(file) & Others);
        }

        Assert.NotEmpty(FilesWithKeys(lab, $"{root}/run/converted"));
        Directory.Delete($"{root}/run/converted", recursive: true);
    }

    [Theory]
    [InlineData("0StartsWithAZeroAndIsThirtyTwoLo")]
    [InlineData("Quoted\"InTheMiddleOfTheWholeKey_")]
    [InlineData("Space inTheMiddleOfTheWholeKey__")]
    [InlineData("Back\\SlashInTheMiddleOfTheKey___")]
    [InlineData("Shorty7")]
    [InlineData("FarTooLongFarTooLongFarTooLongFarTooLongFarTooLongFarTooLongFarTooLongFarTooLong")]
    public async Task A_key_that_is_not_allowed_is_not_shown_either(string key)
    {
        var lab = await labs.StaticAsync();
        var file = $"{lab.Host(TestLab.Gateway).Root}/run/bad-key";
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(lab.File)).Replace(lab.Keys[0], key, StringComparison.Ordinal));
        foreach (var command in new string[][] { ["check", "/run/bad-key"], ["check", "/run/bad-key", "--json"], ["plan", "/run/bad-key"], ["convert", "/run/bad-key", "--to", "swanctl"] })
        {
            var result = await lab.TypeAsync(command);
            Assert.False((result.Output + result.Error).Contains(key[2..], StringComparison.Ordinal), $"{string.Join(' ', command)} shows the key: {result.Error}{result.Output}");
            Complaint.AssertNoTrace(result);
        }

        File.Delete(file);
    }

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Plain files below a folder that hold a key: as it is, in hexadecimal digits, or in base 64.</summary>
    private static IReadOnlyList<string> FilesWithKeys(TestLab lab, string folder)
    {
        var spellings = lab.Keys.SelectMany(key => new[] { key, Convert.ToHexString(Encoding.UTF8.GetBytes(key)), Convert.ToHexStringLower(Encoding.UTF8.GetBytes(key)), Convert.ToBase64String(Encoding.UTF8.GetBytes(key))[..40] }).ToList();
        return [.. PlainFiles(folder).Where(file => File.ReadAllText(file, Encoding.Latin1) is var text && spellings.Any(spelling => text.Contains(spelling, StringComparison.Ordinal)))];
    }

    private static IEnumerable<string> PlainFiles(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => new FileInfo(file) is { LinkTarget: null } && !IsSocket(file) && !IsLock(file))
        : [];

    private static bool IsSocket(string file) => file.EndsWith(".sock", StringComparison.Ordinal) || file.EndsWith(".ctl", StringComparison.Ordinal) || Path.GetFileName(file) is "vici" or "control" or ".s.PGSQL.5432";

    /// <summary>The agent's lock is empty, and opening a locked file for reading is refused by the framework.</summary>
    private static bool IsLock(string file) => Path.GetFileName(file) == "lock" && new FileInfo(file).Length == 0;

    private static void AssertOnlyOwner(string folder)
    {
        Assert.All(Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).Append(folder), path => Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & Others));
        Assert.All(PlainFiles(folder), path => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path)));
    }

    /// <summary>Reads the command lines and environments of all processes of this machine, over and over, and notes which hold one of the words.</summary>
    private sealed class ProcessWatch : IDisposable
    {
        private readonly HashSet<string> _found = new(StringComparer.Ordinal);
        private readonly List<byte[]> _words;
        private readonly CancellationTokenSource _stopping = new();
        private readonly Thread _thread;
        private int _sweeps;

        public ProcessWatch(IEnumerable<string> words)
        {
            _words = [.. words.Select(Encoding.UTF8.GetBytes)];
            _thread = new Thread(Watch) { IsBackground = true };
            _thread.Start();
        }

        public int Sweeps => Volatile.Read(ref _sweeps);

        public IReadOnlyCollection<string> Found
        {
            get
            {
                lock (_found) return [.. _found];
            }
        }

        public void Dispose()
        {
            _stopping.Cancel();
            _thread.Join();
            _stopping.Dispose();
        }

        private void Watch()
        {
            while (!_stopping.IsCancellationRequested)
            {
                foreach (var process in Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, null, out var pid) && pid != Environment.ProcessId))
                {
                    Look($"{process}/cmdline");
                    Look($"{process}/environ");
                }

                Interlocked.Increment(ref _sweeps);
                Thread.Sleep(5);
            }
        }

        private void Look(string file)
        {
            try
            {
                var content = File.ReadAllBytes(file);
                if (!_words.Exists(word => content.AsSpan().IndexOf(word) >= 0)) return;
                lock (_found) _found.Add($"{file}: {Encoding.UTF8.GetString(content.AsSpan(0, Math.Min(content.Length, 60))).Replace('\0', ' ')}");
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // The process ended in between.
            }
        }
    }
}
