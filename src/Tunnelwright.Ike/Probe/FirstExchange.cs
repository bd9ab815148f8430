using System.Net;

namespace Tunnelwright.Ike;

/// <summary>IKE_SA_INIT with a port that is known to answer: one cookie is answered, a wanted group is followed, and the hashes of the answer tell of NAT.</summary>
internal sealed class FirstExchange(IPAddress address, IkeProbeOptions options, Peer peer)
{
    private const int MostRounds = 4;
    private const int UsualGroup = 14;

    internal IkeNatFinding? Nat { get; private set; }

    internal static IReadOnlyList<Offer> Offers(IkeProbeOptions options) => options.Suites.Count > 0 ? [.. options.Suites.Select(Offer.Of)] : Offer.Of(options.Space);

    /// <summary>The suites that IKEv1 can offer. Without given ones: every cipher and hash, with the groups that devices of its time have.</summary>
    internal static List<IkeSuite> MainModeSuites(IkeProbeOptions options)
    {
        if (options.Suites.Count > 0) return [.. options.Suites.Where(suite => !suite.Cipher.IsAead)];
        var groups = options.Space.Groups.Where(group => group is 2 or 5 or 14 or 19 or 20).DefaultIfEmpty(options.Space.Groups[0]).ToList();
        return [.. from cipher in options.Space.Ciphers.Where(cipher => !cipher.IsAead)
                   from integrity in options.Space.Integrities
                   from @group in groups
                   select new IkeSuite(cipher, integrity, IkeSuite.PrfOf(integrity), @group)];
    }

    /// <summary>What is sent to a port that answered before, and how long is waited: as for a silent port, or four times the way there and back; longer at the second try.</summary>
    internal static ProbeStep[] Steps(byte[] message, TimeSpan? roundTrip, IkeProbeOptions options)
    {
        var shortest = options.Timeout / 6;
        var wait = (roundTrip ?? TimeSpan.Zero) * 4 is var several && several > shortest ? several : shortest;
        return [new(message, wait), new(message, wait * 2)];
    }

    /// <summary>Runs it; null when the port fell silent.</summary>
    internal async Task<IkeAnswer?> RunAsync(ProbeChannel channel, CancellationToken cancellationToken)
    {
        var offers = Offers(options);
        var wanted = offers.SelectMany(offer => offer.Groups).ToHashSet();
        var group = options.Suites.Count > 0 ? options.Suites[0].Group : wanted.Contains(UsualGroup) ? UsualGroup : offers[0].Groups[0];
        var spi = ProbeMessages.NewSpi();
        var nonce = ProbeMessages.NewNonce();
        var publicValue = IkeGroups.CreatePublicValue(group);
        byte[]? cookie = null;
        IkeAnswer? last = null;
        for (var round = 0; round < MostRounds; round++)
        {
            var message = ProbeMessages.SaInit(spi, nonce, offers, group, publicValue, cookie, channel.Local, channel.Remote);
            var answered = cookie;
            // An answer that comes twice must not look like the answer to what was sent since.
            var answer = await channel.AskAsync(spi, Steps(message, channel.RoundTrip, options), one => !IsRepeated(one, answered, group), null, cancellationToken);
            if (answer is null) return last;
            peer.See(answer);
            last = answer;
            if (answer.Cookie is { } demanded && cookie is null && !answer.HasSa)
            {
                cookie = demanded;
            }
            else if (answer.WantedGroup is { } other && other != group && wanted.Remove(other) && IkeGroups.CanCreate(other))
            {
                group = other;
                publicValue = IkeGroups.CreatePublicValue(other);
            }
            else
            {
                TakeNat(answer, channel);
                return answer;
            }
        }

        return last;
    }

    /// <summary>Compares the hashes of an answer with the addresses as they are here.</summary>
    internal void TakeNat(IkeAnswer answer, ProbeChannel channel)
    {
        var header = answer.Header;
        var sources = answer.Notifies.Where(notify => notify.Type == IkeNotifyType.NatDetectionSourceIp).ToList();
        if (sources.Count == 0 || answer.Find(IkeNotifyType.NatDetectionDestinationIp) is not { } ours) return;
        var theirs = IkeNatDetection.Hash(header.InitiatorSpi, header.ResponderSpi, address, channel.Port.Number);
        var here = IkeNatDetection.Hash(header.InitiatorSpi, header.ResponderSpi, channel.Local.Address, channel.Local.Port);
        IPEndPoint? seenFrom = null;
        foreach (var expected in options.ExpectedSources.Take(16))
        {
            if (IkeNatDetection.FindPort(ours.Data, header.InitiatorSpi, header.ResponderSpi, expected) is not { } port) continue;
            seenFrom = new IPEndPoint(expected, port);
            break;
        }

        Nat = new IkeNatFinding
        {
            Port = channel.Port.Number,
            Local = channel.Local,
            IsHereTranslated = !ours.Data.AsSpan().SequenceEqual(here),
            IsPeerTranslated = !sources.Exists(source => source.Data.AsSpan().SequenceEqual(theirs)),
            SeenFrom = seenFrom,
        };
    }

    private static bool IsRepeated(IkeAnswer answer, byte[]? cookie, int group) =>
        cookie is not null && answer.Cookie is { } again && again.AsSpan().SequenceEqual(cookie) || answer.WantedGroup == group;
}
