namespace Tunnelwright.Vici;

/// <summary>A line of the daemon's log, from the events <c>log</c> and <c>control-log</c>.</summary>
/// <param name="Group">The part of the daemon that speaks, for example IKE, CFG, ENC, KNL or NET.</param>
/// <param name="Level">0 (audit) to 4 (private data).</param>
/// <param name="IkeName">The connection that it is about, if any.</param>
/// <param name="IkeUniqueId">The IKE SA that it is about, if any.</param>
/// <param name="Message">The line itself.</param>
public sealed record ViciLogLine(string Group, int Level, string? IkeName, uint? IkeUniqueId, string Message)
{
    internal static ViciLogLine Read(ViciSection section) => new(
        section.GetText("group") ?? "",
        section.GetInt32("level") ?? 0,
        section.GetText("ikesa-name"),
        section.GetUInt32("ikesa-uniqueid"),
        section.GetText("msg") ?? "");
}
