using System.Reflection;

namespace Tunnelwright.Precompile;

/// <summary>The assemblies that are compiled together, and their types by name.</summary>
internal sealed class Universe
{
    private readonly Dictionary<string, List<Type>> _types = new(StringComparer.Ordinal);

    public Universe(MetadataLoadContext context, IEnumerable<string> paths)
    {
        var assemblies = paths.Select(context.LoadFromAssemblyPath).ToList();
        Own = [.. assemblies.Where(assembly => assembly.GetName().Name!.StartsWith("tunnelwright", StringComparison.OrdinalIgnoreCase))];
        foreach (var type in assemblies.SelectMany(DefinedTypes))
        {
            if (!_types.TryGetValue(type.FullName!, out var sameName))
            {
                _types.Add(type.FullName!, sameName = []);
            }

            sameName.Add(type);
        }

        Canon = Core("System.__Canon");
    }

    /// <summary>Our own assemblies.</summary>
    public IReadOnlyList<Assembly> Own { get; }

    /// <summary>The type that stands for every reference type in shared generic code.</summary>
    public Type Canon { get; }

    /// <summary>The types of that full name ("Namespace.Outer+Inner`1"); several when each assembly has its own.</summary>
    public IReadOnlyList<Type> Find(string fullName) => _types.TryGetValue(fullName, out var found) ? found : [];

    /// <summary>The one type of that name, in the core library.</summary>
    public Type Core(string fullName) => Find(fullName).Single(type => type.Assembly.GetName().Name == "System.Private.CoreLib");

    /// <summary>All types an assembly defines, nested and internal ones too.</summary>
    public static IEnumerable<Type> DefinedTypes(Assembly assembly) => assembly.DefinedTypes.Select(type => type.AsType());
}
