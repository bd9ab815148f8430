using System.Reflection;

namespace Tunnelwright.Precompile;

/// <summary>Reflection as this tool needs it.</summary>
internal static class Lookup
{
    public const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;

    /// <summary>Methods and constructors (the static one too) that the type itself declares and that have code.</summary>
    public static IEnumerable<MethodBase> DeclaredMethods(Type type) =>
        type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared)).Where(method => !method.IsAbstract);

    /// <summary>The form of a type by which the runtime names shared generic code: reference types and free type parameters become __Canon.</summary>
    public static Type Share(this Universe universe, Type type) => type switch
    {
        { IsGenericParameter: true } => universe.Canon,
        { IsValueType: false } => universe.Canon,
        { IsGenericType: true } => type.GetGenericTypeDefinition().MakeGenericType([.. type.GetGenericArguments().Select(universe.Share)]),
        _ => type,
    };
}
