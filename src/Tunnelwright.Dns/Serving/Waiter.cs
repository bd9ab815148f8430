using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tunnelwright.Dns.Native;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Serving;

/// <summary>A client that waits for an answer, and how to answer it.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct Waiter
{
    public int Next;
    public ClientQuery Query;
    public AddressBytes Address;
    public int AddressLength;
    public ControlBytes Control;
    public int ControlLength;
    public ulong ClientCookie;
    public ClientSocket? Socket;
    public TcpClientConnection? Connection;
    public long Since;
    public NameBytes Name;

    [InlineArray(DatagramBatch.ControlSize)]
    internal struct ControlBytes
    {
        private byte _first;
    }

    [InlineArray(DomainName.MaximumLength)]
    internal struct NameBytes
    {
        private byte _first;
    }
}

/// <summary>A thread's UDP socket for clients.</summary>
internal sealed class ClientSocket(IPEndPoint endPoint, int descriptor, bool hasControl) : IDisposable
{
    private const int BatchSize = 64;

    /// <summary>Where it listens, as the configuration says.</summary>
    public IPEndPoint EndPoint { get; } = endPoint;

    public int Descriptor { get; } = descriptor;

    public bool HasControl { get; } = hasControl;

    public DatagramBatch Outgoing { get; } = new(BatchSize, Reply.UdpSize + Reply.MaximumEdns, hasControl);

    public void Flush()
    {
        if (Outgoing.Count > 0) _ = Outgoing.Flush(Descriptor);
    }

    public void Dispose()
    {
        _ = LibC.Close(Descriptor);
        Outgoing.Dispose();
    }
}
