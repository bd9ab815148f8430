using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dapper;
using Npgsql;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>
/// Makes POST repeatable: the answer is kept, encrypted, in the transaction that did the work, under the caller's key for a day. Whoever repeats the
/// request gets it again; at the same time he waits for the first.
/// </summary>
internal sealed class Idempotency(Database database, KeyRing keys)
{
    private const int LongestKey = 64;

    /// <summary>Does the work in a transaction, or gives the answer of an earlier request with the same key.</summary>
    public async Task<Answer> RunAsync<T>(HttpContext context, T? body, JsonTypeInfo<T> type, Func<NpgsqlConnection, Task<Answer>> work)
    {
        if (context.Request.Headers[Headers.IdempotencyKey] is not [{ } key]) return await database.WriteAsync(work, context.RequestAborted);
        if (key.Length is 0 or > LongestKey || !key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            throw ProblemException.NotValid("idempotency-key", null, $"{Headers.IdempotencyKey} has 1 to {LongestKey} letters, digits, '-' and '_'.");
        var scope = Caller.Of(context).Id;
        var text = body is null ? "" : JsonSerializer.Serialize(body, type);
        var hash = keys.Fingerprint($"{context.Request.Method} {context.Request.Path} {context.Request.QueryString}\n{text}");
        var place = $"idempotency/{scope}/{key}";
        return await database.WriteAsync(
            async connection =>
            {
                var first = await connection.ExecuteAsync("insert into idempotency (scope, key, request_hash) values (@scope, @key, @hash) on conflict do nothing", new { scope, key, hash });
                if (first == 0)
                {
                    var kept = await connection.QuerySingleAsync<Kept>("select request_hash, response from idempotency where scope = @scope and key = @key", new { scope, key });
                    if (!kept.RequestHash.AsSpan().SequenceEqual(hash)) throw ProblemException.NotValid("idempotency-key", null, $"This {Headers.IdempotencyKey} was used for another request.");
                    return Read(keys.Open(kept.Response, place));
                }

                var answer = await work(connection);
                await connection.ExecuteAsync("update idempotency set response = @response where scope = @scope and key = @key", new { scope, key, response = keys.Seal(Write(answer), place) });
                return answer;
            },
            context.RequestAborted);
    }

    private static string Write(Answer answer) => $"{answer.Status}\n{answer.ETag}\n{answer.Location}\n{answer.Json}";

    private static Answer Read(string kept)
    {
        var parts = kept.Split('\n', 4);
        return new Answer(int.Parse(parts[0]), Null(parts[3]), Null(parts[1]), Null(parts[2]));
    }

    private static string? Null(string text) => text.Length == 0 ? null : text;

    private sealed class Kept
    {
        public required byte[] RequestHash { get; init; }

        public required byte[] Response { get; init; }
    }
}
