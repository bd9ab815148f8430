namespace Tunnelwright.Linux;

/// <summary>Counters of a link since it was made (stats64 in ip-link(8)).</summary>
/// <param name="ReceivedBytes">Bytes received.</param>
/// <param name="ReceivedPackets">Packets received.</param>
/// <param name="ReceivedErrors">Packets received with errors.</param>
/// <param name="ReceivedDropped">Packets received and dropped.</param>
/// <param name="SentBytes">Bytes sent.</param>
/// <param name="SentPackets">Packets sent.</param>
/// <param name="SentErrors">Packets that could not be sent.</param>
/// <param name="SentDropped">Packets dropped before sending.</param>
public sealed record LinkStatistics(
    long ReceivedBytes, long ReceivedPackets, long ReceivedErrors, long ReceivedDropped,
    long SentBytes, long SentPackets, long SentErrors, long SentDropped);
