using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Writes a connection as the configuration of one kind of device or program.</summary>
public interface IConfigurationWriter
{
    /// <summary>The target's name, such as swanctl.</summary>
    string Target { get; }

    /// <summary>One line about the target.</summary>
    string Description { get; }

    /// <summary>The settings that the target takes.</summary>
    IReadOnlyList<WriterSetting> Settings { get; }

    /// <summary>The configuration's files.</summary>
    /// <param name="connection">The connection; it need not pass the rules.</param>
    /// <param name="settings">What the provider's file does not say.</param>
    /// <exception cref="WriterException">Something that the target cannot do without is missing; the message says what, the hint how to give it.</exception>
    IReadOnlyList<ConfigurationFile> Write(VpnConnection connection, WriterSettings settings);
}

/// <summary>A file of a device's configuration.</summary>
/// <param name="Name">The file's name without a folder.</param>
/// <param name="Content">The text; lines end in a line feed.</param>
/// <param name="HoldsSecrets">Whether keys are in it, so that it is written with mode 0600.</param>
public sealed record ConfigurationFile(string Name, string Content, bool HoldsSecrets)
{
    /// <summary>Name and length only: the content may hold keys.</summary>
    public override string ToString() => $"{Name} ({Content.Length} characters)";
}

/// <summary>A configuration cannot be written, or a setting is wrong. Messages never hold a key.</summary>
public sealed class WriterException : Exception
{
    /// <summary>An error without a message.</summary>
    public WriterException()
    {
    }

    /// <summary>An error with a message.</summary>
    /// <param name="message">What is wrong.</param>
    public WriterException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message and what caused it.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">What caused it.</param>
    public WriterException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>An error with a hint.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="hint">What helps.</param>
    public WriterException(string message, string hint)
        : base(message) => Hint = hint;

    /// <summary>What helps; null when nothing is known to.</summary>
    public string? Hint { get; }
}
