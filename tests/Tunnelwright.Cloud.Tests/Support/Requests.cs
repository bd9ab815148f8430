using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

internal static class Requests
{
    public static ConnectionRequest Static(int number = 1) => new("office", "network@customer.example", $"98.80.93.{number}", RoutingKind.Static, null, [$"10.{number}.0.0/16"]);

    public static ConnectionRequest Bgp(int number = 1) => Static(number) with { Routing = RoutingKind.Bgp, CustomerAsn = 65000 + number };
}
