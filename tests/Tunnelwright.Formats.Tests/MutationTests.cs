using System.Diagnostics;
using System.Text;
using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

/// <summary>Whole files with damage of every kind: reading ends, stays bounded, reads right or says what is wrong, and never shows a key.</summary>
public sealed class MutationTests
{
    private static readonly Dictionary<string, VpnConnection> Connected = new()
    {
        ["text-bgp"] = Connections.Ordinary(),
        ["text-static"] = Connections.Ordinary(Routing.Static),
        ["oldest"] = Texts.OldestConnection,
        ["xml"] = Connections.Ordinary(),
        ["json"] = Connections.Ordinary(),
        ["strongswan"] = Connections.Ordinary(),
        ["model-json"] = Connections.Ordinary(),
        ["model-yaml"] = Connections.Ordinary(),
    };

    private static readonly Dictionary<string, string> Files = new()
    {
        ["text-bgp"] = GenericTextWriter.Write(Connected["text-bgp"]),
        ["text-static"] = GenericTextWriter.Write(Connected["text-static"]),
        ["oldest"] = Texts.Oldest,
        ["xml"] = XmlConfigurationWriter.Write(Connected["xml"]),
        ["json"] = DescribeJsonWriter.Write(Connected["json"]),
        ["strongswan"] = StrongSwanText.Write(Connected["strongswan"]),
        ["model-json"] = ModelDocumentWriter.WriteJson(Connected["model-json"]),
        ["model-yaml"] = ModelDocumentWriter.WriteYaml(Connected["model-yaml"]),
    };

    public static TheoryData<string> Names => [.. Files.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Cut_off_at_every_character(string name)
    {
        var text = Files[name];
        var step = text.Length > 6000 ? 7 : 1;
        for (var length = 0; length < text.Length; length += step) Check(name, text[..length], $"cut at {length}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Begun_at_every_line(string name)
    {
        var lines = Files[name].Split('\n');
        for (var first = 0; first < lines.Length; first++) Check(name, string.Join('\n', lines[first..]), $"begun at line {first + 1}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void One_line_gone(string name)
    {
        var lines = Files[name].Split('\n');
        for (var gone = 0; gone < lines.Length; gone++) Check(name, string.Join('\n', [.. lines[..gone], .. lines[(gone + 1)..]]), $"without line {gone + 1}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void One_line_end_gone(string name)
    {
        var lines = Files[name].Split('\n');
        for (var index = 0; index + 1 < lines.Length; index++) Check(name, string.Join('\n', [.. lines[..index], lines[index] + lines[index + 1], .. lines[(index + 2)..]]), $"line {index + 1} joined to the next");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Bits_flipped(string name)
    {
        var original = Encoding.UTF8.GetBytes(Files[name]);
        var random = new Random(4711);
        for (var round = 0; round < 1000; round++)
        {
            var bytes = (byte[])original.Clone();
            for (var count = random.Next(1, 4); count > 0; count--) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            CheckBytes(bytes, $"bits flipped, round {round}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Lines_swapped_doubled_and_spliced(string name)
    {
        var lines = Files[name].Split('\n');
        var others = Files.Values.SelectMany(text => text.Split('\n')).ToArray();
        var random = new Random(815);
        for (var round = 0; round < 600; round++)
        {
            var changed = lines.ToList();
            for (var count = random.Next(1, 6); count > 0; count--)
            {
                var at = random.Next(changed.Count);
                switch (random.Next(4))
                {
                    case 0:
                        var with = random.Next(changed.Count);
                        (changed[at], changed[with]) = (changed[with], changed[at]);
                        break;
                    case 1:
                        changed.Insert(at, changed[random.Next(changed.Count)]);
                        break;
                    case 2:
                        changed.Insert(at, others[random.Next(others.Length)]);
                        break;
                    default:
                        changed[at] = string.Concat(changed[at].Reverse());
                        break;
                }
            }

            Bounded(string.Join('\n', changed), $"lines changed, round {round}");
        }
    }

    [Fact]
    public void Two_files_in_one()
    {
        foreach (var first in Files)
        {
            foreach (var second in Files)
            {
                for (var part = 1; part < 8; part++)
                {
                    var head = first.Value[..(first.Value.Length * part / 8)];
                    var tail = second.Value[(second.Value.Length * part / 8)..];
                    Bounded(head + tail, $"{first.Key} then {second.Key}");
                    Bounded(head + "\n" + second.Value, $"{first.Key} before {second.Key}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Noise_around_the_file(string name)
    {
        var random = new Random(99);
        foreach (var size in new[] { 1, 100, 10_000, 200_000 })
        {
            var noise = string.Create(size, random, (span, source) =>
            {
                foreach (ref var c in span) c = source.Next(12) == 0 ? '\n' : (char)source.Next(32, 127);
            });
            Bounded(noise + "\n" + Files[name], $"{size} before");
            Bounded(Files[name] + "\n" + noise, $"{size} behind");
        }
    }

    /// <summary>Right means: what is read is either the original or is marked as wrong, or lost only what a person would not miss.</summary>
    private static void Check(string name, string text, string damage)
    {
        var result = Bounded(text, damage);
        if (result.Format is null || result.HasErrors || result.Connection is not { } read) return;
        var original = Connected[name];
        foreach (var tunnel in read.Tunnels)
        {
            var same = original.Tunnels.FirstOrDefault(known => known.CloudOutside == tunnel.CloudOutside || known.CloudInside == tunnel.CloudInside);
            Assert.True(same is not null, $"{name}, {damage}: a tunnel that was never there.");
            Assert.True(same.CustomerInside == tunnel.CustomerInside || result.Problems.Count > 0, $"{name}, {damage}: {tunnel.CustomerInside}");
        }
    }

    private static void CheckBytes(byte[] bytes, string damage)
    {
        var result = ProviderFile.Read(bytes);
        NoKeyShown(result, damage);
        Assert.True(result.Format is not null || result.HasErrors, damage);
        Assert.True(result.Connection is not null || result.HasErrors, damage);
    }

    private static ReadResult Bounded(string text, string damage)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        var result = ProviderFile.Read(text);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{damage}: {clock.Elapsed}");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (2L * 1024 * 1024) + (32L * text.Length));
        NoKeyShown(result, damage);
        Assert.True(result.Format is not null || result.HasErrors, damage);
        Assert.True(result.Connection is not null || result.HasErrors, damage);
        return result;
    }

    private static void NoKeyShown(ReadResult result, string damage)
    {
        foreach (var problem in result.Problems)
        {
            Assert.False(problem.Message.Contains("Nobody", StringComparison.OrdinalIgnoreCase) || problem.Message.Contains("ydoboN", StringComparison.Ordinal), $"{damage}: {problem.Message}");
            Assert.NotEqual("", problem.Message);
        }
    }
}
