using System.Reflection;

namespace Tunnelwright.Precompile;

/// <summary>
/// The checked-in list: a line is a method as the just-in-time compiler writes it (DOTNET_JitDisasmSummary), "Type`1[arguments]:Method[arguments](parameters)".
/// Of the parameters only their number counts: overloads of the same number are all taken. Empty lines and lines that begin with # are skipped.
/// </summary>
internal static class MethodList
{
    public static (List<MethodBase> Methods, int Unknown) Resolve(Universe universe, IEnumerable<string> lines)
    {
        var methods = new List<MethodBase>();
        var unknown = 0;
        foreach (var line in lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            var found = SignatureReader.Homes(universe, line).SelectMany(home => ResolveLine(universe, line, home)).ToList();
            methods.AddRange(found);
            unknown += found.Count == 0 ? 1 : 0;
        }

        return (methods, unknown);
    }

    private static List<MethodBase> ResolveLine(Universe universe, string line, Assembly home)
    {
        try
        {
            var reader = new SignatureReader(universe, line, home);
            var type = reader.ReadType();
            var (name, arguments, parameters) = reader.ReadMethod();
            return [.. Lookup.DeclaredMethods(type)
                .Where(method => method.Name == name && method.GetParameters().Length == parameters)
                .Where(method => (method.IsGenericMethodDefinition ? method.GetGenericArguments().Length : 0) == arguments.Count)
                .Select(method => arguments.Count == 0 ? method : ((MethodInfo)method).MakeGenericMethod([.. arguments]))];
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or InvalidOperationException or TypeLoadException or FileNotFoundException)
        {
            return [];
        }
    }
}
