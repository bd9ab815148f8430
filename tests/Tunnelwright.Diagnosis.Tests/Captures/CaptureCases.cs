using Tunnelwright.Ike;

namespace Tunnelwright.Diagnosis.Tests;

/// <summary>What a customer's uplink shows in each case.</summary>
internal static class CaptureCases
{
    public const string Here = "203.0.113.2";
    public const string There = "198.51.100.2";
    private const ulong Spi = 0x0102030405060708;

    public static IReadOnlyDictionary<string, (string Cause, Func<CaptureBuilder, CaptureBuilder> Write)> All { get; } = new Dictionary<string, (string, Func<CaptureBuilder, CaptureBuilder>)>(StringComparer.Ordinal)
    {
        ["silence"] = ("ike-unreachable", capture => Again(capture, 0, Out(500, IkeBuilder.SaInit(Spi, false)), 4)),
        ["silence, another SPI each time"] = ("ike-unreachable", capture => Enumerable.Range(0, 5).Aggregate(capture, (all, i) => all.Add(i * 20, Out(500, IkeBuilder.SaInit(Spi + (ulong)i, false))))),
        ["proposals"] = ("ike-proposal-mismatch", capture => capture.Add(0, Out(500, IkeBuilder.SaInit(Spi, false))).Add(0.1, Back(500, IkeBuilder.Refusal(Spi, IkeNotifyType.NoProposalChosen)))),
        ["group"] = ("ike-proposal-mismatch", capture => capture.Add(0, Out(500, IkeBuilder.SaInit(Spi, false))).Add(0.1, Back(500, IkeBuilder.Refusal(Spi, IkeNotifyType.InvalidKeyExchange, data: [0, 15])))),
        ["version"] = ("ike-version-mismatch", capture => capture.Add(0, Out(500, IkeBuilder.SaInit(Spi, false))).Add(0.1, Back(500, IkeBuilder.Refusal(Spi, IkeNotifyType.InvalidMajorVersion)))),
        ["port 4500"] = ("udp4500-blocked", capture => Again(Init(capture), 1, Out(4500, IkeBuilder.Marked(IkeBuilder.Sealed(Spi, IkeExchangeType.Auth, 1, false, 250))), 5)),
        ["key"] = ("psk-mismatch", capture => Init(capture).Add(1, Out(500, IkeBuilder.Sealed(Spi, IkeExchangeType.Auth, 1, false, 250))).Add(1.1, Back(500, IkeBuilder.Sealed(Spi, IkeExchangeType.Auth, 1, true, 8)))),
        ["child"] = ("esp-proposal-mismatch", capture => Init(capture).Add(1, Out(500, IkeBuilder.Sealed(Spi, IkeExchangeType.Auth, 1, false, 250))).Add(1.1, Back(500, IkeBuilder.Sealed(Spi, IkeExchangeType.Auth, 1, true, 12 + 40 + 8)))),
        ["fragments, sender"] = ("ike-fragments-dropped", capture => Large(Init(capture), lost: false)),
        ["fragments, receiver"] = ("ike-fragments-dropped", capture => Large(Init(capture), lost: true)),
        ["nobody listens"] = ("peer-not-listening", capture => capture.Add(0, Out(500, IkeBuilder.SaInit(Spi, false))).Add(0.1, Frames.Unreachable(There, Here, 3, Out(500, IkeBuilder.SaInit(Spi, false))))),
        ["no route"] = ("ike-unreachable", capture => capture.Add(0, Out(500, IkeBuilder.SaInit(Spi, false))).Add(0.1, Frames.Unreachable("203.0.113.1", Here, 1, Out(500, IkeBuilder.SaInit(Spi, false))))),
        ["data one way"] = ("esp-blocked", capture => Data(Auth(Init(capture)), both: false)),
        ["ESP prohibited"] = ("esp-blocked", capture => Auth(Init(capture)).Add(2, Frames.Unreachable("203.0.113.1", Here, 13, Frames.Esp(Here, There, 7, 1)))),
        ["the peer is gone"] = ("dpd-timeout", capture => Again(Data(Auth(Init(capture)), both: true), 30, Out(500, IkeBuilder.Sealed(Spi, IkeExchangeType.Informational, 2, false, 0)), 5)),
        ["no renewal"] = ("pfs-mismatch", capture => Data(Auth(Init(capture)), both: true).Add(40, Out(500, IkeBuilder.Sealed(Spi, IkeExchangeType.CreateChildSa, 2, false, 400))).Add(40.1, Back(500, IkeBuilder.Sealed(Spi, IkeExchangeType.CreateChildSa, 2, true, 8)))),
        ["unknown SPI"] = ("sa-desync", capture => Esp(capture, 0, 5, 9, there: true).Add(9, Back(500, IkeBuilder.Refusal(Spi, 11, IkeExchangeType.Informational, false)))),
        ["old numbers"] = ("replay-drops", capture => Enumerable.Range(0, 20).Aggregate(Esp(Esp(capture, 0, 400, 7, there: true), 0.1, 400, 8, there: false), (all, i) => all.Add(500 + i, Frames.Esp(Here, There, 7, (uint)(50 + i))))),
        ["mapping"] = ("nat-mapping-expired", capture => Auth(Init(capture)).Add(5, Frames.Udp(Here, 4500, There, 4500, IkeBuilder.Marked(IkeBuilder.Sealed(Spi, IkeExchangeType.Informational, 2, false, 0)))).Add(6, Frames.Udp(Here, 31_000, There, 4500, IkeBuilder.Marked(IkeBuilder.Sealed(Spi, IkeExchangeType.Informational, 3, false, 0))))),
        ["version 1: silence"] = ("ike-unreachable", capture => Again(capture, 0, Out(500, MainMode(1, false)), 4)),
        ["version 1: proposals"] = ("ike-proposal-mismatch", capture => capture.Add(0, Out(500, MainMode(1, false))).Add(0.1, Back(500, Clear(14)))),
        ["version 1: aggressive refused"] = ("ike-mode-mismatch", capture => capture.Add(0, Out(500, IkeBuilder.V1(Spi, false, IkeExchangeType.AggressiveModeV1, IkePayloadType.SaV1))).Add(0.1, Back(500, Clear(7)))),
        ["version 1: key"] = ("psk-mismatch", capture => Steps(capture).Add(1, Out(500, MainMode(3, false))).Add(1.1, Back(500, IkeBuilder.V1(Spi, true, IkeExchangeType.InformationalV1, IkePayloadType.HashV1, encrypted: true, id: 77)))),
        ["version 1: key, in the clear"] = ("psk-mismatch", capture => Steps(capture).Add(1, Out(500, MainMode(3, false))).Add(1.1, Back(500, Clear(16)))),
        ["version 1: port 4500"] = ("udp4500-blocked", capture => Again(Steps(capture), 1, Out(4500, IkeBuilder.Marked(MainMode(3, false))), 4)),
        ["version 1: dead peer"] = ("dpd-timeout", capture => Enumerable.Range(0, 6).Aggregate(Quick(capture, answered: true), (all, i) => all.Add(30 + (i * 5), Out(500, IkeBuilder.V1(Spi, false, IkeExchangeType.InformationalV1, IkePayloadType.HashV1, true, (uint)(100 + i)))))),
    };

