using System.Globalization;
using System.IO.MemoryMappedFiles;

namespace Tunnelwright.Fuzz;

/// <summary>fuzz SECONDS SEED FOLDER [WORD]: every parser in turn, or those whose name holds the word. What breaks one is saved in the folder.</summary>
internal static class Program
{
    private const double Slice = 1;
    private const int Room = 1 << 20;

    /// <summary>An input that takes so much processor time hangs; on a busy machine the clock on the wall says little.</summary>
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    /// <summary>One that waits for ever takes no processor time.</summary>
    private static readonly TimeSpan Stuck = TimeSpan.FromMinutes(5);

    /// <summary>What one input may allocate: far more than any needs, far less than a bomb takes.</summary>
    private const long MostAllocated = 512L << 20;

    private static long _running;

    private static int Main(string[] arguments)
    {
        if (arguments.Length < 3 || !double.TryParse(arguments[0], CultureInfo.InvariantCulture, out var seconds) || !int.TryParse(arguments[1], CultureInfo.InvariantCulture, out var seed)) return 2;
        var folder = Directory.CreateDirectory(arguments[2]).FullName;
        var parsers = Parsers.All.Where(parser => arguments.Length < 4 || parser.Name.Contains(arguments[3], StringComparison.Ordinal)).Select((parser, index) => new Campaign(parser, seed + (index * 1_000_003))).ToList();
        if (parsers.Count == 0) return 2;

        // The input at work lies in a file that outlives the process, should it die.
        using var current = MemoryMappedFile.CreateFromFile(Path.Combine(folder, "current"), FileMode.Create, null, Room + 8);
        using var view = current.CreateViewAccessor();
        StartWatch(folder, view);
        var start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start).TotalSeconds < seconds)
        {
            foreach (var parser in parsers)
            {
                var left = seconds - TimeProvider.System.GetElapsedTime(start).TotalSeconds;
                parser.Run(Math.Min(Slice, Math.Max(seconds / parsers.Count / 4, 0.05)), folder, view);
                if (left <= 0) break;
            }
        }

        foreach (var parser in parsers) Console.WriteLine(parser.Summary());
        Volatile.Write(ref _running, 0);
        view.Write(0, 0L);
        var faults = parsers.Sum(parser => parser.Faults);
        Console.WriteLine($"{parsers.Sum(parser => parser.Executions):N0} executions, seed {seed}, {faults} faults, highest memory {HighestMemory() / (1 << 20)} MB");
        return faults == 0 ? 0 : 1;
    }

    private static void StartWatch(string folder, MemoryMappedViewAccessor view)
    {
        var watch = new Thread(() =>
        {
            long watched = 0;
            var used = TimeSpan.Zero;
            while (true)
            {
                Thread.Sleep(500);
                var began = Volatile.Read(ref _running);
                if (began != watched) (watched, used) = (began, Environment.CpuUsage.TotalTime);
                if (began == 0 || (Environment.CpuUsage.TotalTime - used < Hang && TimeProvider.System.GetElapsedTime(began) < Stuck)) continue;
                var input = new byte[Math.Min(view.ReadInt64(0), Room)];
                view.ReadArray(8, input, 0, input.Length);
                var path = Path.Combine(folder, "hang");
                File.WriteAllBytes(path, input);
                Console.WriteLine($"hang: an input takes more than {Hang.TotalSeconds:0} s of processor time: {path}");
                Environment.Exit(1);
            }
        }) { IsBackground = true };
        watch.Start();
    }

    private static long HighestMemory()
    {
        var line = File.ReadLines("/proc/self/status").FirstOrDefault(text => text.StartsWith("VmHWM:", StringComparison.Ordinal)) ?? "";
        return long.Parse(string.Concat(line.Where(char.IsAsciiDigit)), CultureInfo.InvariantCulture) << 10;
    }

    /// <summary>One parser's share.</summary>
    private sealed class Campaign(Parser parser, int seed)
    {
        private readonly Random _random = new(seed);
        private double _seconds;
        private long _mostAllocated;
        private double _slowest;

        public long Executions { get; private set; }

        public int Faults { get; private set; }

        public void Run(double seconds, string folder, MemoryMappedViewAccessor view)
        {
            var start = TimeProvider.System.GetTimestamp();
            do
            {
                One(folder, view);
            }
            while (TimeProvider.System.GetElapsedTime(start).TotalSeconds < seconds && Faults < 20);
            _seconds += TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        }

        public string Summary() => string.Create(CultureInfo.InvariantCulture, $"{parser.Name,-15} {Executions,12:N0} executions {Executions / Math.Max(_seconds, 0.001),9:N0}/s   slowest {_slowest * 1000,6:0} ms   most allocated {_mostAllocated / 1048576.0,6:0.0} MB   {Faults} faults");

        private void One(string folder, MemoryMappedViewAccessor view)
        {
            var input = Mutation.Of(parser.Samples, _random);
            if (parser.Mend is { } mend && _random.Next(2) == 0) mend(input, _random);
            view.Write(0, (long)input.Length);
            view.WriteArray(8, input, 0, Math.Min(input.Length, Room));
            var began = TimeProvider.System.GetTimestamp();
            Volatile.Write(ref _running, began);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var used = Environment.CpuUsage.TotalTime;
            try
            {
                parser.Run(input);
            }
            catch (Exception problem)
            {
                Report(folder, input, problem.ToString());
            }

            Volatile.Write(ref _running, 0);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            _mostAllocated = Math.Max(_mostAllocated, allocated);
            _slowest = Math.Max(_slowest, (Environment.CpuUsage.TotalTime - used).TotalSeconds);
            if (allocated > MostAllocated) Report(folder, input, $"it allocates {allocated} bytes");
            Executions++;
        }

        private void Report(string folder, byte[] input, string what)
        {
            Faults++;
            var path = Path.Combine(folder, $"{parser.Name}-{Faults}");
            File.WriteAllBytes(path, input);
            Console.WriteLine($"{parser.Name}: {what}\n  input ({input.Length} bytes): {path}");
        }
    }
}
