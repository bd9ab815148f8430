using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Tunnelwright.Ike;

/// <summary>A notify payload (RFC 7296 section 3.10) or an IKEv1 notification (RFC 2408 section 3.14).</summary>
public readonly ref struct IkeNotifyPayload
{
    private IkeNotifyPayload(IkeProtocol protocol, int type, ReadOnlySpan<byte> spi, ReadOnlySpan<byte> data)
    {
        Protocol = protocol;
        Type = type;
        Spi = spi;
        Data = data;
    }

    /// <summary>What the SPI belongs to.</summary>
    public IkeProtocol Protocol { get; }

    /// <summary>The message type; <see cref="IkeNotifyNames"/> has the names. The numbers of the two versions mean different things.</summary>
    public int Type { get; }

    /// <summary>The SPI it is about, or empty.</summary>
    public ReadOnlySpan<byte> Spi { get; }

    /// <summary>What comes with it.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Reads it.</summary>
    /// <param name="payload">A notify payload of either version.</param>
    /// <param name="notify">What it says.</param>
    /// <param name="fault">Why it cannot be read.</param>
    public static bool TryRead(IkePayload payload, out IkeNotifyPayload notify, [NotNullWhen(false)] out IkeFault? fault)
    {
        notify = default;
        fault = null;
        var doi = payload.MajorVersion == 1 ? 4 : 0;
        var body = payload.Body;
        if (body.Length < doi + 4)
        {
            fault = new IkeFault(payload.Offset + body.Length, "a notify payload is cut short");
            return false;
        }

        body = body[doi..];
        if (body[1] > body.Length - 4)
        {
            fault = new IkeFault(payload.Offset + doi + 1, "the SPI of a notify payload is cut short");
            return false;
        }

        notify = new IkeNotifyPayload((IkeProtocol)body[0], BinaryPrimitives.ReadUInt16BigEndian(body[2..]), body.Slice(4, body[1]), body[(4 + body[1])..]);
        return true;
    }
}

/// <summary>A key exchange payload (RFC 7296 section 3.4, RFC 2408 section 3.7).</summary>
public readonly ref struct IkeKeyExchangePayload
{
    private IkeKeyExchangePayload(int? group, ReadOnlySpan<byte> data)
    {
        Group = group;
        Data = data;
    }

    /// <summary>IKEv2: the group's number. IKEv1 does not tell it here.</summary>
    public int? Group { get; }

    /// <summary>The public value.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Reads it.</summary>
    /// <param name="payload">A key exchange payload of either version.</param>
    /// <param name="keyExchange">What it says.</param>
    /// <param name="fault">Why it cannot be read.</param>
    public static bool TryRead(IkePayload payload, out IkeKeyExchangePayload keyExchange, [NotNullWhen(false)] out IkeFault? fault)
    {
        keyExchange = default;
        fault = null;
        if (payload.MajorVersion == 1)
        {
            keyExchange = new IkeKeyExchangePayload(null, payload.Body);
            return true;
        }

        if (payload.Body.Length < 4)
        {
            fault = new IkeFault(payload.Offset + payload.Body.Length, "a key exchange payload is cut short");
            return false;
        }

        keyExchange = new IkeKeyExchangePayload(BinaryPrimitives.ReadUInt16BigEndian(payload.Body), payload.Body[4..]);
        return true;
    }
}

/// <summary>An identification payload (RFC 7296 section 3.5, RFC 2407 section 4.6.2).</summary>
public readonly ref struct IkeIdentificationPayload
{
    private IkeIdentificationPayload(int type, int protocol, int port, ReadOnlySpan<byte> data)
    {
        Type = type;
        Protocol = protocol;
        Port = port;
        Data = data;
    }

    /// <summary>The kind: 1 IPv4 address, 2 FQDN, 3 e-mail address, 4 IPv4 subnet (IKEv1), 5 IPv6 address, 9 distinguished name, 11 key ID …</summary>
    public int Type { get; }

    /// <summary>IKEv1: the IP protocol, 0 for any.</summary>
    public int Protocol { get; }

    /// <summary>IKEv1: the port, 0 for any.</summary>
    public int Port { get; }

    /// <summary>The identity.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Reads it.</summary>
    /// <param name="payload">An identification payload of either version.</param>
    /// <param name="identification">What it says.</param>
    /// <param name="fault">Why it cannot be read.</param>
    public static bool TryRead(IkePayload payload, out IkeIdentificationPayload identification, [NotNullWhen(false)] out IkeFault? fault)
    {
        identification = default;
        fault = null;
        var body = payload.Body;
        if (body.Length < 4)
        {
            fault = new IkeFault(payload.Offset + body.Length, "an identification payload is cut short");
            return false;
        }

        var isV1 = payload.MajorVersion == 1;
        identification = new IkeIdentificationPayload(body[0], isV1 ? body[1] : 0, isV1 ? BinaryPrimitives.ReadUInt16BigEndian(body[2..]) : 0, body[4..]);
        return true;
    }
}

