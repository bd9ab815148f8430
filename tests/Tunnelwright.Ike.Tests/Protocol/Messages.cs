using System.Net;

namespace Tunnelwright.Ike.Tests.Protocol;

/// <summary>Messages for tests: made here, and taken from real daemons.</summary>
internal static class Messages
{
    internal const ulong Spi = 0x0123456789abcdef;

    internal static IPEndPoint Here { get; } = new(IPAddress.Parse("10.77.1.2"), 41_000);

    internal static IPEndPoint There { get; } = new(IPAddress.Parse("198.51.100.2"), 500);

    internal static byte[] SaInit(string suite = "aes256-sha256-modp2048", byte[]? cookie = null)
    {
        Assert.True(IkeSuite.TryParse(suite, out var parsed));
        return ProbeMessages.SaInit(Spi, new byte[32], [Offer.Of(parsed)], parsed.Group, IkeGroups.CreatePublicValue(parsed.Group), cookie, Here, There);
    }

    internal static byte[] Question() => ProbeMessages.Question(Spi, new byte[32], Offer.Of(IkeSuiteSpace.Default), null, Here, There);

    internal static byte[] MainMode(params string[] suites) =>
        ProbeMessages.MainMode(Spi, [.. suites.Select(text => IkeSuite.TryParse(text, out var suite) ? suite : throw new FormatException(text))]);

    /// <summary>A message of any payloads, written without the writer.</summary>
    internal static byte[] Build(int version, params (IkePayloadType Type, byte[] Body)[] payloads)
    {
        var bytes = new List<byte>(new byte[IkeHeader.Bytes]);
        bytes[7] = 1;
        bytes[15] = 2;
        bytes[16] = payloads.Length > 0 ? (byte)payloads[0].Type : (byte)0;
        bytes[17] = (byte)(version << 4);
        bytes[18] = version == 1 ? (byte)IkeExchangeType.InformationalV1 : (byte)IkeExchangeType.Informational;
        for (var i = 0; i < payloads.Length; i++)
        {
            var length = payloads[i].Body.Length + 4;
            bytes.AddRange([i + 1 < payloads.Length ? (byte)payloads[i + 1].Type : (byte)0, 0, (byte)(length >> 8), (byte)length, .. payloads[i].Body]);
        }

        bytes[26] = (byte)(bytes.Count >> 8);
        bytes[27] = (byte)bytes.Count;
        return [.. bytes];
    }

    /// <summary>Types of the payloads, in their order.</summary>
    internal static List<IkePayloadType> Types(byte[] message, out IkeFault? fault)
    {
        var reader = new IkeMessageReader(message);
        var types = new List<IkePayloadType>();
        while (reader.Read()) types.Add(reader.Current.Type);
        fault = reader.Fault;
        return types;
    }

    /// <summary>The first payload of a type.</summary>
    internal static IkePayload Find(byte[] message, IkePayloadType type)
    {
        var reader = new IkeMessageReader(message);
        while (reader.Read())
            if (reader.Current.Type == type)
                return reader.Current;
        throw new InvalidOperationException($"There is no {type}.");
    }
}
