namespace Tunnelwright.Diagnosis;

/// <summary>Follows the IP fragments of messages between hosts that speak IKE: whether all of them come.</summary>
internal sealed class FragmentTable(Action<HostPair, FragmentTable.Whole> incomplete)
{
    private const int Size = 1024;
    private const double Patience = 2;

    private readonly AgingTable<(HostAddress, HostAddress, uint, byte), Whole> _open = new(Size, (key, whole) => incomplete(HostPair.Of(key.Item1, key.Item2), whole));

    /// <summary>Sees a fragment.</summary>
    /// <param name="packet">It.</param>
    /// <param name="isIke">For the first fragment: whether an IKE message begins in it.</param>
    /// <param name="place">Where.</param>
    public void See(IpPacket packet, bool isIke, PacketPlace place)
    {
        var key = (packet.Source, packet.Destination, packet.Identification, packet.Protocol);
        var whole = _open.FindOrAdd(key, static _ => new Whole());
        whole.Path = new PacketPath(packet.Source, 0, packet.Destination, 0);
        whole.Bytes += packet.PayloadBytes;
        whole.Fragments++;
        whole.Place = place;
        if (packet.FragmentOffset == 0) (whole.HasFirst, whole.IsIke) = (true, isIke);
        if (!packet.HasMore) whole.Length = packet.FragmentOffset + packet.PayloadBytes;
        if (whole.HasFirst && whole.Length is { } length && whole.Bytes >= length) _open.Remove(key);
    }

    /// <summary>Tells what stayed incomplete.</summary>
    /// <param name="end">The capture's last packet: what came just before it may still have gone on.</param>
    public void Finish(PacketPlace end)
    {
        foreach (var (key, whole) in _open.All)
        {
            if (end.Since(whole.Place) >= Patience) incomplete(HostPair.Of(key.Item1, key.Item2), whole);
        }
    }

    /// <summary>A packet that came in fragments.</summary>
    internal sealed class Whole
    {
        public PacketPath Path { get; set; }

        public bool HasFirst { get; set; }

        public bool IsIke { get; set; }

        public int? Length { get; set; }

        public int Bytes { get; set; }

        public int Fragments { get; set; }

        public PacketPlace Place { get; set; }
    }
}
