using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

/// <summary>Talks HTTP to a service as anybody would.</summary>
internal sealed class TestClient : IDisposable
{
    /// <summary>A client.</summary>
    /// <param name="address">The service.</param>
    /// <param name="token">Who asks; null for nobody.</param>
    /// <param name="connect">How it gets there; null for the address itself.</param>
    public TestClient(Uri address, string? token, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect = null)
    {
        Http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, ConnectCallback = connect, PooledConnectionLifetime = connect is null ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(2) }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(100) };
        if (token is not null) Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public HttpClient Http { get; }

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type) => ReadAsync(HttpMethod.Get, path, null, type);

    public Task<TOut> PostAsync<TIn, TOut>(string path, TIn body, JsonTypeInfo<TIn> input, JsonTypeInfo<TOut> output, string? idempotencyKey = null) =>
        ReadAsync(HttpMethod.Post, path, JsonSerializer.Serialize(body, input), output, idempotencyKey is null ? null : (Headers.IdempotencyKey, idempotencyKey));

    public Task<Connection> CreateAsync(string customer, ConnectionRequest request, string? idempotencyKey = null) =>
        PostAsync(Paths.Connections(customer), request, CloudJson.Default.ConnectionRequest, CloudJson.Default.Connection, idempotencyKey);

    public Task<Connection> ConnectionAsync(Connection connection) => GetAsync(Paths.Connection(connection.CustomerId, connection.Id), CloudJson.Default.Connection);

    public Task<Connection> ChangeAsync(Connection connection, ConnectionChange change, string? ifMatch = null) => ReadAsync(
        HttpMethod.Patch, Paths.Connection(connection.CustomerId, connection.Id), JsonSerializer.Serialize(change, CloudJson.Default.ConnectionChange), CloudJson.Default.Connection, ifMatch is null ? null : ("If-Match", ifMatch));

    /// <summary>POST without a body.</summary>
    public Task<Connection> ActAsync(string path, string? idempotencyKey = null) =>
        ReadAsync(HttpMethod.Post, path, null, CloudJson.Default.Connection, idempotencyKey is null ? null : (Headers.IdempotencyKey, idempotencyKey));

    public async Task DeleteAsync(string path)
    {
        using var answer = await SendAsync(HttpMethod.Delete, path);
        await ThrowAsync(answer);
    }

    /// <summary>The connection when the service has ended its change.</summary>
    public Task<Connection> SettledAsync(Connection connection) =>
        Eventually.GetAsync(() => ConnectionAsync(connection), now => now is { State: ConnectionState.Available, Operation: null }, "an available connection");

    public async Task<string> FileAsync(Connection connection, string? device = null)
    {
        using var answer = await SendAsync(HttpMethod.Get, Paths.File(connection.CustomerId, connection.Id, device));
        await ThrowAsync(answer);
        return await answer.Content.ReadAsStringAsync();
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await Http.SendAsync(request, HttpCompletionOption.ResponseContentRead);
    }

    /// <summary>The problem that a request has to end with.</summary>
    public static async Task<ProblemDocument> ProblemAsync(int status, Task request)
    {
        var refused = await Assert.ThrowsAsync<AnswerException>(() => request);
        Assert.Equal(status, (int)refused.Status);
        return refused.Problem!;
    }

    public void Dispose() => Http.Dispose();

    private async Task<T> ReadAsync<T>(HttpMethod method, string path, string? body, JsonTypeInfo<T> type, (string, string)? header = null)
    {
        using var answer = await SendAsync(method, path, body, header is { } one ? [one] : []);
        await ThrowAsync(answer);
        return JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(), type)!;
    }

    private static async Task ThrowAsync(HttpResponseMessage answer)
    {
        if (answer.IsSuccessStatusCode) return;
        var text = await answer.Content.ReadAsStringAsync();
        var problem = answer.Content.Headers.ContentType?.MediaType == ProblemDocument.MediaType ? JsonSerializer.Deserialize(text, CloudJson.Default.ProblemDocument) : null;
        throw new AnswerException(answer.StatusCode, text, problem);
    }
}
