using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tunnelwright.Cli.Customer;
using Tunnelwright.Formats;
using Tunnelwright.Model;

namespace Tunnelwright.Cli.Commands;

/// <summary>check: read a provider's file, say what it means and what is wrong with it.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var files = Options.Files("the provider's file; - reads standard input");
        var profile = Options.Profile();
        var json = Options.Json();
        var secrets = new Option<bool>("--show-secrets") { Description = "print the pre-shared keys" };
        var command = new Command("check", "Read a provider's file, say what it means and what is wrong with it.") { files, profile, json, secrets };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(files), Options.LoadProfile(parsed.GetRequiredValue(profile)), parsed.GetValue(json), parsed.GetValue(secrets)));
        return command;
    }

    private static int Run(string[] paths, RequirementProfile profile, bool json, bool showSecrets)
    {
        if (paths.Length > 1) return RunMany(paths, profile, json);
        var read = ProviderFiles.Read(paths[0], profile);
        if (json) Write(Console.OpenStandardOutput(), Document(read));
        else ConnectionText.Write(Console.Out, paths[0], read, showSecrets);
        return read.HasErrors ? ExitCodes.NotHealthy : ExitCodes.Done;
    }

    /// <summary>Many files in one call: a line a file, or with --json one array of documents with the file's name.</summary>
    private static int RunMany(string[] paths, RequirementProfile profile, bool json)
    {
        var worst = ExitCodes.Done;
        var results = new (ReadResult? Read, CliException? Problem)[paths.Length];
        Parallel.For(0, paths.Length, i =>
        {
            try
            {
                results[i] = (ProviderFiles.Read(paths[i], profile), null);
            }
            catch (CliException problem)
            {
                results[i] = (null, problem);
            }
        });
        using var output = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 65536);
        if (json) output.Write('[');
        for (var i = 0; i < paths.Length; i++)
        {
            var (read, problem) = results[i];
            worst = Math.Max(worst, problem?.ExitCode ?? (read!.HasErrors ? ExitCodes.NotHealthy : ExitCodes.Done));
            if (json)
            {
                var document = problem is null
                    ? Document(read!) with { File = paths[i] }
                    : new CheckDocument(null, null, [new ProblemDocument("error", Causes.ConfigSyntax, null, problem.Message, null)]) { File = paths[i] };
                if (i > 0) output.Write(',');
                output.Write(JsonSerializer.Serialize(document, Context.CheckDocument));
            }
            else
            {
                output.WriteLine(problem is not null ? $"error: {Words.OneLine(problem.Message)}" : Summary(paths[i], read!));
            }
        }

        if (json) output.WriteLine(']');
        return worst;
    }

    private static string Summary(string path, ReadResult read)
    {
        var errors = read.Problems.Count(problem => problem.Severity == Severity.Error);
        var warnings = read.Problems.Count - errors;
        var verdict = errors > 0 ? $"{Words.Count(errors, "error")}, {Words.Count(warnings, "warning")}" : warnings > 0 ? Words.Count(warnings, "warning") : "good";
        return $"{Words.OneLine(path)}: {read.Connection?.Id ?? "no connection"} ({read.Format}), {Words.Count(read.Connection?.Tunnels.Count ?? 0, "tunnel")}: {verdict}";
    }

    private static CheckDocument Document(ReadResult read) => new(
        read.Format,
        read.Connection is null ? null : ConnectionDocument.From(read.Connection),
        [.. read.Problems.Select(problem => new ProblemDocument(problem.Severity == Severity.Error ? "error" : "warning", problem.Cause, problem.Tunnel, problem.Message, problem.Line))]);

    private static void Write(Stream output, CheckDocument document)
    {
        JsonSerializer.Serialize(output, document, Context.CheckDocument);
        output.WriteByte((byte)'\n');
    }

    private static readonly CheckContext Context = new(new JsonSerializerOptions(CheckContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

internal sealed record CheckDocument(string? Format, ConnectionDocument? Connection, IReadOnlyList<ProblemDocument> Problems)
{
    /// <summary>The file's name, when several files are checked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? File { get; init; }
}

internal sealed record ProblemDocument(string Severity, string Cause, int? Tunnel, string Message, int? Line);

[JsonSerializable(typeof(CheckDocument))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
internal sealed partial class CheckContext : JsonSerializerContext;
