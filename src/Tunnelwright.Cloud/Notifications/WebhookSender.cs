using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Model;

namespace Tunnelwright.Cloud;

/// <summary>Posts events to customers' webhooks, signed. A webhook reaches public addresses only, whatever its name resolves to at that moment.</summary>
internal sealed class WebhookSender : IDisposable
{
    private readonly KeyRing _keys;
    private readonly TimeProvider _time;
    private readonly bool _private;
    private readonly HttpClient _http;

    public WebhookSender(KeyRing keys, TimeProvider time, CloudOptions options)
    {
        (_keys, _time, _private) = (keys, time, options.PrivateWebhooks);
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectCallback = ConnectAsync, PooledConnectionLifetime = TimeSpan.FromMinutes(1) }) { Timeout = TimeSpan.FromSeconds(15) };
    }

    public async Task SendAsync(Message message, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, message.Recipient) { Content = new StringContent(message.Body, Encoding.UTF8, "application/json") };
        if (message.WebhookSecret is { } secret) request.Headers.Add(Headers.Signature, Sign(_keys.Open(secret, Places.Webhook(message.CustomerId)), _time.GetUtcNow().ToUnixTimeSeconds(), message.Body));
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!answer.IsSuccessStatusCode) throw new HttpRequestException($"the webhook answered {(int)answer.StatusCode}");
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The header that shows that a body is ours and when it was sent.</summary>
    internal static string Sign(string secret, long seconds, string body) =>
        $"t={seconds},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{seconds}.{body}")))}";

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        var allowed = addresses.Where(address => _private || IsPublic(address)).ToArray();
        if (allowed.Length == 0) throw new HttpRequestException("the webhook's name has no public address");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    internal static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily == AddressFamily.InterNetwork) return Ipv4Address.TryParse(address.ToString(), out var four) && SpecialRanges.MeaningOf(four) is null;

        // Global unicast is 2000::/3 (RFC 4291 section 2.4); of it documentation, Teredo and 6to4 lead elsewhere.
        var bytes = address.GetAddressBytes();
        return (bytes[0] & 0xE0) == 0x20 && !(bytes[0] == 0x20 && bytes[1] == 0x01 && (bytes[2], bytes[3]) is (0x0D, 0xB8) or (0, 0)) && !(bytes[0] == 0x20 && bytes[1] == 0x02);
    }
}
