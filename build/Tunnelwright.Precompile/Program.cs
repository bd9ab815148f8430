using System.Reflection;

namespace Tunnelwright.Precompile;

/// <summary>
/// Writes a method profile (.mibc) for crossgen2. Run while publishing, after trimming and before the compilation:
/// <c>Tunnelwright.Precompile OUTPUT METHODS ASSEMBLIES</c>, where METHODS is the checked-in list of methods and ASSEMBLIES a file that
/// names one assembly a line, all that are compiled together. Every method in the profile is compiled ahead; what the compiler finds
/// without it is not affected. A method that does not exist (any more) is left out and counted, never an error.
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        if (args.Length != 3)
        {
            Console.Error.WriteLine("usage: Tunnelwright.Precompile OUTPUT METHODS ASSEMBLIES");
            return 2;
        }

        var paths = File.ReadAllLines(args[2]).Where(line => line.Length > 0).ToList();
        using var context = new MetadataLoadContext(new PathAssemblyResolver(paths), "System.Private.CoreLib");
        var universe = new Universe(context, paths);

        var machines = StateMachines.FindMethods(universe).ToList();
        var (listed, unknown) = MethodList.Resolve(universe, File.ReadAllLines(args[1]));
        var written = ProfileWriter.Write(args[0], machines.Concat(listed));
        Console.WriteLine($"{written} methods to compile ahead ({machines.Count} of state machines, {listed.Count} from the list); {unknown} lines of the list name nothing here.");
        return 0;
    }
}
