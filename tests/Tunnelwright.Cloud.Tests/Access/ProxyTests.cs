using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

/// <summary>Whose word about a caller's address counts.</summary>
public sealed class ProxyTests(ClusterFixture cluster)
{
    private const string ForwardedFor = "X-Forwarded-For";
    private const string Client = "203.0.113.9";

    [Theory]
    [InlineData(null, Client, "127.0.0.1")]
    [InlineData("192.0.2.1, 198.51.100.0/24", Client, "127.0.0.1")]
    [InlineData("127.0.0.1", Client, Client)]
    [InlineData("192.0.2.1,127.0.0.0/8", Client, Client)]
    [InlineData("127.0.0.1", "198.51.100.66, 203.0.113.9", Client)]
    [InlineData("127.0.0.1,203.0.113.9", "198.51.100.66, 203.0.113.9", "198.51.100.66")]
    [InlineData("127.0.0.1", "not an address", "127.0.0.1")]
    public async Task The_audit_log_has_the_address_that_a_trusted_proxy_saw(string? trusted, string header, string expected)
    {
        await using var service = await TestService.StartAsync(cluster, options => options.TrustedProxies = trusted);
        using var answer = await service.Administrator.SendAsync(HttpMethod.Post, Paths.Customers, """{"name":"Acme","cloudNetwork":"10.8.2.0/24"}""", (ForwardedFor, header));
        Assert.Equal(201, (int)answer.StatusCode);
        var entry = (await service.Administrator.GetAsync(Paths.ProviderAudit, CloudJson.Default.PageAuditEntry)).Items.First(entry => entry.Action == "customer.add");
        Assert.Equal(expected, entry.Address?.Replace("::ffff:", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, 429)]
    [InlineData("127.0.0.1", 401)]
    public async Task Attempts_to_sign_in_are_counted_by_that_address(string? trusted, int third)
    {
        await using var service = await TestService.StartAsync(cluster, options => (options.TrustedProxies, options.SignInsPerMinute) = (trusted, 2));
        using var browser = service.ClientOf(null);
        async Task<int> TryAsync(string from)
        {
            using var answer = await browser.SendAsync(HttpMethod.Post, Paths.Session, """{"email":"nobody@acme.example","password":"not this one, sorry"}""", (ForwardedFor, from));
            return (int)answer.StatusCode;
        }

        Assert.Equal((401, 401), (await TryAsync("203.0.113.1"), await TryAsync("203.0.113.1")));
        Assert.Equal(third, await TryAsync("203.0.113.2"));
        Assert.Equal(429, await TryAsync("203.0.113.1"));
    }

    [Fact]
    public async Task Over_TLS_the_cookie_is_bound_to_this_host_and_the_browser_is_told_to_stay_with_TLS()
    {
        await using var service = await TestService.StartAsync(cluster, options => options.TrustedProxies = "127.0.0.1");
        await service.Administrator.PostAsync(Paths.ProviderUsers, new NewUser("root@provider.example", "correct horse battery", Role.Administrator), CloudJson.Default.NewUser, CloudJson.Default.User);
        using var browser = service.ClientOf(null);
        using var answer = await browser.SendAsync(HttpMethod.Post, Paths.Session, """{"email":"root@provider.example","password":"correct horse battery"}""", ("X-Forwarded-Proto", "https"));
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith("__Host-tunnelwright=tws_", cookie, StringComparison.Ordinal);
        foreach (var flag in new[] { "secure", "httponly", "samesite=strict", "path=/" }) Assert.Contains(flag, cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("domain=", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("max-age=31536000", answer.Headers.GetValues("Strict-Transport-Security").Single());
    }

    [Theory]
    [InlineData("proxy.example", "'proxy.example'")]
    [InlineData("192.0.2.1,192.0.2.0/33", "'192.0.2.0/33'")]
    public void What_is_no_address_is_told(string text, string told)
    {
        var wrong = Assert.Throws<CallException>(() => Arguments.Read([], new Dictionary<string, string> { ["TUNNELWRIGHT_CLOUD_TRUSTED_PROXIES"] = text }));
        Assert.Contains(told, wrong.Message, StringComparison.Ordinal);
        Assert.Equal("192.0.2.1", Arguments.Read(["--trusted-proxies", "192.0.2.1"], new Dictionary<string, string>()).TrustedProxies);
    }
}
