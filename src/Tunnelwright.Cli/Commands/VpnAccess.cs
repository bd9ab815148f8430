using System.CommandLine;
using System.Globalization;
using Tunnelwright.Cli.Provider;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cli.Commands;

/// <summary>Users and API tokens: of the customer, or with a provider's token and no --customer the provider's own.</summary>
internal static class VpnAccess
{
    public static Command CreateTokens(VpnService.Choice choice)
    {
        var name = new Argument<string>("name") { Description = "which program it is for" };
        var (role, target) = (RoleOption(), VpnParts.SecretFile());
        var days = new Option<double?>("--days") { Description = "how long it can be used; default: for ever" };
        var add = new Command("add", "Make an API token.") { name, role, days, target };
        add.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await choice.OpenAnyAsync(parsed, cancellationToken);
            var wanted = new NewApiToken(parsed.GetRequiredValue(name), RoleOf(parsed.GetValue(role)), parsed.GetValue(days) is { } left ? TimeProvider.System.GetUtcNow().AddDays(left) : null);
            var issued = await service.Client.SendAsync(HttpMethod.Post, Tokens(service), wanted, CloudJson.Default.NewApiToken, CloudJson.Default.IssuedToken, VpnParts.NewKey(), cancellationToken);
            VpnParts.KeepSecret(parsed.GetRequiredValue(target), issued.Secret, $"the token {issued.Token.Id}");
            return ExitCodes.Done;
        });
        return new Command("tokens", "API tokens.")
        {
            VpnParts.List(choice, "Print the tokens, without their texts.", "tokens", Tokens, CloudJson.Default.PageApiToken, CloudJson.Default.ApiToken, Line),
            add,
            VpnParts.Remove(choice, "End an API token at once.", "the token's id; tokens list shows them", (service, id) => $"{Tokens(service)}/{id}", "revoke"),
        };
    }

    public static Command CreateUsers(VpnService.Choice choice)
    {
        var email = new Argument<string>("email") { Description = "the e-mail address to sign in with" };
        var (role, password, json) = (RoleOption(), Password(required: true), Options.Json());
        var add = new Command("add", "Add a user of the console.") { email, role, password, json };
        add.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await choice.OpenAnyAsync(parsed, cancellationToken);
            var wanted = new NewUser(parsed.GetRequiredValue(email), await VpnParts.ReadSecretAsync(parsed.GetRequiredValue(password)!, cancellationToken), RoleOf(parsed.GetValue(role)));
            var user = await service.Client.SendAsync(HttpMethod.Post, Users(service), wanted, CloudJson.Default.NewUser, CloudJson.Default.User, VpnParts.NewKey(), cancellationToken);
            VpnParts.Print(user, CloudJson.Default.User, Line(user), parsed.GetValue(json));
            return ExitCodes.Done;
        });
        var id = VpnParts.Id("the user's id; users list shows them");
        var (newRole, newPassword, changeJson) = (new Option<string?>("--role") { Description = "viewer, operator or administrator" }, Password(required: false), Options.Json());
        newRole.AcceptOnlyFromAmong("viewer", "operator", "administrator");
        var update = new Command("update", "Give a user another role or a new password, which ends the user's sessions.") { id, newRole, newPassword, changeJson };
        update.SetAction(async (parsed, cancellationToken) =>
        {
            var change = new UserChange(
                parsed.GetValue(newPassword) is { } file ? await VpnParts.ReadSecretAsync(file, cancellationToken) : null,
                parsed.GetValue(newRole) is { } word ? RoleOf(word) : null);
            if (change == new UserChange()) throw new CliException(ExitCodes.WrongCall, "nothing was given to change", "tunnelwright vpn users update --help shows what can be changed");
            using var service = await choice.OpenAnyAsync(parsed, cancellationToken);
            var user = await service.Client.SendAsync(HttpMethod.Patch, $"{Users(service)}/{parsed.GetRequiredValue(id)}", change, CloudJson.Default.UserChange, CloudJson.Default.User, cancellationToken: cancellationToken);
            VpnParts.Print(user, CloudJson.Default.User, Line(user), parsed.GetValue(changeJson));
            return ExitCodes.Done;
        });
        var remove = VpnParts.Remove(choice, "Remove a user, whose sessions end.", "the user's id; users list shows them", (service, gone) => $"{Users(service)}/{gone}");
        return new Command("users", "Users of the console.") { VpnParts.List(choice, "Print the users.", "users", Users, CloudJson.Default.PageUser, CloudJson.Default.User, Line), add, update, remove };
    }

    private static Option<string> RoleOption()
    {
        var role = new Option<string>("--role") { Description = "viewer, operator or administrator", DefaultValueFactory = _ => "viewer" };
        role.AcceptOnlyFromAmong("viewer", "operator", "administrator");
        return role;
    }

    private static Option<string?> Password(bool required) => new("--password-file") { Description = "the file with the password; -: standard input", HelpName = "FILE", Required = required };

    private static Role RoleOf(string? word) => word switch { "administrator" => Role.Administrator, "operator" => Role.Operator, _ => Role.Viewer };

    private static string Tokens(VpnService service) => service.CustomerOrProvider is { } customer ? Paths.Tokens(customer) : Paths.ProviderTokens;

    private static string Users(VpnService service) => service.CustomerOrProvider is { } customer ? Paths.Users(customer) : Paths.ProviderUsers;

    private static string Line(ApiToken token) => string.Create(
        CultureInfo.InvariantCulture,
        $"{token.Id,-20} {VpnText.Word(token.Role),-14} made {token.CreatedAt:yyyy-MM-dd}, {(token.LastUsedAt is { } used ? $"last used {used:yyyy-MM-ddTHH:mmZ}" : "never used")}{(token.ExpiresAt is { } end ? $", ends {end:yyyy-MM-ddTHH:mmZ}" : "")}  {VpnText.Safe(token.Name)}");

    private static string Line(User user) => string.Create(CultureInfo.InvariantCulture, $"{user.Id,-20} {VpnText.Word(user.Role),-14} since {user.CreatedAt:yyyy-MM-dd}  {VpnText.Safe(user.Email)}");
}
