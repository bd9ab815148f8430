using Dapper;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Linux;

namespace Tunnelwright.Cloud;

/// <summary>A new service has nobody who could sign in: it puts an administrator's token into a file that only its owner can read.</summary>
internal static class FirstAdministrator
{
    /// <summary>The file's name in the state folder.</summary>
    public const string File = "administrator-token";

    private const string Name = "first administrator";

    public static async Task EnsureAsync(Database database, string stateFolder, CancellationToken cancellationToken)
    {
        var path = Path.Combine(stateFolder, File);
        var issued = await database.WriteAsync(
            async connection =>
            {
                await connection.ExecuteAsync("select pg_advisory_xact_lock(hashtext('first administrator'))");
                if (await connection.ExecuteScalarAsync<bool>("select exists (select 1 from tokens where customer_id is null and role = 'administrator') or exists (select 1 from users where customer_id is null and role = 'administrator')"))
                    return null;
                var token = await TokenEndpoints.IssueAsync(connection, null, Name, Role.Administrator, null);

                // In the transaction: a token that nobody was told must not be there.
                await AtomicFile.WriteAsync(path, token.Secret + "\n", cancellationToken: cancellationToken);
                await JournalWriter.AuditAsync(connection, Caller.Service, "token.issue", null, token.Token.Id, $"{Name}, administrator");
                return token;
            },
            cancellationToken);
        if (issued is not null) Console.Error.WriteLine($"the first administrator's API token is in {path}");
    }
}
