using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Tunnelwright.Linux.Tests;

/// <summary>What ends a wait: a packet, the clock, another thread.</summary>
public sealed class SocketWaiterTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    [Fact]
    public void Another_thread_ends_a_wait_that_is_under_way_and_one_that_comes()
    {
        using var waiter = new SocketWaiter();
        var clock = Stopwatch.StartNew();
        waiter.Wake();
        waiter.Wait([], Long);
        using var later = new Timer(_ => waiter.Wake(), null, TimeSpan.FromMilliseconds(50), Timeout.InfiniteTimeSpan);
        waiter.Wait([], Long);
        Assert.InRange(clock.Elapsed, TimeSpan.FromMilliseconds(40), Long / 2);
    }

    [Fact]
    public void A_wake_counts_once()
    {
        using var waiter = new SocketWaiter();
        waiter.Wake();
        waiter.Wake();
        waiter.Wait([], Long);
        var clock = Stopwatch.StartNew();
        waiter.Wait([], TimeSpan.FromMilliseconds(60));
        Assert.True(clock.ElapsedMilliseconds >= 55, $"{clock.ElapsedMilliseconds} ms");
    }

    [Fact]
    public void A_packet_ends_a_wait_and_a_closed_socket_does_no_harm()
    {
        using var waiter = new SocketWaiter();
        using var quiet = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var receiver = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var closed = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        closed.Dispose();
        quiet.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        quiet.SendTo([1], receiver.LocalEndPoint!);
        var clock = Stopwatch.StartNew();
        waiter.Wait([quiet, closed, receiver], Long);
        Assert.True(clock.Elapsed < Long / 2);
        Assert.Equal(1, receiver.Available);
    }
}
