using System.Buffers.Binary;
using System.Globalization;
using Tunnelwright.Ike;

namespace Tunnelwright.Diagnosis;

/// <summary>Goes through a capture of any size in constant memory and makes facts of what it shows of IKE and ESP.</summary>
internal sealed class CaptureInterpreter
{
    private const int MaximumConversations = 4096;
    private const int MaximumFlows = 8192;
    private const int SomeIncomplete = 2;
    private const int ShownFlows = 8;
    private const byte Icmp = 1;
    private const byte Udp = 17;
    private const byte EspProtocol = 50;
    private const byte IcmpV6 = 58;
    private const int UdpBytes = 8;

    private readonly CaptureFacts _facts;
    private readonly IkeTracker _ike;
    private readonly FragmentTable _fragments;
    private readonly AgingTable<HostPair, Conversation> _conversations;
    private readonly AgingTable<EspKey, EspFlow> _flows;
    private readonly SortedSet<int> _unknownLinks = [];
    private PacketPlace _place;
    private long _ikeMessages;
    private long _espPackets;
    private long _errors;

    public CaptureInterpreter(CaptureFacts facts)
    {
        _facts = facts;
        _ike = new IkeTracker(facts);
        _fragments = new FragmentTable(Incomplete);
        _conversations = new AgingTable<HostPair, Conversation>(MaximumConversations, (_, conversation) => conversation.Finish(facts));
        _flows = new AgingTable<EspKey, EspFlow>(MaximumFlows, (key, flow) => Finish(key, flow));
    }

    /// <summary>Whether the capture shows anything of IPsec.</summary>
    public bool HasIpsec => _ikeMessages + _espPackets + _errors > 0;

    /// <summary>Reads a capture to its end.</summary>
    /// <param name="reader">The capture.</param>
    public void Read(CaptureReader reader)
    {
        while (reader.Read(out var packet)) See(packet);
        _fragments.Finish(_place);
        _ike.Finish();
        foreach (var (_, conversation) in _conversations.All) conversation.Finish(_facts);
        foreach (var (key, flow) in _flows.All) Finish(key, flow);
    }

    /// <summary>What was in it, for a check.</summary>
    /// <param name="reader">The capture that was read.</param>
    public string Summary(CaptureReader reader)
    {
        var unread = _unknownLinks.Count > 0 ? $"; frames of link type {string.Join(", ", _unknownLinks.Take(4))} are not known" : "";
        var fault = reader.Fault is { } broken ? $"; it breaks off: {broken}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"read as a packet capture: {reader.Packets} packets, {_ikeMessages} of IKE, {_espPackets} of ESP, {_errors} ICMP errors about them{unread}{fault}");
    }

    /// <summary>The SAs with most packets: how many, and which sequence numbers never came.</summary>
    public IEnumerable<string> Flows() => _flows.All.OrderByDescending(entry => entry.Value.Packets).Take(ShownFlows)
        .Select(entry => $"ESP {entry.Key.Source} > {entry.Key.Destination} SPI {entry.Key.Spi:x8}: {entry.Value.Packets} packets, {entry.Value.Missing} sequence numbers missing, {entry.Value.Late} more than {EspFlow.ReplayWindow} late");

    private void See(CapturedPacket captured)
    {
        _place = new PacketPlace(captured.Number, captured.Time ?? _place.Time);
        if (!LinkLayer.IsKnown(captured.LinkType))
        {
            if (_unknownLinks.Count < 16) _unknownLinks.Add(captured.LinkType);
            return;
        }

        if (!IpPacket.TryRead(LinkLayer.Packet(captured.LinkType, captured.Bytes), out var packet)) return;
        switch (packet.Protocol)
        {
            case Udp when packet.FragmentOffset == 0:
                SeeUdp(packet);
                break;
            case EspProtocol when packet.FragmentOffset == 0 && packet.Payload.Length >= 8:
                SeeEsp(new PacketPath(packet.Source, 0, packet.Destination, 0), packet.Payload);
                break;
            case Icmp or IcmpV6 when IcmpReader.TryRead(packet, out var error):
                SeeError(error);
                break;
            case Udp when _conversations.TryFind(HostPair.Of(packet.Source, packet.Destination), out _):
                _fragments.See(packet, isIke: false, _place);
                break;
        }
    }

    private void SeeUdp(IpPacket packet)
    {
        var isIke = packet.Payload.Length >= UdpBytes && SeeDatagram(packet);
        if (packet.IsFragment && (isIke || _conversations.TryFind(HostPair.Of(packet.Source, packet.Destination), out _))) _fragments.See(packet, isIke, _place);
    }

