using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>What the API's description says beside what the code says.</summary>
internal static class ApiDescription
{
    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Tunnelwright",
                Version = "v1",
                Description = $"Site-to-site VPN connections, self-service. Errors are application/problem+json with every problem of a request. POST takes {Headers.IdempotencyKey}; resources carry an ETag, and changes take it as If-Match.",
            };
            document.Servers = [];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
            document.Components.SecuritySchemes["token"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API token, or a node's credential." };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var rule = context.Description.ActionDescriptor.EndpointMetadata.OfType<AccessRule>().LastOrDefault();
            if (rule is not null and not { Audience: Audience.Anyone })
            {
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", context.Document)] = [] }];
                operation.Description = $"For: {Words.Write(rule.Audience)}, role {Words.Write(rule.Minimum)}.";
            }

            operation.OperationId = IdOf(context.Description);
            AddHeaders(operation, context.Description);
            operation.Responses ??= [];
            operation.Responses.TryAdd(
                "default",
                new OpenApiResponse
                {
                    Description = "A problem (RFC 9457)",
                    Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { [ProblemDocument.MediaType] = new() { Schema = new OpenApiSchemaReference(nameof(ProblemDocument), context.Document) } },
                });
            return Task.CompletedTask;
        });
    }

    /// <summary>Such as get-customers-connections: the method and the path's fixed parts, "one" for a single item.</summary>
    private static string IdOf(Microsoft.AspNetCore.Mvc.ApiExplorer.ApiDescription description)
    {
        var parts = (description.RelativePath ?? "").TrimEnd('/').Split('/');
        var words = parts.Where(part => part.Length > 0 && part[0] != '{' && part != "v1");
        return string.Join('-', words.Prepend(description.HttpMethod!.ToLowerInvariant()).Concat(parts[^1].StartsWith('{') ? ["one"] : Array.Empty<string>()));
    }

    private static void AddHeaders(OpenApiOperation operation, Microsoft.AspNetCore.Mvc.ApiExplorer.ApiDescription description)
    {
        var path = description.RelativePath ?? "";
        var repeatable = description.HttpMethod == "POST" && !path.StartsWith("node/", StringComparison.Ordinal) && !path.EndsWith("/check", StringComparison.Ordinal) && path != Paths.Session[1..];
        var versioned = description.HttpMethod is "PATCH" or "DELETE" && (path.Contains("connection", StringComparison.Ordinal) || path.Contains("{user}", StringComparison.Ordinal) || path.TrimEnd('/').EndsWith("{customer}", StringComparison.Ordinal))
            || path.EndsWith("/rotate-keys", StringComparison.Ordinal) || path.EndsWith("/replace-endpoint", StringComparison.Ordinal);
        operation.Parameters ??= [];
        if (repeatable) operation.Parameters.Add(Header(Headers.IdempotencyKey, "The same key with the same body gives the first answer again."));
        if (versioned) operation.Parameters.Add(Header("If-Match", "The ETag that the change is meant for; 412 when there is a newer one."));
    }

    private static OpenApiParameter Header(string name, string description) => new() { Name = name, In = ParameterLocation.Header, Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
}
