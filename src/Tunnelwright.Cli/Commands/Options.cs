using System.CommandLine;
using Tunnelwright.Gateway;
using Tunnelwright.Model;

namespace Tunnelwright.Cli.Commands;

/// <summary>Options that several commands share.</summary>
internal static class Options
{
    /// <summary>One or more provider's files. What looks like an option is a mistyped one; a file of such a name is given as ./NAME.</summary>
    public static Argument<string[]> Files(string description)
    {
        var files = new Argument<string[]>("file") { Description = description, Arity = ArgumentArity.OneOrMore };
        files.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => token.Value.Length > 1 && token.Value[0] == '-') is { } unknown) result.AddError($"There is no option '{unknown.Value}'.");
        });
        return files;
    }

    public static Option<bool> Json() => new("--json") { Description = "print one JSON document on standard output" };

    public static Option<string> Profile() => new("--profile")
    {
        Description = $"the provider's requirements: {string.Join(", ", RequirementProfile.Names)}",
        DefaultValueFactory = _ => RequirementProfile.Names[0],
    };

    public static RequirementProfile LoadProfile(string name) => RequirementProfile.Names.Contains(name)
        ? RequirementProfile.Load(name)
        : throw new CliException(ExitCodes.WrongCall, $"there is no profile '{name}'", $"profiles: {string.Join(", ", RequirementProfile.Names)}");

    /// <summary>An option that may be given several times, each with one or more values separated by commas.</summary>
    public static Option<string[]> Ranges(string name, string description) => new(name) { Description = description, AllowMultipleArgumentsPerToken = true, HelpName = "CIDR" };

    public static Option<string[]> Addresses(string name, string description) => new(name) { Description = description, AllowMultipleArgumentsPerToken = true, HelpName = "ADDRESS" };

    public static ValueList<Ipv4Address> ParseAddresses(string option, string[]? values)
    {
        var addresses = new List<Ipv4Address>();
        foreach (var text in (values ?? []).SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
            addresses.Add(Ipv4Address.TryParse(text, out var address) ? address : throw new CliException(ExitCodes.WrongCall, $"{option}: '{text}' is not an IPv4 address"));
        return addresses.Distinct().Order().ToValueList();
    }

    public static ValueList<Cidr> ParseRanges(string option, string[]? values)
    {
        var ranges = new List<Cidr>();
        foreach (var text in (values ?? []).SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            if (!Cidr.TryParse(text, out var range)) throw new CliException(ExitCodes.WrongCall, $"{option}: '{text}' is not an IP range", "write it as 10.10.1.0/24, with no bits set behind the prefix");
            if (range.PrefixLength == 0) throw new CliException(ExitCodes.WrongCall, $"{option}: 0.0.0.0/0 is not a valid IP range for VPN routes");
            ranges.Add(range);
        }

        return ranges.Distinct().Order().ToValueList();
    }

    public static Option<string> DataPlane() => new("--data-plane") { Description = "kernel, userspace, or automatic: the kernel when it has ESP and XFRM interfaces", DefaultValueFactory = _ => "automatic" };

    public static DataPlane ParseDataPlane(string text) => text switch
    {
        "automatic" => Gateway.DataPlane.Automatic,
        "kernel" => Gateway.DataPlane.Kernel,
        "userspace" => Gateway.DataPlane.Userspace,
        _ => throw new CliException(ExitCodes.WrongCall, $"--data-plane: '{text}' is not a data plane", "choose automatic, kernel or userspace"),
    };
}
