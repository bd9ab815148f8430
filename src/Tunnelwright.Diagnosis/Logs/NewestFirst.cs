namespace Tunnelwright.Diagnosis;

/// <summary>Logs as the web interfaces of pfSense, OPNsense and CloudWatch show and export them: the newest line on top.</summary>
internal static class NewestFirst
{
    /// <summary>So many times the time has to go back, and never forward, before the order counts as turned round.</summary>
    private const int Steps = 2;

    private const int LookedAt = 512;

    /// <summary>What charon always writes in this order: a message is made and then sent, and the peer's offers stand before our own.</summary>
    private enum Step
    {
        Other,
        Made,
        Sent,
        Theirs,
        Ours,
    }

    /// <summary>Whether the lines at the beginning of a log go back in time. Where they are of one second, charon's own order tells it.</summary>
    /// <param name="head">The beginning; a line that it cuts off is not looked at.</param>
    public static bool Is(ReadOnlySpan<byte> head)
    {
        DateTime? last = null;
        var back = 0;
        var (right, wrong) = (0, 0);
        var before = Step.Other;
        for (var lines = 0; lines < LookedAt && head.Length > 0; lines++)
        {
            var end = head.IndexOf((byte)'\n');
            var line = end < 0 ? head : head[..end];
            head = end < 0 ? [] : head[(end + 1)..];
            var step = StepOf(line);
            if ((before, step) is (Step.Made, Step.Sent) or (Step.Theirs, Step.Ours)) right++;
            if ((before, step) is (Step.Sent, Step.Made) or (Step.Ours, Step.Theirs)) wrong++;
            before = step;
            if (Timestamps.Read(line) is not { } time) continue;
            if (time > last) return false;
            if (time < last) back++;
            last = time;
        }

        return back >= Steps || (wrong > 0 && right == 0);
    }

    private static Step StepOf(ReadOnlySpan<byte> line) =>
        line.IndexOf("] generating "u8) >= 0 || line.IndexOf("> generating "u8) >= 0 ? Step.Made
        : line.IndexOf("sending packet: from "u8) >= 0 ? Step.Sent
        : line.IndexOf("received proposals: "u8) >= 0 ? Step.Theirs
        : line.IndexOf("configured proposals: "u8) >= 0 ? Step.Ours
        : Step.Other;

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