    /// <summary>A tunnel that comes up and works: IKEv2 without NAT, in UDP, and IKEv1.</summary>
    public static IReadOnlyDictionary<string, Func<CaptureBuilder, CaptureBuilder>> Healthy { get; } = new Dictionary<string, Func<CaptureBuilder, CaptureBuilder>>(StringComparer.Ordinal)
    {
        ["version 2"] = capture => Dpd(Data(Auth(Init(capture)), both: true)),
        ["version 2 after a failure"] = capture => Data(Auth(Init(Again(capture, -100, Out(500, IkeBuilder.SaInit(99, false)), 5))), both: true),
        ["version 2 with another group"] = capture => Data(Auth(Init(capture.Add(-1, Out(500, IkeBuilder.SaInit(Spi, false))).Add(-0.9, Back(500, IkeBuilder.Refusal(Spi, IkeNotifyType.InvalidKeyExchange, data: [0, 14]))))), both: true),
        ["version 2, and somebody asks"] = capture => Data(Auth(Init(capture)), both: true).Add(50, Frames.Udp(Here, 40_000, There, 500, IkeBuilder.SaInit(77, false, cipher: 65_001))).Add(50.1, Frames.Udp(There, 500, Here, 40_000, IkeBuilder.Refusal(77, IkeNotifyType.InvalidKeyExchange, data: [0, 15])))
            .Add(51, Frames.Udp(Here, 40_000, There, 500, IkeBuilder.V1(78, false, IkeExchangeType.MainModeV1, IkePayloadType.SaV1))).Add(51.1, Frames.Udp(There, 500, Here, 40_000, IkeBuilder.V1(78, true, IkeExchangeType.InformationalV1, IkePayloadType.NotificationV1, body: [0, 0, 0, 1, 1, 0, 0, 14]))),
        ["only data"] = capture => Esp(Esp(capture, 0, 100, 7, there: true), 0.1, 100, 8, there: false),
        ["version 1"] = capture => Data(Quick(capture, answered: true), both: true),
        ["every packet twice"] = capture => Twice(Dpd(Data(Auth(Init(capture)), both: true))),
    };

