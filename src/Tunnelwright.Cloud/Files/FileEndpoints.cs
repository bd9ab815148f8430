using Tunnelwright.Cloud.Contract;
using Tunnelwright.Model;

namespace Tunnelwright.Cloud;

/// <summary>Devices, and the file of a connection. Every download is in the audit log before the file leaves.</summary>
internal static class FileEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Paths.Devices, () => Answer.Of(new DeviceList(ConnectionFiles.All), CloudJson.Default.DeviceList))
            .For(Audience.SignedIn).Produces<DeviceList>().WithTags("connections").WithSummary("Devices that files are written for");
        app.MapGet("/v1/customers/{customer}/connections/{connection}/file", DownloadAsync)
            .For(Audience.Customer, Role.Operator).Produces(200, contentType: "text/plain").WithTags("connections").WithSummary("The configuration file for a device, with the keys");
    }

    internal static async Task<IResult> DownloadAsync(HttpContext context, Database database, KeyRing keys, RequirementProfile profile, CloudOptions options, string customer, string connection, string? device)
    {
        var (content, mediaType, name) = await database.WriteAsync(
            async store =>
            {
                var row = await ConnectionStore.GetAsync(store, customer, connection);
                if (!ConnectionStore.IsFileReady(Words.Read<ConnectionState>(row.State))) throw ProblemException.Conflict("not-ready", $"The file is not ready: the connection is {row.State}.");
                var target = device ?? row.Device;
                var tunnels = await ConnectionStore.TunnelsAsync(store, options.Silent(), connection);
                var file = ConnectionFiles.Write(ConnectionModel.ForFile(row, await CustomerStore.GetAsync(store, customer), tunnels, keys, profile), target);
                await JournalWriter.AuditAsync(store, Caller.Of(context), "file.download", customer, connection, target);
                return file;
            },
            context.RequestAborted);
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        return Results.Bytes(content, mediaType);
    }
}
