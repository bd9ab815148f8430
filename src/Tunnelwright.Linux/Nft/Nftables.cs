namespace Tunnelwright.Linux;

/// <summary>
/// The packet filter of one network namespace through <c>nft</c>. A ruleset is applied as one transaction: all of it or nothing.
/// Every refusal is a <see cref="NftablesException"/> with nft's words.
/// </summary>
/// <param name="networkNamespace">The namespace to work in.</param>
public sealed class Nftables(NetworkNamespace networkNamespace)
{
    private static readonly string[] Families = ["ip", "ip6", "inet", "arp", "bridge", "netdev"];

    /// <summary>The namespace it works in.</summary>
    public NetworkNamespace Namespace { get; } = networkNamespace;

    /// <summary>Applies a ruleset in nft's own language (nft(8)) as one transaction.</summary>
    /// <exception cref="NftablesException">Nothing was changed.</exception>
    public Task ApplyAsync(string ruleset, CancellationToken cancellationToken = default)
        => RunAsync("apply a ruleset", ["-f", "-"], ruleset, cancellationToken);

    /// <summary>Has a ruleset checked by nft and the kernel, without applying it.</summary>
    /// <returns>Null when it would be accepted; otherwise why not.</returns>
    public async Task<NftablesException?> CheckAsync(string ruleset, CancellationToken cancellationToken = default)
    {
        try
        {
            await RunAsync("check a ruleset", ["-c", "-f", "-"], ruleset, cancellationToken);
            return null;
        }
        catch (NftablesException exception)
        {
            return exception;
        }
    }

    /// <summary>Whether a table exists.</summary>
    public async Task<bool> TableExistsAsync(string family, string name, CancellationToken cancellationToken = default)
    {
        CheckTable(family, name);
        var tables = await ListTablesAsync(cancellationToken);
        return tables.Contains((family, name));
    }

    /// <summary>The family and name of every table.</summary>
    public async Task<IReadOnlyList<(string Family, string Name)>> ListTablesAsync(CancellationToken cancellationToken = default)
        => NftJson.ReadTableNames(await RunAsync("list tables", ["--json", "list", "tables"], null, cancellationToken));

    /// <summary>Takes a table away with all that is in it. An absent one is fine, and so is a family that this kernel does not have.</summary>
    public async Task DeleteTableAsync(string family, string name, CancellationToken cancellationToken = default)
    {
        CheckTable(family, name);
        // Declaring it first makes the deletion succeed in any case; both are one transaction.
        var result = await TryAsync(["-f", "-"], $"table {family} {name}\ndelete table {family} {name}\n", cancellationToken);
        if (result.Succeeded) return;
        var refusal = NftablesException.Read($"delete table {family} {name}", result.Error, result.ExitCode);
        if (refusal.ErrorNumber != KernelErrors.NotSupported) throw refusal;
    }

    /// <summary>Reads a table: its chains with their rules and counters, its sets with their elements, its named counters.</summary>
    /// <returns>Null when there is no such table.</returns>
    /// <exception cref="UnreadableOutputException">nft printed what is not its JSON.</exception>
    public async Task<NftTable?> ListTableAsync(string family, string name, CancellationToken cancellationToken = default)
    {
        CheckTable(family, name);
        var result = await TryAsync(["--json", "list", "table", family, name], null, cancellationToken);
        if (result.Succeeded) return NftJson.ReadTable(result.Output, family, name);
        var refusal = NftablesException.Read($"list table {family} {name}", result.Error, result.ExitCode);
        return refusal.ErrorNumber == KernelErrors.NoEntry ? null : throw refusal;
    }

    private static void CheckTable(string family, string name)
    {
        if (!Families.Contains(family))
            throw new ArgumentException($"'{family}' is not a family of tables.", nameof(family));
        if (name.Length == 0 || !char.IsAsciiLetter(name[0])
            || name.Any(character => !char.IsAsciiLetterOrDigit(character) && character is not ('_' or '-' or '.' or '/')))
            throw new ArgumentException($"'{name}' cannot name a table.", nameof(name));
    }

    private async Task<string> RunAsync(string operation, IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken)
    {
        var result = await TryAsync(arguments, input, cancellationToken);
        return result.Succeeded ? result.Output : throw NftablesException.Read(operation, result.Error, result.ExitCode);
    }

    private Task<CommandResult> TryAsync(IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken)
    {
        var options = CommandOptions.Default with
        {
            NetworkNamespace = Namespace.Name,
            StandardInput = input,
            ThrowOnFailure = false,
            Timeout = TimeSpan.FromSeconds(30),
        };
        return CommandRunner.Shared.RunAsync("nft", arguments, options, cancellationToken);
    }
}