    public static byte[] Out(int port, byte[] payload) => Frames.Udp(Here, port, There, port, payload);

    public static byte[] Back(int port, byte[] payload) => Frames.Udp(There, port, Here, port, payload);

    public static CaptureBuilder Init(CaptureBuilder capture) =>
        capture.Add(0, Out(500, IkeBuilder.SaInit(Spi, false, from: Here, to: There))).Add(0.1, Back(500, IkeBuilder.SaInit(Spi, true, from: There, to: Here)));

    private static CaptureBuilder Auth(CaptureBuilder capture) =>
        capture.Add(1, Out(500, IkeBuilder.Sealed(Spi, IkeExchangeType.Auth, 1, false, 250))).Add(1.1, Back(500, IkeBuilder.Sealed(Spi, IkeExchangeType.Auth, 1, true, 210)));

    private static CaptureBuilder Dpd(CaptureBuilder capture) =>
        Enumerable.Range(2, 5).Aggregate(capture, (all, id) => all.Add(10 * id, Out(500, IkeBuilder.Sealed(Spi, IkeExchangeType.Informational, (uint)id, false, 0))).Add((10 * id) + 0.1, Back(500, IkeBuilder.Sealed(Spi, IkeExchangeType.Informational, (uint)id, true, 0))));

    private static CaptureBuilder Data(CaptureBuilder capture, bool both) => both ? Esp(Esp(capture, 2, 20, 7, there: true), 2.1, 20, 8, there: false) : Esp(capture, 2, 20, 7, there: true);

    private static CaptureBuilder Esp(CaptureBuilder capture, double from, int count, uint spi, bool there) =>
        Enumerable.Range(1, count).Aggregate(capture, (all, i) => all.Add(from + i, there ? Frames.Esp(Here, There, spi, (uint)i) : Frames.Esp(There, Here, spi, (uint)i)));

    private static CaptureBuilder Again(CaptureBuilder capture, double from, byte[] packet, int times) =>
        Enumerable.Range(0, times).Aggregate(capture, (all, i) => all.Add(from + (4 * i), packet));

    private static CaptureBuilder Large(CaptureBuilder capture, bool lost)
    {
        for (var i = 0; i < 4; i++)
        {
            var (first, rest) = Frames.Cut(Here, 500, There, 500, IkeBuilder.Sealed(Spi, IkeExchangeType.Auth, 1, false, 1800), (ushort)(9 + i));
            capture.Add(1 + (i * 4), first);
            if (!lost) capture.Add(1.001 + (i * 4), rest);
        }

        return capture.Add(30, Frames.Udp(Here, 53, There, 53, new byte[40]));
    }

    private static byte[] MainMode(int step, bool answer) => step switch
    {
        1 => IkeBuilder.V1(Spi, answer, IkeExchangeType.MainModeV1, IkePayloadType.SaV1),
        2 => IkeBuilder.V1(Spi, answer, IkeExchangeType.MainModeV1, IkePayloadType.KeyExchangeV1),
        _ => IkeBuilder.V1(Spi, answer, IkeExchangeType.MainModeV1, IkePayloadType.IdentificationV1, encrypted: true),
    };

    private static byte[] Clear(int notify) => IkeBuilder.V1(Spi, true, IkeExchangeType.InformationalV1, IkePayloadType.NotificationV1, body: [0, 0, 0, 1, 1, 0, (byte)(notify >> 8), (byte)notify]);

    private static CaptureBuilder Steps(CaptureBuilder capture) =>
        capture.Add(0, Out(500, MainMode(1, false))).Add(0.1, Back(500, MainMode(1, true))).Add(0.2, Out(500, MainMode(2, false))).Add(0.3, Back(500, MainMode(2, true)));

    private static CaptureBuilder Quick(CaptureBuilder capture, bool answered)
    {
        Steps(capture).Add(1, Out(500, MainMode(3, false))).Add(1.1, Back(500, MainMode(3, true)));
        capture.Add(1.2, Out(500, QuickMode(false)));
        return answered ? capture.Add(1.3, Back(500, QuickMode(true))).Add(1.4, Out(500, QuickMode(false))) : capture;
    }

    private static byte[] QuickMode(bool answer) => IkeBuilder.V1(Spi, answer, IkeExchangeType.QuickModeV1, IkePayloadType.HashV1, true, 4711);

    private static CaptureBuilder Twice(CaptureBuilder capture) => capture.Doubled(0.0004);
}
