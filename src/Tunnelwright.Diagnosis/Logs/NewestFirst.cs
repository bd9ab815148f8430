namespace Tunnelwright.Diagnosis;

/// <summary>Logs as the web interfaces of pfSense, OPNsense and CloudWatch show and export them: the newest line on top.</summary>
internal static class NewestFirst
{
    /// <summary>So many times the time has to go back, and never forward, before the order counts as turned round.</summary>
    private const int Steps = 2;

    private const int LookedAt = 512;

    /// <summary>Whether the lines at the beginning of a log go back in time.</summary>
    /// <param name="head">The beginning; a line that it cuts off is not looked at.</param>
    public static bool Is(ReadOnlySpan<byte> head)
    {
        DateTime? last = null;
        var back = 0;
        for (var lines = 0; lines < LookedAt && head.Length > 0; lines++)
        {
            var end = head.IndexOf((byte)'\n');
            var line = end < 0 ? head : head[..end];
            head = end < 0 ? [] : head[(end + 1)..];
            if (Timestamps.Read(line) is not { } time) continue;
            if (time > last) return false;
            if (time < last) back++;
            last = time;
        }

        return back >= Steps;
    }

    /// <summary>The same lines with the last one first.</summary>
    /// <param name="text">The log.</param>
    /// <param name="lines">How many lines it has.</param>
    public static byte[] Turn(ReadOnlySpan<byte> text, out long lines)
    {
        var turned = new byte[text.Length + 1];
        var at = 0;
        lines = 0;
        if (text.Length > 0 && text[^1] == '\n') text = text[..^1];
        while (true)
        {
            var start = text.LastIndexOf((byte)'\n');
            text[(start + 1)..].CopyTo(turned.AsSpan(at));
            at += text.Length - start - 1;
            turned[at++] = (byte)'\n';
            lines++;
            if (start < 0) return turned[..at];
            text = text[..start];
        }
    }
}
