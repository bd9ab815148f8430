using Tunnelwright.Gateway;
using Tunnelwright.Node.Customers;

namespace Tunnelwright.Node.Tests;

public sealed class ByteCountsTests
{
    [Fact]
    public void A_renewal_begins_anew_and_the_sum_goes_on()
    {
        var counts = new ByteCounts();
        Assert.Equal((100, 10, 5, 1), counts.Add(Pair("a", 100, 10, 5, 1)));
        Assert.Equal((150, 20, 6, 2), counts.Add(Pair("a", 150, 20, 6, 2)));
        Assert.Equal((157, 22, 7, 3), counts.Add(Pair("b", 7, 2, 1, 1)));
        Assert.Equal((160, 22, 8, 3), counts.Add(Pair("b", 10, 2, 2, 1)));
    }

    private static ChildStatus Pair(string spi, long bytesIn, long bytesOut, long packetsIn, long packetsOut) => new("", bytesIn, bytesOut, packetsIn, packetsOut, null) { SpiIn = spi };
}
