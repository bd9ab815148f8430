using System.Net;
using System.Text;
using Tunnelwright.Dns.Configuration;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Tests.Configuration;

public sealed class ForwarderOptionsReaderTests
{
    private static ForwarderOptions Read(string text) => ForwarderOptionsReader.Read(Encoding.UTF8.GetBytes(text));

    [Fact]
    public void Everything_that_can_be_said_is_read()
    {
        var options = Read("""
            {
              "listen": ["10.1.0.53", "[fd00::53]:5353"], "allow": ["10.0.0.0/8", "192.0.2.7"], "threads": 3, "rateLimit": 100,
              "defaults": ["10.1.0.1"], "patienceSeconds": 2, "queryLog": true,
              // the cloud
              "rules": [
                { "domain": "Cloud.Example.", "servers": ["10.8.2.2", "10.8.2.3:5300"], "flatten": true, "private": true },
                { "domain": "corp.example", "servers": ["fd00::1"], "transport": "tcp" },
              ],
              "cache": { "megabytes": 8, "minimumTtlSeconds": 1, "maximumTtlSeconds": 2, "negativeTtlSeconds": 3, "staleSeconds": 4, "staleTtlSeconds": 5, "staleAfterMilliseconds": 6, "prefetch": false, "nonExistentCut": true },
            }
            """);

        Assert.Equal(["10.1.0.53:53", "[fd00::53]:5353"], options.Listen.Select(endPoint => endPoint.ToString()));
        Assert.Equal([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("192.0.2.7/32")], options.Allow);
        Assert.Equal((3, 100, 2, true), (options.Threads, options.RateLimit, options.PatienceSeconds, options.QueryLog));
        Assert.Equal("cloud.example", DomainName.ToText(options.Rules[0].Domain));
        Assert.Equal(["10.8.2.2:53", "10.8.2.3:5300"], options.Rules[0].Servers.Select(server => server.ToString()));
        Assert.Equal((true, true, UpstreamTransport.Udp), (options.Rules[0].Flatten, options.Rules[0].Private, options.Rules[0].Transport));
        Assert.Equal(UpstreamTransport.Tcp, options.Rules[1].Transport);
        Assert.Equal("[fd00::1]:53", options.Rules[1].Servers[0].ToString());
        Assert.Equal((8, 1u, 2u, 3u, 4u, 5u, 6, false, true), (options.Cache.Megabytes, options.Cache.MinimumTtlSeconds, options.Cache.MaximumTtlSeconds, options.Cache.NegativeTtlSeconds, options.Cache.StaleSeconds, options.Cache.StaleTtlSeconds, options.Cache.StaleAfterMilliseconds, options.Cache.Prefetch, options.Cache.NonExistentCut));
    }

    [Theory]
    [InlineData("{\n\"listen\": [\"127.0.0.1\"]\n}", 1, "neither")]
    [InlineData("{\n\"rules\": []\n}", 1, "listen")]
    [InlineData("{\n\"listen\": [\"10.1.0.53\"],\n\"defaults\": [\"10.1.0.1\"]\n}", 2, "allow")]
    [InlineData("{\n\"listen\": [\"127.0.0.1\"],\n\n\"defaults\": [\"10.1\"]\n}", 4, "'10.1' is not an address")]
    [InlineData("{\n\"listen\": [\"127.0.0.1:99999\"]}", 2, "not an address")]
    [InlineData("{\n\"listen\": [\"127.0.0.1\"],\n\"flaten\": true}", 3, "\"flaten\" is not known")]
    [InlineData("{\n\"listen\": [\"127.0.0.1\"],\n\"rules\": [\n{ \"servers\": [\"10.8.2.2\"] }]}", 4, "domain")]
    [InlineData("{\n\"listen\": [\"127.0.0.1\"],\n\"rules\": [\n{ \"domain\": \"a..b\",\n \"servers\": [\"10.8.2.2\"] }]}", 4, "'a..b' is not a domain")]
    [InlineData("{\n\"listen\": [\"127.0.0.1\"],\n\"rules\": [\n{ \"domain\": \"a\", \"servers\": [\"10.8.2.2\"] },\n{ \"domain\": \"A.\", \"servers\": [\"10.8.2.2\"] }]}", 5, "already")]
    [InlineData("{\n\"listen\": [\"127.0.0.1\"],\n\"rules\": [\n{ \"domain\": \"a\", \"servers\": [\"10.8.2.2\"], \"transport\": \"tls\" }]}", 4, "'tls' is not a transport")]
    [InlineData("{\n\"listen\": [\"127.0.0.1\"],\n\"threads\": 100}", 3, "0 to 64")]
    [InlineData("{\n\"listen\": [\"127.0.0.1\"],\n\"threads\": 1.5}", 3, "whole")]
    [InlineData("{\n\"listen\": [\"127.0.0.1\"],\n\"allow\": [\"10.1.0.7/8\"]}", 3, "'10.1.0.7/8' is not a range")]
    [InlineData("{\n\"listen\": [\"127.0.0.1\"]\n\"threads\": 1}", 3, "not JSON")]
    [InlineData("{\n\"listen\": [\"127.0.0.1\"],\n\"listen\": [\"127.0.0.1\"]}", 3, "twice")]
    [InlineData("", 1, "not JSON")]
    [InlineData("[]", 1, "object")]
    [InlineData("{}\n{}", 2, "not JSON")]
    public void What_cannot_be_used_is_refused_with_its_line(string text, int line, string words)
    {
        var problem = Assert.Throws<ConfigurationException>(() => Read(text));
        Assert.Contains(words, problem.Message, StringComparison.Ordinal);
        Assert.Equal(line, problem.Line);
    }
}
