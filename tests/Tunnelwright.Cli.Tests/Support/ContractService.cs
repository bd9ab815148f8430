using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cli.Tests;

/// <summary>A request that the program made.</summary>
internal sealed record Asked(string Method, string Path, string Body, string? Token, string? Key, string? IfMatch);

/// <summary>An answer.</summary>
internal sealed record Given(int Status, string Body = "", string Type = "application/json", string? FileName = null);

/// <summary>The other end of the contract for the client's tests: HTTP on loopback, answers by what is asked, everything asked is kept.</summary>
internal sealed class ContractService : IDisposable
{
    public const string Token = "twt_NobodyMayReadThisToken";
    public const string Customer = "c0123456789";

    private readonly HttpListener _listener;
    private readonly Dictionary<string, Func<Asked, Given>> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Asked> _asked = new();

    public ContractService(string? customer = Customer)
    {
        (_listener, Address) = Listen();
        TokenFile = Path.GetTempFileName();
        File.WriteAllText(TokenFile, Token + "\n");
        On("GET", Paths.Session, Json(new Session("test", Role.Administrator, customer, Token: true), CloudJson.Default.Session));
        _ = Task.Run(ServeAsync);
    }

    /// <summary>Somebody else may take a port that was free a moment ago: then another one is tried.</summary>
    private static (HttpListener Listener, string Address) Listen()
    {
        for (var attempt = 0; ; attempt++)
        {
            var address = $"http://127.0.0.1:{FreePort()}";
            var listener = new HttpListener { Prefixes = { address + "/" } };
            try
            {
                listener.Start();
                return (listener, address);
            }
            catch (HttpListenerException) when (attempt < 10)
            {
                listener.Close();
            }
        }
    }

    public string Address { get; }

    public string TokenFile { get; }

    /// <summary>What was asked, but who is signed in.</summary>
    public IReadOnlyList<Asked> Requests => [.. _asked.Where(asked => asked.Path != Paths.Session)];

    public static Given Json<T>(T value, JsonTypeInfo<T> type, int status = 200) => new(status, JsonSerializer.Serialize(value, type));

    public static Given Refusal(int status, params RequestProblem[] problems) => new(
        status,
        JsonSerializer.Serialize(new ProblemDocument("urn:tunnelwright:problem:test", "The request is refused.", status, problems.Length > 0 ? null : "It is refused.", null, problems), CloudJson.Default.ProblemDocument),
        ProblemDocument.MediaType);

    /// <summary>Answers a method and a path; the query does not count.</summary>
    public ContractService On(string method, string path, Given answer) => On(method, path, _ => answer);

    public ContractService On(string method, string path, Func<Asked, Given> answer)
    {
        _answers[$"{method} {path}"] = answer;
        return this;
    }

    /// <summary>Runs "tunnelwright vpn …" against it. The token is never to be seen.</summary>
    public Run Vpn(params string[] arguments) => VpnAsync(arguments).GetAwaiter().GetResult();

    public async Task<Run> VpnAsync(string[] arguments, string? input = null)
    {
        var run = await Tool.ExecuteAsync(["vpn", .. arguments, "--cloud", Address, "--token", TokenFile], input is null ? null : Encoding.UTF8.GetBytes(input));
        Assert.DoesNotContain(Token, run.Output + run.Errors, StringComparison.Ordinal);
        Tool.AssertNoTrace(run);
        return run;
    }

    public void Dispose()
    {
        _listener.Close();
        File.Delete(TokenFile);
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                await AnswerAsync(await _listener.GetContextAsync());
            }
            catch (Exception problem) when (problem is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // The test has ended, or the program went away.
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var reader = new StreamReader(context.Request.InputStream);
        var authorization = context.Request.Headers["Authorization"];
        var asked = new Asked(context.Request.HttpMethod, context.Request.RawUrl!, await reader.ReadToEndAsync(), authorization, context.Request.Headers[Headers.IdempotencyKey], context.Request.Headers["If-Match"]);
        _asked.Enqueue(asked);
        var answer = authorization != $"Bearer {Token}" ? Refusal(401)
            : _answers.TryGetValue($"{asked.Method} {asked.Path.Split('?')[0]}", out var known) ? known(asked) : Refusal(404);
        context.Response.StatusCode = answer.Status;
        if (answer.FileName is { } name) context.Response.AddHeader("Content-Disposition", $"attachment; filename=\"{name}\"");
        if (answer.Body.Length > 0)
        {
            context.Response.ContentType = answer.Type;
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer.Body));
        }

        context.Response.Close();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
