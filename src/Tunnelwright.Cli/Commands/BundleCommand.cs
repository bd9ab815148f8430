using System.CommandLine;
using System.Text.Json;
using Tunnelwright.Cli.Customer;
using Tunnelwright.Diagnosis;
using Tunnelwright.Linux;

namespace Tunnelwright.Cli.Commands;

/// <summary>bundle: the evidence of this machine in one archive, without secrets.</summary>
internal static class BundleCommand
{
    public static Command Create()
    {
        var path = new Option<string?>("--out") { Description = "the archive to write; an existing file is never overwritten", HelpName = "FILE" };
        var json = Options.Json();
        var command = new Command("bundle", "Collect the evidence of this machine into one archive without secrets, for tunnelwright diagnose or for somebody who helps.") { path, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(path), parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string? path, bool json, CancellationToken cancellationToken)
    {
        path ??= BundleCollector.DefaultName(Environment.MachineName, TimeProvider.System.GetUtcNow());
        FileStream file;
        try
        {
            file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, UnixCreateMode = AtomicFile.OwnerOnly });
        }
        catch (IOException) when (Path.Exists(path))
        {
            throw new CliException(ExitCodes.WrongCall, $"{path} exists already", "choose another name with --out");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CliException(ExitCodes.WrongCall, $"{path} cannot be written: {problem.Message}");
        }

        BundleManifest manifest;
        try
        {
            await using (file) manifest = await BundleCollector.OfThisMachine(Program(), Connections()).WriteAsync(file, RootCheck.IsRoot, cancellationToken);
        }
        catch
        {
            File.Delete(path);
            throw;
        }

        Tell(path, manifest, json);
        return ExitCodes.Done;
    }

    private static void Tell(string path, BundleManifest manifest, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(manifest, BundleJson.Default.BundleManifest));
            return;
        }

        var missing = manifest.Items.Where(item => item.Member is null).ToList();
        Console.Out.WriteLine($"{path}: {manifest.Items.Count - missing.Count} items, {new FileInfo(path).Length} bytes, {manifest.SecretsRemoved} secrets removed");
        if (missing.Count > 0) Console.Out.WriteLine($"{missing.Count} could not be had; manifest.json says why");
        if (!manifest.IsRoot) Console.Out.WriteLine("not collected as root: logs, keys' owners, SAs and filters are missing; run it with sudo");
    }

    /// <summary>This program, unless it runs inside of another one.</summary>
    private static string? Program() => Environment.ProcessPath is { } path && Path.GetFileName(path) == "tunnelwright" ? path : null;

    private static string[] Connections()
    {
        try
        {
            return [.. ConnectionsFolder.Read(_ => { }).Select(stored => stored.File)];
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
