using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

public sealed class NotificationTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Webhooks_are_signed_and_tried_again_until_they_are_taken()
    {
        var seen = new List<(string Signature, string Body)>();
        var builder = WebApplication.CreateSlimBuilder();
        await using var receiver = builder.Build();
        receiver.Urls.Add("http://127.0.0.1:0");
        var refusals = 2;
        receiver.MapPost("/hook", async (HttpContext context) =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            if (Interlocked.Decrement(ref refusals) >= 0) return Results.StatusCode(503);
            lock (seen) seen.Add((context.Request.Headers[Headers.Signature].ToString(), body));
            return Results.NoContent();
        });
        await receiver.StartAsync();

        await using var service = await TestService.StartAsync(cluster);
        await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        var customer = await service.AddCustomerAsync(change: asked => asked with { Notifications = new NotificationSettings($"{receiver.Urls.First()}/hook") });
        using var issued = await service.Administrator.SendAsync(HttpMethod.Post, Paths.WebhookSecret(customer.Id));
        var secret = JsonSerializer.Deserialize(await issued.Content.ReadAsStringAsync(), CloudJson.Default.WebhookSecret)!.Secret;
        var connection = await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(customer.Id, Requests.Static()));
        var (signature, body) = await Eventually.GetAsync(
            () =>
            {
                lock (seen) return Task.FromResult(seen.FirstOrDefault(one => one.Body.Contains("connection.available")));
            },
            one => one.Body is not null,
            "the webhook");
        var told = JsonSerializer.Deserialize(body, CloudJson.Default.ChangeEvent)!;
        Assert.Equal(("connection.available", connection.Id, customer.Id), (told.Kind, told.ConnectionId, told.CustomerId));
        var parts = signature.Split(',').Select(part => part.Split('=')).ToDictionary(part => part[0], part => part[1]);
        Assert.Equal(parts["v1"], Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{parts["t"]}.{body}"))));
        await Eventually.GetAsync(
            () =>
            {
                lock (seen) return Task.FromResult(seen.Count);
            },
            count => count == 2,
            "both events, the refused one too");
    }

    [Fact]
    public async Task The_contact_gets_mail_without_keys()
    {
        using var server = new MailServer();
        await using var service = await TestService.StartAsync(cluster, options => (options.SmtpServer, options.SmtpTls) = ($"127.0.0.1:{server.Port}", false));
        var nodes = await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        var customer = await service.AddCustomerAsync();
        var connection = await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(customer.Id, Requests.Static()));
        var mail = await Eventually.GetAsync(() => Task.FromResult(server.Mails.FirstOrDefault()), one => one is not null, "a mail");
        Assert.Contains("RCPT TO:<network@customer.example>", mail);
        Assert.Contains($"VPN connection {connection.Id} is ready", mail);
        Assert.All(nodes.SelectMany(node => node.Tunnels), tunnel => Assert.DoesNotContain(tunnel.PreSharedKey, mail));
    }

    [Theory]
    [InlineData("10.0.0.1", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("2002:a00:1::1", false)]
    [InlineData("52.30.0.1", true)]
    [InlineData("2a00:1450:4001::1", true)]
    public void Webhooks_reach_public_addresses_only(string address, bool allowed) => Assert.Equal(allowed, WebhookSender.IsPublic(IPAddress.Parse(address)));

    /// <summary>Takes mail (RFC 5321), one conversation after the other.</summary>
    private sealed class MailServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public MailServer()
        {
            _listener.Start();
            _ = Task.Run(ServeAsync);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public System.Collections.Concurrent.ConcurrentQueue<string> Mails { get; } = [];

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    using var reader = new StreamReader(client.GetStream());
                    await using var writer = new StreamWriter(client.GetStream()) { AutoFlush = true, NewLine = "\r\n" };
                    await writer.WriteLineAsync("220 test");
                    var mail = new StringBuilder();
                    while (await reader.ReadLineAsync() is { } line)
                    {
                        mail.AppendLine(line);
                        if (line == "DATA")
                        {
                            await writer.WriteLineAsync("354 go on");
                            while (await reader.ReadLineAsync() is { } text && text != ".") mail.AppendLine(text);
                            Mails.Enqueue(mail.ToString());
                        }

                        await writer.WriteLineAsync(line == "QUIT" ? "221 bye" : "250 ok");
                        if (line == "QUIT") break;
                    }
                }
            }
            catch (Exception problem) when (problem is IOException or SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
