using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>Makes pages: the frame, and the component in it.</summary>
internal sealed class PageFrames(Database database, IAntiforgery antiforgery)
{
    /// <summary>The frame of a page.</summary>
    /// <param name="context">The request.</param>
    /// <param name="title">The page's title.</param>
    /// <param name="customer">The customer's id; null for none.</param>
    /// <exception cref="ProblemException">There is no such customer.</exception>
    public async Task<Frame> MakeAsync(HttpContext context, string title, string? customer = null)
    {
        var about = customer is null ? null : await database.ReadAsync(store => CustomerStore.GetAsync(store, customer), context.RequestAborted);
        return Make(context, title, about?.ToCustomer());
    }

    /// <summary>The same without the database.</summary>
    public Frame Make(HttpContext context, string title, Customer? customer = null)
    {
        context.Response.Headers.Remove("Cache-Control");
        var tokens = antiforgery.GetAndStoreTokens(context);
        context.Response.Headers.CacheControl = "no-store";
        var session = context.Features.Get<Caller>() is { IsNode: false } caller ? SessionEndpoints.Describe(caller) : null;
        return new Frame(title, context.Request.Path, session, customer, tokens.FormFieldName, tokens.RequestToken!);
    }

    /// <summary>A page.</summary>
    public static RazorComponentResult<T> Page<T>(Frame frame, int status = 200, params (string Name, object? Value)[] parameters)
        where T : IComponent
    {
        var all = new Dictionary<string, object?>(StringComparer.Ordinal) { ["Frame"] = frame };
        foreach (var (name, value) in parameters) all[name] = value;
        return new RazorComponentResult<T>(all) { StatusCode = status };
    }

    /// <summary>The version that a form was made from goes where the handlers look for it.</summary>
    public static async Task MeantForAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (long.TryParse(form["version"].ToString(), out var version)) context.Request.Headers.IfMatch = $"\"{version}\"";
    }

    /// <summary>What one of the API's own handlers answers.</summary>
    public static async Task<T> ReadAsync<T>(Task<IResult> answer, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(((Answer)await answer).Json!, type)!;
}
