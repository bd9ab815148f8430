using Tunnelwright.Cloud.Contract;
using Tunnelwright.Cloud.Pages;

namespace Tunnelwright.Cloud;

/// <summary>The audit log, of a customer or whole.</summary>
internal static class JournalPages
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("/audit", (HttpContext context, Database database, PageFrames frames, string? cursor) => ShowAsync(context, database, frames, null, cursor)).For(Audience.Provider);
        pages.MapGet("/customers/{customer}/audit", (HttpContext context, Database database, PageFrames frames, string customer, string? cursor) => ShowAsync(context, database, frames, customer, cursor)).For(Audience.Customer);
    }

    private static async Task<IResult> ShowAsync(HttpContext context, Database database, PageFrames frames, string? customer, string? cursor)
    {
        var page = await PageFrames.ReadAsync(JournalEndpoints.AuditAsync(context, database, customer, null, cursor), CloudJson.Default.PageAuditEntry);
        return PageFrames.Page<AuditPage>(await frames.MakeAsync(context, "Audit", customer), 200, ("Page", page));
    }
}
