using System.Reflection;

namespace Tunnelwright.Precompile;

/// <summary>Reads one line of the list from left to right. A name that several assemblies
/// define for themselves (&lt;PrivateImplementationDetails&gt; and the inline arrays that belong to it) means the home assembly's type. Throws <see cref="FormatException"/> where it does not understand, or a type is not there.</summary>
internal sealed class SignatureReader(Universe universe, string line, Assembly home)
{
    private static readonly Dictionary<string, string> Primitives = new(StringComparer.Ordinal)
    {
        ["bool"] = "Boolean", ["char"] = "Char", ["byte"] = "SByte", ["ubyte"] = "Byte", ["short"] = "Int16", ["ushort"] = "UInt16", ["int"] = "Int32",
        ["uint"] = "UInt32", ["long"] = "Int64", ["ulong"] = "UInt64", ["nint"] = "IntPtr", ["nuint"] = "UIntPtr", ["float"] = "Single", ["double"] = "Double",
    };

    private int _at;

    /// <summary>The assemblies that define a type of the name the line begins with.</summary>
    public static IEnumerable<Assembly> Homes(Universe universe, string line) =>
        line.AsSpan().IndexOfAny("[:") is > 0 and var end ? universe.Find(line[..end]).Select(type => type.Assembly) : [];

    /// <summary>The type the method belongs to, up to the colon.</summary>
    public Type ReadType()
    {
        var candidates = universe.Find(ReadUntil("[:")).Where(type => type.Assembly == home).ToList();
        var arguments = line[_at] == '[' ? ReadArguments() : [];
        Skip(':');
        return candidates is [var type] ? Instantiate(type, arguments) : throw new FormatException(line);
    }

    /// <summary>The method's name, its type arguments and the number of its parameters, up to the end.</summary>
    public (string Name, List<Type> Arguments, int Parameters) ReadMethod()
    {
        var name = ReadUntil("[(");
        var arguments = line[_at] == '[' ? ReadArguments() : [];
        Skip('(');
        var (depth, commas, start) = (0, 0, _at);
        for (; line[_at] != ')' || depth > 0; _at++)
        {
            depth += line[_at] switch { '[' or '(' => 1, ']' or ')' => -1, _ => 0 };
            commas += line[_at] == ',' && depth == 0 ? 1 : 0;
            if (_at == line.Length - 1)
            {
                throw new FormatException(line);
            }
        }

        return (name, arguments, _at == start ? 0 : commas + 1);
    }

    private List<Type> ReadArguments()
    {
        var arguments = new List<Type>();
        do
        {
            _at++;
            arguments.Add(ReadArgument());
        }
        while (line[_at] == ',');
        Skip(']');
        return arguments;
    }

    private Type ReadArgument()
    {
        var name = ReadUntil("[],");
        var type = universe.Find(Primitives.TryGetValue(name, out var primitive) ? "System." + primitive : name) switch
        {
            [var only] => only,
            var several => several.FirstOrDefault(type => type.Assembly == home) ?? throw new FormatException(line),
        };
        if (line[_at] == '[' && line[_at + 1] != ']')
        {
            type = Instantiate(type, ReadArguments());
        }

        while (line[_at] == '[')
        {
            _at++;
            Skip(']');
            type = type.MakeArrayType();
        }

        return type;
    }

    private static Type Instantiate(Type type, List<Type> arguments) => arguments.Count == 0 ? type : type.MakeGenericType([.. arguments]);

    private string ReadUntil(string ends)
    {
        var length = line.AsSpan(_at).IndexOfAny(ends);
        if (length <= 0)
        {
            throw new FormatException(line);
        }

        _at += length;
        return line[(_at - length).._at];
    }

    private void Skip(char expected)
    {
        if (_at >= line.Length - 1 || line[_at] != expected)
        {
            throw new FormatException(line);
        }

        _at++;
    }
}