/// <summary>A delete payload (RFC 7296 section 3.11, RFC 2408 section 3.15).</summary>
public readonly ref struct IkeDeletePayload
{
    private IkeDeletePayload(IkeProtocol protocol, int spiBytes, int count, ReadOnlySpan<byte> spis)
    {
        Protocol = protocol;
        SpiBytes = spiBytes;
        Count = count;
        Spis = spis;
    }

    /// <summary>What is deleted.</summary>
    public IkeProtocol Protocol { get; }

    /// <summary>Octets of each SPI; IKEv2 deletes the IKE SA itself with none.</summary>
    public int SpiBytes { get; }

    /// <summary>How many SPIs there are.</summary>
    public int Count { get; }

    /// <summary>The SPIs one after the other.</summary>
    public ReadOnlySpan<byte> Spis { get; }

    /// <summary>Reads it.</summary>
    /// <param name="payload">A delete payload of either version.</param>
    /// <param name="delete">What it says.</param>
    /// <param name="fault">Why it cannot be read.</param>
    public static bool TryRead(IkePayload payload, out IkeDeletePayload delete, [NotNullWhen(false)] out IkeFault? fault)
    {
        delete = default;
        fault = null;
        var doi = payload.MajorVersion == 1 ? 4 : 0;
        var body = payload.Body;
        if (body.Length < doi + 4)
        {
            fault = new IkeFault(payload.Offset + body.Length, "a delete payload is cut short");
            return false;
        }

        body = body[doi..];
        int spiBytes = body[1], count = BinaryPrimitives.ReadUInt16BigEndian(body[2..]);
        if (spiBytes * count != body.Length - 4)
        {
            fault = new IkeFault(payload.Offset + doi + 2, "a delete payload has another number of SPIs than it says");
            return false;
        }

        delete = new IkeDeletePayload((IkeProtocol)body[0], spiBytes, count, body[4..]);
        return true;
    }
}

/// <summary>A certificate, a certificate request or an authentication payload: one octet that tells the kind, then data (RFC 7296 sections 3.6 to 3.8, RFC 2408 sections 3.9 and 3.10).</summary>
public readonly ref struct IkeKindAndData
{
    private IkeKindAndData(int kind, ReadOnlySpan<byte> data)
    {
        Kind = kind;
        Data = data;
    }

    /// <summary>The certificate's encoding (4: X.509), or the authentication method (1: RSA, 2: shared key, 14: digital signature).</summary>
    public int Kind { get; }

    /// <summary>The certificate, the authorities' names or hashes, or the authentication data.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Reads it.</summary>
    /// <param name="payload">A certificate or certificate request of either version, or an IKEv2 authentication payload.</param>
    /// <param name="value">What it says.</param>
    /// <param name="fault">Why it cannot be read.</param>
    public static bool TryRead(IkePayload payload, out IkeKindAndData value, [NotNullWhen(false)] out IkeFault? fault)
    {
        value = default;
        fault = null;
        var head = payload.Type == IkePayloadType.Authentication ? 4 : 1;
        if (payload.Body.Length < head)
        {
            fault = new IkeFault(payload.Offset + payload.Body.Length, "a payload of a kind and data is cut short");
            return false;
        }

        value = new IkeKindAndData(payload.Body[0], payload.Body[head..]);
        return true;
    }
}

/// <summary>An encrypted fragment (RFC 7383 section 2.5) or an IKEv1 fragment ([MS-IKEE] section 2.2.3.1).</summary>
public readonly ref struct IkeFragmentPayload
{
    private IkeFragmentPayload(int number, int? total, bool isLast, ReadOnlySpan<byte> data)
    {
        Number = number;
        Total = total;
        IsLast = isLast;
        Data = data;
    }

    /// <summary>Its number, from 1 on.</summary>
    public int Number { get; }

    /// <summary>IKEv2: how many there are. IKEv1 only marks the last.</summary>
    public int? Total { get; }

    /// <summary>Whether it is the last.</summary>
    public bool IsLast { get; }

    /// <summary>IKEv2: what cannot be read without keys. IKEv1: a piece of the whole message.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Reads it.</summary>
    /// <param name="payload">A fragment of either version.</param>
    /// <param name="fragment">What it says.</param>
    /// <param name="fault">Why it cannot be read.</param>
    public static bool TryRead(IkePayload payload, out IkeFragmentPayload fragment, [NotNullWhen(false)] out IkeFault? fault)
    {
        fragment = default;
        fault = null;
        var body = payload.Body;
        if (body.Length < 4)
        {
            fault = new IkeFault(payload.Offset + body.Length, "a fragment is cut short");
            return false;
        }

        if (payload.Type == IkePayloadType.FragmentV1)
        {
            fragment = new IkeFragmentPayload(body[2], null, (body[3] & 1) != 0, body[4..]);
            return true;
        }

        int number = BinaryPrimitives.ReadUInt16BigEndian(body), total = BinaryPrimitives.ReadUInt16BigEndian(body[2..]);
        if (number == 0 || number > total)
        {
            fault = new IkeFault(payload.Offset, "a fragment's number is not within their count");
            return false;
        }

        fragment = new IkeFragmentPayload(number, total, number == total, body[4..]);
        return true;
    }
}
