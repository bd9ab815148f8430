using System.Reflection;

namespace Tunnelwright.Precompile;

/// <summary>
/// The methods by which the runtime keeps and resumes an asynchronous method of ours: those of AsyncStateMachineBox, once for every state
/// machine. The compiler finds them by itself only for methods whose result is a value type.
/// </summary>
internal static class StateMachines
{
    private const string Builders = "System.Runtime.CompilerServices";

    public static IEnumerable<MethodBase> FindMethods(Universe universe)
    {
        var box = universe.Core(Builders + ".AsyncTaskMethodBuilder`1+AsyncStateMachineBox`1");
        var nothing = universe.Core("System.Threading.Tasks.VoidTaskResult");
        foreach (var type in universe.Own.SelectMany(Universe.DefinedTypes))
        {
            if (type.GetField("<>t__builder", Lookup.Declared)?.FieldType is not { } builder
                || builder.Namespace != Builders || type.GetGenericArguments().Any(IsValueOnly))
            {
                continue;
            }

            var result = builder.IsConstructedGenericType ? universe.Share(builder.GenericTypeArguments[0]) : nothing;
            foreach (var method in Lookup.DeclaredMethods(box.MakeGenericType(result, universe.Share(type))))
            {
                if (method.Name != "get_DebuggerDisplay")
                {
                    yield return method;
                }
            }
        }
    }

    /// <summary>A type parameter that shared code cannot stand for.</summary>
    private static bool IsValueOnly(Type parameter) => (parameter.GenericParameterAttributes & GenericParameterAttributes.NotNullableValueTypeConstraint) != GenericParameterAttributes.None;
}
