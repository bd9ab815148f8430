using System.Globalization;

namespace Tunnelwright.Diagnosis;

/// <summary>Where in a capture something was seen.</summary>
/// <param name="Number">The packet's number, from 1 on; 0 for nowhere.</param>
/// <param name="Time">When; null where the capture does not say.</param>
internal readonly record struct PacketPlace(long Number, DateTime? Time)
{
    /// <summary>Seconds since an earlier packet; 0 where the capture does not say.</summary>
    public double Since(PacketPlace earlier) => Time is { } now && earlier.Time is { } then ? (now - then).TotalSeconds : 0;

    /// <summary>The time of day in UTC, to the millisecond.</summary>
    public override string ToString() => Time is { } time ? time.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture) : $"packet {Number}";
}

/// <summary>From where to where a packet goes.</summary>
/// <param name="Source">The sender.</param>
/// <param name="SourcePort">Its port; 0 where there are none.</param>
/// <param name="Destination">The receiver.</param>
/// <param name="DestinationPort">Its port; 0 where there are none.</param>
internal readonly record struct PacketPath(HostAddress Source, int SourcePort, HostAddress Destination, int DestinationPort)
{
    /// <summary>Both hosts.</summary>
    public HostPair Pair => HostPair.Of(Source, Destination);

    /// <summary>0 from the lower address to the higher one, 1 the other way.</summary>
    public int Direction => Source.IsNotAbove(Destination) ? 0 : 1;

    /// <summary>Whether either port is that of NAT traversal.</summary>
    public bool IsNatTraversal => SourcePort == 4500 || DestinationPort == 4500;

    /// <summary>"192.0.2.1:500 > 198.51.100.2:500".</summary>
    public override string ToString() => $"{Show(Source, SourcePort)} > {Show(Destination, DestinationPort)}";

    private static string Show(HostAddress address, int port) => port == 0 ? $"{address}" : address.IsV6 ? $"[{address}]:{port}" : $"{address}:{port}";
}
