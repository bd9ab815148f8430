using System.Buffers.Binary;

namespace Tunnelwright.Fuzz;

/// <summary>Spoils inputs: bits, bytes, numbers that break readers, cuts, repeats, pieces of other samples, and noise.</summary>
internal static class Mutation
{
    private const int Longest = 256 << 10;

    private static readonly ulong[] Numbers = [0, 1, 3, 4, 7, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, ulong.MaxValue];

    private static readonly byte[][] Words = [.. new[] { "{", "}", "[", "]", "\"", "'", "<", ">", "&#0;", "\n", "\r\n", "\0", " : PSK \"", " = ", "0s", "0x", "=\n", "99999999999999999999", "-1", "%", "\\u0000", "\\", "<!--", "<![CDATA[", "conn ", "also=", "include ", "secrets {", "#" }.Select(System.Text.Encoding.UTF8.GetBytes)];

    public static byte[] Of(IReadOnlyList<byte[]> samples, Random random)
    {
        if (random.Next(50) == 0) return Noise(random);
        var bytes = new List<byte>(samples[random.Next(samples.Count)]);
        for (var changes = 1 << random.Next(6); changes > 0 && bytes.Count > 0; changes--) Change(bytes, samples, random);
        return bytes.Count > Longest ? [.. bytes.Take(Longest)] : [.. bytes];
    }

    private static void Change(List<byte> bytes, IReadOnlyList<byte[]> samples, Random random)
    {
        var at = random.Next(bytes.Count);
        switch (random.Next(9))
        {
            case 0 or 1:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 2:
                bytes[at] = (byte)random.Next(256);
                break;
            case 3:
                Number(bytes, at, random);
                break;
            case 4:
                bytes.RemoveRange(at, Math.Min(random.Next(1, 64), bytes.Count - at));
                break;
            case 5:
                bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 256), bytes.Count - at)));
                break;
            case 6:
                bytes.InsertRange(at, Words[random.Next(Words.Length)]);
                break;
            case 7:
                var other = samples[random.Next(samples.Count)];
                var from = random.Next(other.Length + 1);
                bytes.InsertRange(at, other.Skip(from).Take(random.Next(other.Length - from + 1)).ToArray());
                break;
            default:
                if (random.Next(8) == 0) bytes.RemoveRange(at, bytes.Count - at);
                else bytes.InsertRange(at, Enumerable.Repeat((byte)random.Next(256), random.Next(64)));
                break;
        }
    }

    private static void Number(List<byte> bytes, int at, Random random)
    {
        Span<byte> number = stackalloc byte[8];
        var value = Numbers[random.Next(Numbers.Length)];
        var length = 1 << random.Next(1, 4);
        if (random.Next(2) == 0) BinaryPrimitives.WriteUInt64LittleEndian(number, value);
        else BinaryPrimitives.WriteUInt64BigEndian(number, value << (64 - (8 * length)));
        for (var i = 0; i < length && at + i < bytes.Count; i++) bytes[at + i] = number[i];
    }

    private static byte[] Noise(Random random)
    {
        var noise = new byte[random.Next(4096)];
        random.NextBytes(noise);
        var most = 1 << random.Next(1, 9);
        for (var i = 0; i < noise.Length; i++) noise[i] = (byte)(noise[i] % most);
        return noise;
    }
}
