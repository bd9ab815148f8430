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

            operation.Responses ??= [];
            operation.Responses.TryAdd("default", new OpenApiResponse { Description = "A problem (RFC 9457)", Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { [ProblemDocument.MediaType] = new() } });
            return Task.CompletedTask;
        });
    }
}
