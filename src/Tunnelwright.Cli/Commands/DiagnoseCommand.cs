using System.CommandLine;
using Tunnelwright.Diagnosis;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Cli.Commands;

/// <summary>diagnose: logs and configurations from anywhere, down to the root cause.</summary>
internal static class DiagnoseCommand
{
    private const int MaximumFiles = 10_000;

    public static Command Create()
    {
        var paths = new Argument<string[]>("path") { Description = "logs, device configurations, provider's files, folders of them; - reads standard input", Arity = ArgumentArity.OneOrMore };
        var profile = Options.Profile();
        var json = Options.Json();
        var command = new Command("diagnose", "Find the root cause in logs and configurations of any gateway, read from files.") { paths, profile, json };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(paths), Options.LoadProfile(parsed.GetRequiredValue(profile)), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string[] paths, RequirementProfile profile, bool json)
    {
        var diagnosis = new FileDiagnosis(profile);
        foreach (var (path, isChosen) in paths.SelectMany(Expand))
        {
            // What else lies in a folder, such as a FIFO that nobody writes into, is not waited for.
            if (!isChosen && !RegularFile.Is(path))
            {
                diagnosis.Skip(Printable(path), "no file that holds content (a FIFO, a socket, a device, a link to nothing)");
                continue;
            }

            try
            {
                diagnosis.Add(path, path == "-" ? Console.OpenStandardInput() : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0));
            }
            catch (Exception problem) when (!isChosen && problem is (IOException or UnauthorizedAccessException or InvalidDataException))
            {
                // What cannot be read in a folder keeps nobody from the rest.
                Console.Error.WriteLine($"warning: {Printable(path)} is not read: {Printable(problem.Message)}");
            }
            catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
            {
                throw new CliException(ExitCodes.WrongCall, $"{path} does not exist");
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or InvalidDataException)
            {
                throw new CliException(ExitCodes.WrongCall, $"{path} cannot be read: {problem.Message}");
            }
        }

        var report = diagnosis.Finish();
        if (json)
        {
            using var output = Console.OpenStandardOutput();
            DiagnosisJson.Write(output, report);
        }
        else
        {
            DiagnosisText.Write(Console.Out, report);
        }

        return report.Verdict == "healthy" ? ExitCodes.Done : ExitCodes.NotHealthy;
    }

    /// <summary>A folder stands for the files in it; of those not one was chosen by itself.</summary>
    private static IEnumerable<(string Path, bool IsChosen)> Expand(string path)
    {
        if (path == "-" || !Directory.Exists(path)) return [(path, true)];
        var files = Directory.EnumerateFiles(path, "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 8, IgnoreInaccessible = true }).Take(MaximumFiles).Order(StringComparer.Ordinal).ToList();
        return files.Count > 0 ? files.Select(file => (file, false)) : throw new CliException(ExitCodes.WrongCall, $"{path} is a folder without files");
    }

    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
