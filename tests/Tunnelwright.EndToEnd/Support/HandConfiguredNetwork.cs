using Tunnelwright.Lab;

namespace Tunnelwright.EndToEnd;

/// <summary>What the cloud's side needs beside an IKE daemon when its endpoints are not ours: addresses as the lab's file says, forwarding and routes by hand.</summary>
internal static class HandConfiguredNetwork
{
    /// <summary>The customer's public address, which is the NAT's when there is one.</summary>
    public static string CustomerOutside => $"{LabAddresses.CustomerPublic}";

    /// <summary>The host that ends a tunnel.</summary>
    public static string Endpoint(int number) => $"cloud-endpoint-{number}";

    /// <summary>The endpoint's public address.</summary>
    public static string Outside(int number) => $"{LabAddresses.Endpoints[number - 1]}";

    /// <summary>The inside addresses of a tunnel.</summary>
    public static (string Cloud, string Customer) Inside(int number)
    {
        var inside = LabAddresses.Inside[number - 1];
        return ($"{inside.Cloud.Address}", $"{inside.Customer.Address}");
    }

    /// <summary>The endpoint forwards, and the customer's range leads into the tunnel.</summary>
    public static async Task RouteToCustomerAsync(TestLab lab, int number, string device)
    {
        var host = Endpoint(number);
        await lab.OutputAsync(host, "sysctl", "-qw", "net.ipv4.ip_forward=1");
        await lab.OutputAsync(host, "ip", "route", "add", $"{LabAddresses.Customer}", "dev", device);
    }

    /// <summary>The cloud's router sends the customer's range to an endpoint.</summary>
    public static Task RouteThroughAsync(TestLab lab, int number) =>
        lab.OutputAsync("cloud-router", "ip", "route", "replace", $"{LabAddresses.Customer}", "via", $"{LabAddresses.EndpointToRouter(number).Address}");
}
