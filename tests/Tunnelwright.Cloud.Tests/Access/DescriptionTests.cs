using System.Text.Json;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

public sealed class DescriptionTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Every_operation_is_described_with_an_id_its_caller_its_headers_and_its_problems()
    {
        await using var service = await TestService.StartAsync(cluster);
        using var nobody = service.ClientOf(null);
        using var document = JsonDocument.Parse(await nobody.Http.GetStringAsync(Paths.OpenApi));
        var ids = new List<string>();
        foreach (var path in document.RootElement.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                var about = $"{operation.Name} {path.Name}";
                ids.Add(operation.Value.GetProperty("operationId").GetString()!);
                Assert.False(string.IsNullOrEmpty(operation.Value.GetProperty("summary").GetString()), about);
                var responses = operation.Value.GetProperty("responses");
                Assert.True(responses.EnumerateObject().Any(response => response.Name[0] == '2'), about);
                Assert.Contains("ProblemDocument", responses.GetProperty("default").ToString());
                var open = path.Name.StartsWith("/health") || path.Name == "/node/v1/register" || (path.Name == "/v1/session" && operation.Name == "post");
                Assert.True(open != operation.Value.TryGetProperty("security", out _), about);
            }
        }

        Assert.Equal(ids.Count, ids.Distinct().Count());
        var create = document.RootElement.GetProperty("paths").GetProperty("/v1/customers/{customer}/connections").GetProperty("post");
        Assert.Contains(create.GetProperty("parameters").EnumerateArray(), parameter => parameter.GetProperty("name").GetString() == Headers.IdempotencyKey);
        var change = document.RootElement.GetProperty("paths").GetProperty("/v1/customers/{customer}/connections/{connection}").GetProperty("patch");
        Assert.Contains(change.GetProperty("parameters").EnumerateArray(), parameter => parameter.GetProperty("name").GetString() == "If-Match");
        Assert.Equal("integer", document.RootElement.GetProperty("components").GetProperty("schemas").GetProperty("IkeParameters").GetProperty("properties").GetProperty("dhGroup").GetProperty("type").GetString());
    }
}
