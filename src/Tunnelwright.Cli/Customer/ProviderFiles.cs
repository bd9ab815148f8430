using Tunnelwright.Formats;
using Tunnelwright.Model;

namespace Tunnelwright.Cli.Customer;

/// <summary>Reads a provider's file from the disc and judges it by a profile.</summary>
internal static class ProviderFiles
{
    /// <summary>The largest file that is read, in bytes: far above any real one.</summary>
    private const long MaximumLength = 16 * 1024 * 1024;

    /// <summary>The file's bytes; "-" is standard input.</summary>
    /// <exception cref="CliException">The file cannot be read.</exception>
    public static byte[] ReadBytes(string path)
    {
        try
        {
            // A pipe or a device does not tell its length: it is read up to the limit.
            using var input = path == "-" ? Console.OpenStandardInput() : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            using var memory = new MemoryStream();
            var buffer = new byte[65536];
            int count;
            while ((count = input.Read(buffer)) > 0)
            {
                if (memory.Length + count > MaximumLength)
                    throw new CliException(ExitCodes.WrongCall, $"{path} is larger than {MaximumLength / (1024 * 1024)} MiB, too large for a provider's file");
                memory.Write(buffer, 0, count);
            }

            return memory.ToArray();
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException(ExitCodes.WrongCall, $"{path} does not exist");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CliException(ExitCodes.WrongCall, Directory.Exists(path) ? $"{path} is a folder, not a provider's file" : $"{path} cannot be read: {problem.Message}");
        }
    }

    /// <summary>Reads a file; all problems of the text and of the connection together.</summary>
    /// <exception cref="CliException">The file cannot be read or is not a VPN configuration.</exception>
    public static ReadResult Read(string path, RequirementProfile profile) => Read(path, ReadBytes(path), profile);

    private static ReadResult Read(string path, byte[] content, RequirementProfile profile)
    {
        var read = ProviderFile.Read(content);
        if (read.Format is null)
            throw new CliException(ExitCodes.WrongCall, $"{path} is not a VPN configuration", "give the file that the provider handed out: generic text, XML, describe-vpn-connections JSON or the strongSwan text");
        return read.Connection is null ? read : read with { Problems = read.With(ConnectionRules.Check(read.Connection, profile)) };
    }

    /// <summary>A connection that can be brought up, and the bytes that it was read from.</summary>
    /// <exception cref="CliException">It cannot; every error of the file has been printed to standard error.</exception>
    public static (VpnConnection Connection, byte[] Content) ReadUsable(string path, RequirementProfile profile)
    {
        var content = ReadBytes(path);
        var read = Read(path, content, profile);
        var errors = read.Problems.Where(problem => problem.Severity == Severity.Error).ToList();
        foreach (var problem in errors) Console.Error.WriteLine(ProblemText.Line(path, problem));
        var warnings = read.Problems.Count - errors.Count;
        if (warnings > 0) Console.Error.WriteLine($"{Words.OneLine(path)}: {Words.Count(warnings, "warning")}; tunnelwright check tells them");
        if (read.Connection is null || errors.Count > 0)
            throw new CliException(ExitCodes.NotHealthy, $"{path} has {Words.Count(Math.Max(errors.Count, 1), "error")}; nothing was changed", $"tunnelwright check {path}");
        return (read.Connection, content);
    }
}

/// <summary>A problem as one line of text.</summary>
internal static class ProblemText
{
    public static string Line(string path, Problem problem) =>
        $"{(problem.Severity == Severity.Error ? "error" : "warning")}: {Words.OneLine(path)}{(problem.Line is { } line ? $":{line}" : "")}: {(problem.Tunnel is { } tunnel ? $"tunnel {tunnel}: " : "")}{problem.Message} [{problem.Cause}]";
}
