namespace Tunnelwright.Diagnosis;

/// <summary>One SA's packets in one direction: how many, which sequence numbers are missing, which came far too late.</summary>
internal sealed class EspFlow
{
    /// <summary>The replay window of strongSwan and the Linux kernel unless it is set otherwise, in packets (RFC 4303 section 3.4.3 asks for at least this).</summary>
    public const int ReplayWindow = 32;

    private const int ManyLate = 10;
    private const double LateShare = 0.01;

    private uint _first;
    private uint _highest;

    /// <summary>Packets.</summary>
    public long Packets { get; private set; }

    /// <summary>The first packet's number in the capture.</summary>
    public long FirstPacket { get; private set; }

    /// <summary>Packets that came after one whose number is higher by more than the window.</summary>
    public long Late { get; private set; }

    /// <summary>By how many numbers the latest was late.</summary>
    public uint MostLate { get; private set; }

    /// <summary>The last packet that was too late, or else the last packet.</summary>
    public PacketPlace Last { get; private set; }

    /// <summary>Numbers that never came, as far as the count tells; captures that show packets twice hide some.</summary>
    public long Missing => Math.Max(0, (long)_highest - _first + 1 - (Packets - Late));

    /// <summary>Whether so many come too late that the receiver drops them in numbers.</summary>
    public bool DropsReplays => Late >= ManyLate && Late > Packets * LateShare;

    /// <summary>Sees a packet.</summary>
    public void See(uint sequence, PacketPlace place)
    {
        if (Packets++ == 0) (_first, _highest, Last, FirstPacket) = (sequence, sequence, place, place.Number);
        if (sequence > _highest)
        {
            _highest = sequence;
        }
        else if (_highest - sequence > ReplayWindow)
        {
            Late++;
            MostLate = Math.Max(MostLate, _highest - sequence);
            Last = place;
            return;
        }

        if (Late == 0) Last = place;
    }
}

/// <summary>What tells one SA's packets from another's.</summary>
internal readonly record struct EspKey(HostAddress Source, HostAddress Destination, uint Spi);