    /// <summary>Whether it is an IKE message.</summary>
    private bool SeeDatagram(IpPacket packet)
    {
        var path = new PacketPath(packet.Source, BinaryPrimitives.ReadUInt16BigEndian(packet.Payload), packet.Destination, BinaryPrimitives.ReadUInt16BigEndian(packet.Payload[2..]));
        var content = packet.Payload[UdpBytes..];
        if (path.IsNatTraversal)
        {
            switch (IkeDatagram.Classify(content, out var marked))
            {
                case IkeDatagramKind.Ike:
                    return SeeIke(path, marked, packet.IsFragment);
                case IkeDatagramKind.Esp when content.Length >= 8:
                    SeeEsp(path, content);
                    return false;
                case IkeDatagramKind.KeepAlive:
                    if (_conversations.TryFind(path.Pair, out var known)) known.HasKeepAlives = true;
                    return false;
                default:
                    return false;
            }
        }

        return (path.SourcePort == 500 || path.DestinationPort == 500) && SeeIke(path, content, packet.IsFragment);
    }

    private bool SeeIke(PacketPath path, ReadOnlySpan<byte> message, bool isCut)
    {
        if (message.Length < IkeHeader.Bytes) return false;
        if (!_ike.See(message, Of(path.Pair), path, isCut, _place)) return false;
        _ikeMessages++;
        return true;
    }

    private void SeeEsp(PacketPath path, ReadOnlySpan<byte> content)
    {
        var spi = BinaryPrimitives.ReadUInt32BigEndian(content);
        if (spi == 0) return;
        _espPackets++;
        var conversation = Of(path.Pair);
        var flow = _flows.FindOrAdd(new EspKey(path.Source, path.Destination, spi), static _ => new EspFlow());
        flow.See(BinaryPrimitives.ReadUInt32BigEndian(content[4..]), _place);
        if (!conversation.SeeEsp(path, spi, _place) || !conversation.IsDoubtful || flow.FirstPacket <= conversation.FailedAt) return;
        conversation.IsDoubtful = false;
        conversation.LastUp = _place;
        _facts.Add(FactKind.ChildUp, path.Pair, _place, () => $"{path} ESP SPI {spi:x8}: data in both directions");
    }

    private void SeeError(IcmpError error)
    {
        FactKind? kind = error.Kind switch
        {
            IcmpKind.PortUnreachable => FactKind.PortUnreachable,
            IcmpKind.TooBig => null,
            IcmpKind.ProtocolUnreachable or IcmpKind.Prohibited when error.What == "ESP" => FactKind.EspRefused,
            _ => FactKind.HostUnreachable,
        };
        _errors++;
        if (kind is not { } told) return;
        var conversation = Of(error.Quoted.Pair);
        conversation.IsDoubtful = true;
        _facts.Add(told, error.Quoted.Pair, _place, () => $"{error.Quoted} ICMP from {error.Sender}: {Words(error.Kind)} for {error.What}");
    }

    private void Incomplete(HostPair pair, FragmentTable.Whole whole)
    {
        if (!_conversations.TryFind(pair, out var conversation) || (whole.HasFirst && !whole.IsIke)) return;
        if (!whole.HasFirst && conversation.Ike[0] + conversation.Ike[1] == 0) return;
        if (conversation.LastUp.Number > whole.Place.Number || ++conversation.IncompleteMessages < SomeIncomplete) return;
        var which = whole.HasFirst ? "the first fragment of an IKE message, the rest never came" : "fragments without the first one";
        _facts.Add(FactKind.FragmentsMissing, pair, whole.Place, () => $"{whole.Path} {whole.Fragments} of the IP fragments of a UDP datagram ({whole.Bytes} bytes): {which}");
    }

    private void Finish(EspKey key, EspFlow flow)
    {
        if (flow.DropsReplays)
            _facts.Add(FactKind.OutsideReplayWindow, HostPair.Of(key.Source, key.Destination), flow.Last, () => $"{key.Source} > {key.Destination} ESP SPI {key.Spi:x8}: {flow.Late} of {flow.Packets} packets more than {EspFlow.ReplayWindow} numbers late, at most {flow.MostLate}");
    }

    private Conversation Of(HostPair pair) => _conversations.FindOrAdd(pair, static key => new Conversation(key));

    private static string Words(IcmpKind kind) => kind switch
    {
        IcmpKind.PortUnreachable => "port unreachable",
        IcmpKind.ProtocolUnreachable => "protocol unreachable",
        IcmpKind.Prohibited => "administratively prohibited",
        _ => "host or network unreachable",
    };
}
