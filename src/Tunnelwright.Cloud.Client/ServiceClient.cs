using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Client;

/// <summary>Makes the connection to the service: where it is reached in another network namespace, for example.</summary>
/// <param name="endPoint">Where to.</param>
/// <param name="cancellationToken">Ends the attempt.</param>
public delegate Task<Socket> ServiceConnector(DnsEndPoint endPoint, CancellationToken cancellationToken);

/// <summary>Speaks to the provider's service. Bodies are the contract's documents; the caller names their JSON type.</summary>
public sealed class ServiceClient : IDisposable
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http;

    /// <summary>A client of a service.</summary>
    /// <param name="service">The service's address, such as https://vpn.example.</param>
    /// <param name="connect">Makes connections; null for the usual way.</param>
    public ServiceClient(Uri service, ServiceConnector? connect = null)
    {
        var handler = new SocketsHttpHandler { ConnectTimeout = ConnectPatience, PooledConnectionLifetime = TimeSpan.FromMinutes(5), AllowAutoRedirect = false, UseProxy = connect is null };
        if (connect is not null) handler.ConnectCallback = async (context, cancellationToken) => new NetworkStream(await connect(context.DnsEndPoint, cancellationToken), ownsSocket: true);
        _http = new HttpClient(handler) { BaseAddress = service, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>What goes into "Authorization: Bearer …"; null for nothing.</summary>
    public string? Token { get; set; }

    /// <summary>Reads a document.</summary>
    /// <param name="path">One of <see cref="Paths"/>, with its query.</param>
    /// <param name="type">The document's JSON type.</param>
    /// <param name="wait">How long the service was asked to hold the answer back; null for not at all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The document; null when nothing has changed (304).</returns>
    /// <exception cref="ServiceException">The service refused, or does not answer.</exception>
    public async Task<T?> GetAsync<T>(string path, JsonTypeInfo<T> type, TimeSpan? wait = null, CancellationToken cancellationToken = default)
        where T : class
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        var (status, body, _) = await AnswerAsync(request, wait, cancellationToken);
        return status == HttpStatusCode.NotModified ? null : Read(body, type);
    }

    /// <summary>Reads a file, such as a device's configuration.</summary>
    /// <param name="path">One of <see cref="Paths"/>, with its query.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The file's bytes, and the name that the service gives it; null for none.</returns>
    /// <exception cref="ServiceException">The service refused, or does not answer.</exception>
    public async Task<(byte[] Content, string? Name)> GetFileAsync(string path, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        var (_, body, name) = await AnswerAsync(request, null, cancellationToken);
        return (body, name);
    }

    /// <summary>Sends a document and reads the answer.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">One of <see cref="Paths"/>.</param>
    /// <param name="body">The document.</param>
    /// <param name="bodyType">Its JSON type.</param>
    /// <param name="answerType">The JSON type of the answer.</param>
    /// <param name="idempotencyKey">Makes a repeated request give the first answer again; null for none.</param>
    /// <param name="cancellationToken">Ends the wait; the service may have done it all the same.</param>
    /// <exception cref="ServiceException">The service refused, or does not answer.</exception>
    public async Task<TAnswer> SendAsync<TBody, TAnswer>(
        HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, string? idempotencyKey = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(JsonSerializer.Serialize(body, bodyType), Encoding.UTF8, "application/json") };
        if (idempotencyKey is not null) request.Headers.Add(Headers.IdempotencyKey, idempotencyKey);
        return Read((await AnswerAsync(request, null, cancellationToken)).Body, answerType);
    }

    /// <summary>Changes a resource (PATCH) of a version, and reads it as it is then.</summary>
    /// <param name="path">One of <see cref="Paths"/>.</param>
    /// <param name="version">The version that the change is meant for (If-Match): it is refused, with 412, when there is a newer one.</param>
    /// <param name="body">The change.</param>
    /// <param name="bodyType">Its JSON type.</param>
    /// <param name="answerType">The JSON type of the answer.</param>
    /// <param name="cancellationToken">Ends the wait; the service may have done it all the same.</param>
    /// <exception cref="ServiceException">The service refused, or does not answer.</exception>
    public async Task<TAnswer> ChangeAsync<TBody, TAnswer>(string path, long version, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, path) { Content = new StringContent(JsonSerializer.Serialize(body, bodyType), Encoding.UTF8, "application/json") };
        request.Headers.IfMatch.Add(new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"{version}\"")));
        return Read((await AnswerAsync(request, null, cancellationToken)).Body, answerType);
    }

    /// <summary>Sends a request without a body and reads the answer.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">One of <see cref="Paths"/>.</param>
    /// <param name="answerType">The JSON type of the answer.</param>
    /// <param name="idempotencyKey">Makes a repeated request give the first answer again; null for none.</param>
    /// <param name="cancellationToken">Ends the wait; the service may have done it all the same.</param>
    /// <exception cref="ServiceException">The service refused, or does not answer.</exception>
    public async Task<TAnswer> SendAsync<TAnswer>(HttpMethod method, string path, JsonTypeInfo<TAnswer> answerType, string? idempotencyKey = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(method, path);
        if (idempotencyKey is not null) request.Headers.Add(Headers.IdempotencyKey, idempotencyKey);
        return Read((await AnswerAsync(request, null, cancellationToken)).Body, answerType);
    }

    /// <summary>Sends a request whose answer has no content.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">One of <see cref="Paths"/>.</param>
    /// <param name="cancellationToken">Ends the wait; the service may have done it all the same.</param>
    /// <exception cref="ServiceException">The service refused, or does not answer.</exception>
    public async Task SendAsync(HttpMethod method, string path, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(method, path);
        await AnswerAsync(request, null, cancellationToken);
    }

    /// <summary>Sends a document; the answer has no content.</summary>
    /// <param name="path">One of <see cref="Paths"/>.</param>
    /// <param name="body">The document.</param>
    /// <param name="bodyType">Its JSON type.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ServiceException">The service refused, or does not answer.</exception>
    public async Task PostAsync<TBody>(string path, TBody body, JsonTypeInfo<TBody> bodyType, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(JsonSerializer.Serialize(body, bodyType), Encoding.UTF8, "application/json") };
        await AnswerAsync(request, null, cancellationToken);
    }

    /// <summary>Follows a feed of server-sent events until the service or the caller ends it (WHATWG HTML, "Server-sent events"; every event is one line of data).</summary>
    /// <param name="path">One of <see cref="Paths"/>.</param>
    /// <param name="type">The JSON type of an event's data.</param>
    /// <param name="after">The id of the event after which to begin; null for now.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ServiceException">The service refused, or does not answer any more.</exception>
    public async IAsyncEnumerable<T> FollowAsync<T>(string path, JsonTypeInfo<T> type, string? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (Token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        if (after is not null) request.Headers.TryAddWithoutValidation("Last-Event-ID", after);
        using var answer = await TalkAsync(() => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken));
        if (!answer.IsSuccessStatusCode) throw new ServiceException(ProblemOf(answer, await TalkAsync(() => answer.Content.ReadAsByteArrayAsync(cancellationToken))));
        using var reader = new StreamReader(await TalkAsync(() => answer.Content.ReadAsStreamAsync(cancellationToken)));
        while (await TalkAsync(async () => await reader.ReadLineAsync(cancellationToken)) is { } line)
        {
            const string data = "data:";
            if (line.StartsWith(data, StringComparison.Ordinal)) yield return Read(Encoding.UTF8.GetBytes(line[data.Length..].Trim()), type);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<T> TalkAsync<T>(Func<Task<T>> talk)
    {
        try
        {
            return await talk();
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException)
        {
            throw new ServiceException($"the service at {_http.BaseAddress} does not answer: {problem.Message}", problem);
        }
    }

    private async Task<(HttpStatusCode Status, byte[] Body, string? Name)> AnswerAsync(HttpRequestMessage request, TimeSpan? wait, CancellationToken cancellationToken)
    {
        if (Token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerPatience + (wait ?? TimeSpan.Zero));
        try
        {
            using var answer = await _http.SendAsync(request, limit.Token);
            var body = await answer.Content.ReadAsByteArrayAsync(limit.Token);
            if (answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.NotModified) 
                return (answer.StatusCode, body, answer.Content.Headers.ContentDisposition?.FileName?.Trim('"'));
            throw new ServiceException(ProblemOf(answer, body));
        }
        catch (HttpRequestException problem)
        {
            throw new ServiceException($"the service at {_http.BaseAddress} does not answer: {problem.Message}", problem);
        }
        catch (Exception problem) when (problem is IOException || (problem is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ServiceException($"the service at {_http.BaseAddress} does not answer in time", problem);
        }
    }

    private static ProblemDocument ProblemOf(HttpResponseMessage answer, byte[] body)
    {
        try
        {
            if (answer.Content.Headers.ContentType?.MediaType == ProblemDocument.MediaType && JsonSerializer.Deserialize(body, CloudJson.Default.ProblemDocument) is { } problem) return problem;
        }
        catch (JsonException)
        {
            // Something between us and the service answered in its place.
        }

        return new ProblemDocument("about:blank", $"the service answered {(int)answer.StatusCode} {answer.ReasonPhrase}", (int)answer.StatusCode, null, null, []);
    }

    private static T Read<T>(byte[] body, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw new ServiceException("the service's answer is empty");
        }
        catch (JsonException problem)
        {
            // Without the cause: its words quote the body, which may hold keys.
            throw new ServiceException($"the service's answer cannot be read: {problem.Path}", null);
        }
    }
}
