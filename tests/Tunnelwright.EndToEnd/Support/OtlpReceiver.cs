using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Tunnelwright.Linux.Native;

namespace Tunnelwright.EndToEnd;

/// <summary>Takes what a lab host pushes over OTLP (HTTP, protobuf) on its loopback, and keeps it.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly HttpListener _listener;
    private readonly Task _work;
    private readonly ConcurrentQueue<(string Path, string Body)> _received = new();

    private OtlpReceiver(HttpListener listener)
    {
        _listener = listener;
        _work = Task.Run(ReceiveAsync);
    }

    /// <summary>The endpoint, as seen on the host.</summary>
    public const string Endpoint = "http://127.0.0.1:4318";

    /// <summary>Listens on a lab host.</summary>
    public static async Task<OtlpReceiver> StartAsync(TestLab lab, string host) => new(await NamespaceThread.RunAsync(lab.Host(host).Namespace, () =>
    {
        var listener = new HttpListener { Prefixes = { $"{Endpoint}/" } };
        listener.Start();
        return listener;
    }));

    /// <summary>Whether something that came to this path holds these words: names stand in protobuf as they are.</summary>
    public bool Has(string path, params string[] words) => _received.Any(request => request.Path == path && words.All(word => request.Body.Contains(word, StringComparison.Ordinal)));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _work;
    }

    private async Task ReceiveAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception problem) when (problem is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            _received.Enqueue((context.Request.Url!.AbsolutePath, Encoding.Latin1.GetString(body.ToArray())));
            context.Response.ContentType = "application/x-protobuf";
            context.Response.Close();
        }
    }
}
