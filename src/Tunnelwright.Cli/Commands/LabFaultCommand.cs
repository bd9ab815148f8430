using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tunnelwright.Lab;
using Tunnelwright.Lab.Faults;

namespace Tunnelwright.Cli.Commands;

/// <summary>lab fault: makes things go wrong in a lab, and right again.</summary>
internal static class LabFaultCommand
{
    /// <summary>The command.</summary>
    /// <param name="name">The option that names the lab.</param>
    /// <param name="open">Opens the lab that the call names; it refuses without root.</param>
    public static Command Create(Option<string> name, Func<ParseResult, LabInstance> open) => new("fault", "Make something go wrong in a lab, and heal it.")
    {
        CreateList(),
        CreateInject(name, open),
        CreateHeal(name, open),
    };

    private static Command CreateList()
    {
        var json = Options.Json();
        var command = new Command("list", "Print the faults there are.") { json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(new FaultsDocument(LabFaults.All), FaultsContext.Default.FaultsDocument));
                return ExitCodes.Done;
            }

            Console.Out.WriteLine($"{"FAULT",-31} {"--tunnel",-14} {"CAUSE",-26} WHAT IT BREAKS");
            foreach (var fault in LabFaults.All) Console.Out.WriteLine($"{fault.Name,-31} {Tunnels(fault),-14} {fault.Cause,-26} {fault.Breaks}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateInject(Option<string> name, Func<ParseResult, LabInstance> open)
    {
        var fault = new Argument<string>("fault") { Description = "the fault; lab fault list prints them" };
        var tunnel = new Option<int?>("--tunnel") { Description = "the tunnel to hit, 1 or 2; without it what lab fault list says" };
        var command = new Command("inject", "Inject a fault; several may be there at once.") { name, fault, tunnel };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var chosen = parsed.GetRequiredValue(fault);
            var lab = open(parsed);
            try
            {
                var tunnels = await LabFaults.InjectAsync(lab, chosen, parsed.GetValue(tunnel), cancellationToken);
                Console.Error.WriteLine($"{chosen} is injected into lab {lab.Name}{(tunnels.Count == 0 ? "" : $", tunnel {string.Join(" and ", tunnels)}")}");
                return ExitCodes.Done;
            }
            catch (FaultRefusedException problem)
            {
                throw new CliException(ExitCodes.WrongCall, problem.Message, LabFaults.All.Any(known => known.Name == chosen) ? null : Suggestion(chosen));
            }
        });
        return command;
    }

    private static Command CreateHeal(Option<string> name, Func<ParseResult, LabInstance> open)
    {
        var command = new Command("heal", "Undo every fault of the lab.") { name };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var lab = open(parsed);
            var healed = await LabFaults.HealAsync(lab, cancellationToken);
            Console.Error.WriteLine(healed.Count == 0 ? $"lab {lab.Name} has no fault" : $"healed: {string.Join(", ", healed)}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static string Tunnels(FaultDescription fault) => fault switch
    {
        { TakesTunnel: false } => "no",
        { DefaultTunnels.Count: 2 } => "1, 2 or both",
        _ => $"1 or 2 ({fault.DefaultTunnels[0].ToString(CultureInfo.InvariantCulture)})",
    };

    private static string Suggestion(string chosen)
    {
        var near = LabFaults.All.Where(known => known.Name.Contains(chosen, StringComparison.OrdinalIgnoreCase)).Select(known => known.Name).ToList();
        return near.Count == 0 ? "tunnelwright lab fault list prints the faults" : $"faults of a similar name: {string.Join(", ", near)}";
    }
}

internal sealed record FaultsDocument(IReadOnlyList<FaultDescription> Faults);

[JsonSerializable(typeof(FaultsDocument))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
internal sealed partial class FaultsContext : JsonSerializerContext;
