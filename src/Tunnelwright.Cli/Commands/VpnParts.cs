using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tunnelwright.Cli.Provider;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Linux;

namespace Tunnelwright.Cli.Commands;

/// <summary>What the vpn commands have in common.</summary>
internal static class VpnParts
{
    private const int MostItems = 200;

    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    /// <summary>A command that prints a whole list, page by page: a line an item, or one JSON document with the list under a name.</summary>
    public static Command List<T>(VpnService.Choice choice, string description, string jsonName, Func<VpnService, string> path, JsonTypeInfo<Page<T>> pages, JsonTypeInfo<T> type, Func<T, string> line, string name = "list")
    {
        var json = Options.Json();
        var command = new Command(name, description) { json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await choice.OpenAnyAsync(parsed, cancellationToken);
            await PrintAsync(service, path(service), jsonName, pages, type, line, parsed.GetValue(json), int.MaxValue, cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>A command that takes one thing away.</summary>
    public static Command Remove(VpnService.Choice choice, string description, string what, Func<VpnService, string, string> path, string name = "remove")
    {
        var id = Id(what);
        var command = new Command(name, description) { id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await choice.OpenAnyAsync(parsed, cancellationToken);
            await service.Client.SendAsync(HttpMethod.Delete, path(service, parsed.GetRequiredValue(id)), cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Prints a list, page by page.</summary>
    public static async Task PrintAsync<T>(VpnService service, string path, string jsonName, JsonTypeInfo<Page<T>> pages, JsonTypeInfo<T> type, Func<T, string> line, bool json, int most, CancellationToken cancellationToken)
    {
        var items = new List<T>();
        string? cursor = null;
        do
        {
            var query = string.Create(CultureInfo.InvariantCulture, $"?limit={Math.Min(MostItems, most - items.Count)}{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
            var page = await service.Client.GetAsync(path + query, pages, cancellationToken: cancellationToken);
            items.AddRange(page!.Items);
            cursor = page.Next;
        }
        while (cursor is not null && items.Count < most);
        if (!json)
        {
            foreach (var item in items) Console.Out.WriteLine(line(item));
            return;
        }

        using var text = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(text, Indented))
        {
            writer.WriteStartObject();
            writer.WriteStartArray(jsonName);
            foreach (var item in items) JsonSerializer.Serialize(writer, item, type);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        Console.Out.WriteLine(System.Text.Encoding.UTF8.GetString(text.ToArray()));
    }

    /// <summary>Prints one thing.</summary>
    public static void Print<T>(T item, JsonTypeInfo<T> type, string line, bool json) =>
        Console.Out.WriteLine(json ? JsonSerializer.Serialize(item, (JsonTypeInfo<T>)Pretty.GetTypeInfo(type.Type)) : line);

    /// <summary>The id of something that the service knows.</summary>
    public static Argument<string> Id(string what)
    {
        var id = new Argument<string>("id") { Description = what };
        id.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => token.Value.Length is 0 or > 64 || token.Value[0] == '-' || !token.Value.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')) is { } wrong) result.AddError($"'{wrong.Value}' is not an id.");
        });
        return id;
    }

    /// <summary>Where a secret that is shown once goes.</summary>
    public static Option<string> SecretFile() => new("--out") { Description = "where to put the secret, which is given out once (mode 0600); -: standard output", HelpName = "FILE", Required = true };

    /// <summary>Keeps a secret.</summary>
    public static void KeepSecret(string target, string secret, string what)
    {
        if (target == "-")
        {
            Console.Out.WriteLine(secret);
            return;
        }

        AtomicFile.Write(target, secret + "\n");
        Console.Error.WriteLine($"{target}: {what}; mode 0600");
    }

    /// <summary>The first line of a file, or of standard input: passwords stand in no process list.</summary>
    public static async Task<string> ReadSecretAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            var text = file == "-" ? await Console.In.ReadLineAsync(cancellationToken) ?? "" : await File.ReadAllTextAsync(file, cancellationToken);
            return text.TrimEnd('\r', '\n');
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.WrongCall, $"{file}: {problem.Message}");
        }
    }

    /// <summary>A key that makes a repeated request the same one.</summary>
    public static string NewKey() => Guid.NewGuid().ToString("N");

    private static readonly JsonSerializerOptions Pretty = new(CloudJson.Default.Options) { WriteIndented = true };
}
