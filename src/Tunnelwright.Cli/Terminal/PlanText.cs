using System.Text.Json;
using Tunnelwright.Gateway;

namespace Tunnelwright.Cli;

/// <summary>What plan prints.</summary>
internal static class PlanText
{
    public static int Write(PlanDocument plan, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(plan, GatewayJson.Default.PlanDocument));
        }
        else
        {
            var colours = new Colours(Console.Out);
            foreach (var change in plan.Changes)
            {
                var sign = change.Kind switch { "add" => colours.Green("+"), "remove" => colours.Red("-"), _ => colours.Yellow("~") };
                Console.Out.WriteLine($"{sign} {change.Subject}: {change.Detail}");
            }

            if (plan.Changes.Count == 0 && plan.Problems.Count == 0) Console.Out.WriteLine("nothing to change");
            foreach (var problem in plan.Problems) Console.Error.WriteLine($"error: {problem.Message}\nhint: {problem.Hint}");
        }

        return plan.Problems.Count > 0 ? ExitCodes.MachineCannot : ExitCodes.Done;
    }
}
