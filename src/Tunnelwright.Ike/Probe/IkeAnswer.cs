using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Tunnelwright.Ike;

/// <summary>A notify of an answer; its data is cut at a bound.</summary>
internal sealed record AnsweredNotify(int Type, byte[] Data);

/// <summary>What an answer to a first message says. Its size is bounded, whatever was received.</summary>
internal sealed record IkeAnswer
{
    private const int MostNotifies = 64;
    private const int MostVendorIds = 32;
    private const int MostData = 512;
    private const int FqdnGateway = 3;

    internal required IkeHeader Header { get; init; }

    internal required TimeSpan RoundTrip { get; init; }

    internal List<AnsweredNotify> Notifies { get; } = [];

    internal List<byte[]> VendorIds { get; } = [];

    internal bool HasSa { get; private set; }

    internal IkeSuite? Suite { get; private set; }

    internal IkeFault? Fault { get; private set; }

    internal IEnumerable<string> NotifyNames => Notifies.Select(notify => IkeNotifyNames.Name(Header.MajorVersion, notify.Type));

    /// <summary>The group that the responder wants instead (RFC 7296 section 1.3).</summary>
    internal int? WantedGroup => Header.MajorVersion == 2 && Find(IkeNotifyType.InvalidKeyExchange) is { Data.Length: >= 2 } notify ? BinaryPrimitives.ReadUInt16BigEndian(notify.Data) : null;

    internal byte[]? Cookie => Header.MajorVersion == 2 && Find(IkeNotifyType.Cookie) is { Data.Length: >= 1 and <= 64 } notify ? notify.Data : null;

    /// <summary>The gateway that the responder names (RFC 5685 section 3): its type, its length, its name or address; the nonce follows.</summary>
    internal string? Redirect
    {
        get
        {
            if (Header.MajorVersion != 2 || Find(IkeNotifyType.Redirect)?.Data is not [var type, var length, .. var rest] || rest.Length < length) return null;
            var name = rest.AsSpan(0, length);
            return (type, length) switch
            {
                (1, 4) or (2, 16) => new IPAddress(name).ToString(),
                (FqdnGateway, > 0) when !name.ContainsAnyExceptInRange((byte)'!', (byte)'~') => Encoding.ASCII.GetString(name),
                _ => null,
            };
        }
    }

    internal bool Has(int type) => Find(type) is not null;

    internal AnsweredNotify? Find(int type) => Notifies.Find(notify => notify.Type == type);

    /// <summary>Reads as far as it can be read.</summary>
    internal static IkeAnswer Read(ReadOnlySpan<byte> message, IkeHeader header, TimeSpan roundTrip)
    {
        var answer = new IkeAnswer { Header = header, RoundTrip = roundTrip };
        var reader = new IkeMessageReader(message);
        while (reader.Read()) answer.Take(reader.Current);
        answer.Fault ??= reader.Fault;
        return answer;
    }

    private void Take(IkePayload payload)
    {
        switch (payload.Type)
        {
            case IkePayloadType.Notify or IkePayloadType.NotificationV1 when Notifies.Count < MostNotifies:
                if (IkeNotifyPayload.TryRead(payload, out var notify, out var fault)) Notifies.Add(new AnsweredNotify(notify.Type, notify.Data[..Math.Min(notify.Data.Length, MostData)].ToArray()));
                else Fault ??= fault;
                break;
            case IkePayloadType.VendorId or IkePayloadType.VendorIdV1 when VendorIds.Count < MostVendorIds:
                VendorIds.Add(payload.Body[..Math.Min(payload.Body.Length, MostData)].ToArray());
                break;
            case IkePayloadType.Sa or IkePayloadType.SaV1 when !HasSa:
                HasSa = true;
                var proposals = new IkeProposalReader(payload);
                if (proposals.Read()) Suite = payload.MajorVersion == 2 ? SuiteReader.ReadV2(proposals.Current) : SuiteReader.ReadV1(proposals.Current);
                Fault ??= proposals.Fault;
                break;
        }
    }
}
