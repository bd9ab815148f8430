using System.Collections;
using Npgsql;

namespace Tunnelwright.Cloud;

/// <summary>The tunnelwright-cloud executable. The command line starts it as "tunnelwright cloud serve".</summary>
internal static class Program
{
    private const int WrongCall = 2;
    private const int MachineCannot = 3;

    private static async Task<int> Main(string[] arguments)
    {
        try
        {
            var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!, StringComparer.Ordinal);
            return arguments switch
            {
                ["serve", .. var rest] => await ServeAsync(Arguments.Read(rest, environment)),
                ["rotate-encryption-key", .. var rest] => await Reencryption.RunAsync(Arguments.Read(rest, environment)),
                _ => throw new CallException("the commands are serve and rotate-encryption-key"),
            };
        }
        catch (CallException problem)
        {
            return Report(WrongCall, problem.Message, "tunnelwright cloud serve --help shows the usage");
        }
        catch (StoreException problem)
        {
            return Report(MachineCannot, problem.Message, problem.Hint);
        }
        catch (NpgsqlException problem)
        {
            return Report(MachineCannot, $"the database: {problem.Message}", "is PostgreSQL there, and is --database right?");
        }
        catch (Exception problem)
        {
            return Report(MachineCannot, problem.Message, null);
        }
    }

    private static async Task<int> ServeAsync(CloudOptions options)
    {
        await using var app = await CloudHost.BuildAsync(options, CancellationToken.None);
        await app.StartAsync(CancellationToken.None);
        foreach (var url in app.Urls) Console.Error.WriteLine($"listening on {url}");
        await app.WaitForShutdownAsync(CancellationToken.None);
        if (app.Services.GetService<PrivateCluster>() is { } cluster)
        {
            await app.Services.GetRequiredService<Database>().DisposeAsync();
            await cluster.StopUnlessUsedAsync();
        }

        return 0;
    }

    private static int Report(int code, string message, string? hint)
    {
        Console.Error.WriteLine($"error: {OneLine(message)}");
        if (hint is not null) Console.Error.WriteLine($"hint: {OneLine(hint)}");
        return code;
    }

    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
