using System.Globalization;
using System.Reflection;

namespace Tunnelwright.Cloud;

/// <summary>Reads the options: environment variables first, then --name value. Options that the command line names win.</summary>
internal static class Arguments
{
    private const string Prefix = "TUNNELWRIGHT_CLOUD_";

    /// <summary>The options.</summary>
    /// <exception cref="CallException">An option is unknown or has a value that cannot be; the message says which.</exception>
    public static CloudOptions Read(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var options = new CloudOptions();
        foreach (var property in typeof(CloudOptions).GetProperties())
        {
            if (environment.TryGetValue(Prefix + Snake(property.Name).ToUpperInvariant(), out var value)) Set(options, property, Prefix + Snake(property.Name).ToUpperInvariant(), value);
        }

        for (var i = 0; i < arguments.Count; i++)
        {
            var property = typeof(CloudOptions).GetProperties().FirstOrDefault(property => arguments[i] == "--" + Snake(property.Name).Replace('_', '-'))
                ?? throw new CallException($"there is no option '{arguments[i]}'");
            if (property.PropertyType == typeof(bool) && (i + 1 == arguments.Count || arguments[i + 1].StartsWith("--", StringComparison.Ordinal))) Set(options, property, arguments[i], "true");
            else if (i + 1 == arguments.Count) throw new CallException($"{arguments[i]} needs a value");
            else Set(options, property, arguments[i], arguments[++i]);
        }

        return options.Problems().ToArray() is { Length: > 0 } problems ? throw new CallException(string.Join("; ", problems)) : options;
    }

    private static void Set(CloudOptions options, PropertyInfo property, string name, string value)
    {
        try
        {
            property.SetValue(options, Convert.ChangeType(value, property.PropertyType, CultureInfo.InvariantCulture));
        }
        catch (Exception problem) when (problem is FormatException or OverflowException or InvalidCastException)
        {
            throw new CallException($"{name} cannot be '{value}'", problem);
        }
    }

    private static string Snake(string name) => string.Concat(name.Select((c, i) => char.IsUpper(c) && i > 0 ? "_" + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString()));
}

/// <summary>The program was called wrongly. The message says how.</summary>
internal sealed class CallException(string message, Exception? inner = null) : Exception(message, inner);
