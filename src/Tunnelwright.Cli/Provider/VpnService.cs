using System.CommandLine;
using Tunnelwright.Cloud.Client;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cli.Provider;

/// <summary>The provider's service as the vpn commands use it: where it is, who asks, and for which customer.</summary>
internal sealed class VpnService : IDisposable
{
    private const string ServiceVariable = "TUNNELWRIGHT_CLOUD";
    private const string TokenVariable = "TUNNELWRIGHT_TOKEN_FILE";

    private readonly string? _customer;

    private VpnService(ServiceClient client, string? customer) => (Client, _customer) = (client, customer);

    /// <summary>The client, signed in.</summary>
    public ServiceClient Client { get; }

    /// <summary>The customer's id.</summary>
    public string Customer => _customer!;

    /// <summary>The customer's id; null when a provider's token is used and no customer was given.</summary>
    public string? CustomerOrProvider => _customer;

    /// <summary>The options of every vpn command.</summary>
    internal sealed class Choice
    {
        private readonly Option<string?> _service = new("--cloud") { Description = $"the service's address; default: {ServiceVariable}", HelpName = "URL", Recursive = true };
        private readonly Option<string?> _token = new("--token") { Description = $"the file with the API token; default: {TokenVariable}", HelpName = "FILE", Recursive = true };
        private readonly Option<string?> _customer = new("--customer") { Description = "the customer's id; default: the token's customer", HelpName = "ID", Recursive = true };

        public void AddTo(Command command)
        {
            command.Add(_service);
            command.Add(_token);
            command.Add(_customer);
        }

        /// <summary>Signs in, for commands about one customer. A customer's token says whose it is.</summary>
        public async Task<VpnService> OpenAsync(ParseResult parsed, CancellationToken cancellationToken)
        {
            var service = await OpenAnyAsync(parsed, cancellationToken);
            if (service.CustomerOrProvider is not null) return service;
            service.Dispose();
            throw new CliException(ExitCodes.WrongCall, "the token is the provider's own: whose connections are meant?", "give the customer's id with --customer; tunnelwright vpn customers list shows them");
        }

        /// <summary>Signs in, for commands that are about the provider's own too.</summary>
        public async Task<VpnService> OpenAnyAsync(ParseResult parsed, CancellationToken cancellationToken)
        {
            var address = parsed.GetValue(_service) ?? Environment.GetEnvironmentVariable(ServiceVariable) ?? throw new CliException(ExitCodes.WrongCall, "which service? no address was given", $"give it with --cloud, or set {ServiceVariable}");
            var file = parsed.GetValue(_token) ?? Environment.GetEnvironmentVariable(TokenVariable) ?? throw new CliException(ExitCodes.WrongCall, "no API token was given", $"give its file with --token, or set {TokenVariable}");
            var client = new ServiceClient(Commands.NodeCommand.Service(address)) { Token = await ReadTokenAsync(file, cancellationToken) };
            try
            {
                var customer = parsed.GetValue(_customer) ?? (await client.GetAsync(Paths.Session, CloudJson.Default.Session, cancellationToken: cancellationToken))?.CustomerId;
                if (customer is not null && (customer.Length is 0 or > 64 || !customer.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))) throw new CliException(ExitCodes.WrongCall, $"--customer: '{customer}' is not a customer's id");
                return new VpnService(client, customer);
            }
            catch
            {
                client.Dispose();
                throw;
            }
        }

        private static async Task<string> ReadTokenAsync(string file, CancellationToken cancellationToken)
        {
            try
            {
                var token = (await File.ReadAllTextAsync(file, cancellationToken)).Trim();
                return token.Length is > 0 and < 1000 && token.All(c => c is > ' ' and < (char)127) ? token : throw new CliException(ExitCodes.WrongCall, $"{file}: this is not an API token");
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                throw new CliException(ExitCodes.WrongCall, $"{file}: {problem.Message}");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Client.Dispose();
}
