using System.CommandLine;
using Tunnelwright.Cli.Customer;
using Tunnelwright.Formats;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Cli.Commands;

/// <summary>convert: the same connection for another device.</summary>
internal static class ConvertCommand
{
    public static Command Create()
    {
        var file = new Argument<string?>("file") { Description = "the provider's file; - reads standard input", Arity = ArgumentArity.ZeroOrOne };
        var target = new Option<string?>("--to") { Description = "the target; --list prints them", HelpName = "TARGET" };
        var folder = new Option<string?>("--out") { Description = "write the files here instead of printing them", HelpName = "DIR" };
        var settings = new Option<string[]>("--set") { Description = "name=value: what the target needs beside the file", HelpName = "name=value" };
        var list = new Option<bool>("--list") { Description = "print the targets and their settings" };
        var secrets = new Option<bool>("--show-secrets") { Description = "print files that hold keys, too, when they are not written with --out" };
        var command = new Command("convert", "Write the same connection for another device.") { file, target, folder, settings, list, secrets };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(list)) return List();
            var path = parsed.GetValue(file) ?? throw new CliException(ExitCodes.WrongCall, "convert needs the provider's file", "tunnelwright convert FILE --to TARGET");
            var name = parsed.GetValue(target) ?? throw new CliException(ExitCodes.WrongCall, "convert needs --to TARGET", "tunnelwright convert --list prints the targets");
            return Run(path, name, parsed.GetValue(folder), parsed.GetValue(settings) ?? [], parsed.GetValue(secrets));
        });
        return command;
    }

    /// <summary>A table of the targets, then the settings, each with the targets that take it.</summary>
    private static int List()
    {
        var devices = DeviceFiles.All;
        var (target, vendor, platform, software) = (Width(device => device.Id), Width(device => device.Vendor), Width(device => device.Platform), Width(device => device.Software));
        Console.WriteLine($"{"TARGET".PadRight(target)}  {"VENDOR".PadRight(vendor)}  {"PLATFORM".PadRight(platform)}  {"SOFTWARE".PadRight(software)}  WHAT IS WRITTEN");
        foreach (var device in devices)
        {
            Console.WriteLine($"{device.Id.PadRight(target)}  {device.Vendor.PadRight(vendor)}  {device.Platform.PadRight(platform)}  {device.Software.PadRight(software)}  {device.Writer.Description}");
        }

        Console.WriteLine();
        Console.WriteLine("Settings, each with the targets that take it:");
        foreach (var group in devices.SelectMany(device => device.Writer.Settings.Select(setting => (Setting: setting, device.Id))).GroupBy(pair => pair.Setting, pair => pair.Id))
        {
            Console.WriteLine($"  --set {group.Key.Name}={group.Key.Example}   {group.Key.Description}");
            Console.WriteLine($"        {string.Join(", ", group)}");
        }

        return ExitCodes.Done;

        int Width(Func<DeviceFile, string> column) => devices.Max(device => column(device).Length);
    }

    private static int Run(string path, string target, string? folder, string[] assignments, bool showSecrets)
    {
        var writer = ConfigurationWriters.Find(target)
            ?? throw new CliException(ExitCodes.WrongCall, $"there is no target '{target}'", $"targets: {string.Join(", ", ConfigurationWriters.All.Select(known => known.Target))}");
        var read = ProviderFiles.Read(path, RequirementProfile.Default);
        foreach (var problem in read.Problems) Console.Error.WriteLine(ProblemText.Line(path, problem));
        if (read.Connection is null) throw new CliException(ExitCodes.NotHealthy, $"{path} holds no whole tunnel");
        IReadOnlyList<ConfigurationFile> files;
        try
        {
            files = writer.Write(read.Connection, WriterSettings.Parse(writer, assignments));
        }
        catch (WriterException problem)
        {
            throw new CliException(ExitCodes.WrongCall, problem.Message.TrimEnd('.'), problem.Hint);
        }

        if (folder is not null) return WriteFiles(folder, files);
        foreach (var file in files)
        {
            if (files.Count > 1) Console.Error.WriteLine($"--- {file.Name}");
            if (file.HoldsSecrets && !showSecrets)
                throw new CliException(ExitCodes.WrongCall, $"{file.Name} holds pre-shared keys and is not printed", "--out DIR writes it with mode 0600, --show-secrets prints it");
            Console.Write(file.Content);
        }

        return ExitCodes.Done;
    }

    private static int WriteFiles(string folder, IReadOnlyList<ConfigurationFile> files)
    {
        var path = folder;
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var file in files)
            {
                path = Path.Combine(folder, file.Name);
                AtomicFile.Write(path, file.Content, file.HoldsSecrets ? AtomicFile.OwnerOnly : AtomicFile.EveryoneReads);
                Console.Error.WriteLine($"wrote {path}{(file.HoldsSecrets ? " (holds keys, mode 0600)" : "")}");
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or KernelException or ArgumentException)
        {
            throw new CliException(ExitCodes.WrongCall, $"{path} cannot be written: {problem.Message.TrimEnd('.')}", "--out DIR names a folder that can be written to");
        }

        return ExitCodes.Done;
    }
}
