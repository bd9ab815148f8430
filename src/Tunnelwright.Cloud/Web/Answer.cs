using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>An answer with JSON, which can be kept and given again.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Json">The body; null for none.</param>
/// <param name="ETag">The resource's version; null for none.</param>
/// <param name="Location">Where the resource is; null for none.</param>
internal sealed record Answer(int Status, string? Json, string? ETag = null, string? Location = null) : IResult
{
    public static Answer Of<T>(T value, JsonTypeInfo<T> type, int status = 200, long? version = null, string? location = null) =>
        new(status, JsonSerializer.Serialize(value, type), version is { } number ? $"\"{number}\"" : null, location);

    public static Answer Nothing { get; } = new(204, null);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        if (ETag is not null) response.Headers.ETag = ETag;
        if (Location is not null) response.Headers.Location = Location;
        if (Json is null) return;
        response.ContentType = "application/json";
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes(Json), httpContext.RequestAborted);
    }
}

/// <summary>The version that a change is meant for.</summary>
internal static class Preconditions
{
    /// <summary>Ends the request when it names another version than the resource has (RFC 9110 section 13.1.1).</summary>
    public static void Check(HttpContext context, long version)
    {
        var wanted = context.Request.Headers.IfMatch;
        if (wanted.Count == 0 || wanted.Any(value => value == "*")) return;
        if (!wanted.SelectMany(value => (value ?? "").Split(',')).Any(tag => tag.Trim() == $"\"{version}\"")) throw ProblemException.Stale();
    }
}

/// <summary>A part of a list: what the query asks for.</summary>
internal sealed record PageQuery(int Limit, string? After)
{
    private const int Most = 200;

    /// <summary>Reads "limit" and "cursor".</summary>
    public static PageQuery Of(int? limit, string? cursor)
    {
        if (limit is < 1 or > Most) throw ProblemException.NotValid("limit", "limit", $"The limit is 1 to {Most}.");
        if (cursor is null) return new PageQuery(limit ?? 50, null);
        try
        {
            var after = Encoding.UTF8.GetString(Convert.FromBase64String(cursor.Replace('-', '+').Replace('_', '/').PadRight((cursor.Length + 3) / 4 * 4, '=')));
            return after.Any(char.IsControl) ? throw Foreign() : new PageQuery(limit ?? 50, after);
        }
        catch (FormatException)
        {
            throw Foreign();
        }
    }

    /// <summary>The cursor is of another list, or of nobody.</summary>
    public static ProblemException Foreign() => ProblemException.NotValid("cursor", "cursor", "The cursor is none that this list gave.");

    /// <summary>A cursor that means a number.</summary>
    public long Number(long otherwise) => After is null ? otherwise
        : long.TryParse(After, out var number) ? number
        : throw Foreign();

    /// <summary>The page of rows that were asked for with one row more than the limit.</summary>
    public Page<T> Cut<T>(IReadOnlyList<T> items, Func<T, string> key) =>
        items.Count <= Limit ? new Page<T>(items, null) : new Page<T>([.. items.Take(Limit)], Cursor(key(items[Limit - 1])));

    private static string Cursor(string after) => Convert.ToBase64String(Encoding.UTF8.GetBytes(after)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
