using Tunnelwright.Cloud.Contract;
using Tunnelwright.Cloud.Pages;

namespace Tunnelwright.Cloud;

/// <summary>Gateway nodes, for the provider's own.</summary>
internal static class NodePages
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("/nodes", ShowAsync).For(Audience.Provider);
        pages.MapPost("/nodes/{node}/drain", (HttpContext context, Database database, CloudOptions options, string node) => DrainAsync(context, database, options, node, true)).For(Audience.Provider, Role.Administrator);
        pages.MapPost("/nodes/{node}/undrain", (HttpContext context, Database database, CloudOptions options, string node) => DrainAsync(context, database, options, node, false)).For(Audience.Provider, Role.Administrator);
    }

    private static async Task<IResult> ShowAsync(HttpContext context, Database database, CloudOptions options, PageFrames frames, string? cursor)
    {
        var page = await PageFrames.ReadAsync(NodeEndpoints.ListAsync(context, database, options, null, cursor), CloudJson.Default.PageNode);
        return PageFrames.Page<NodesPage>(frames.Make(context, "Nodes"), 200, ("Page", page));
    }

    private static async Task<IResult> DrainAsync(HttpContext context, Database database, CloudOptions options, string node, bool draining)
    {
        await NodeEndpoints.ChangeAsync(context, database, options, node, new NodeChange(draining));
        return Results.Redirect(ConsolePaths.Nodes);
    }
}
