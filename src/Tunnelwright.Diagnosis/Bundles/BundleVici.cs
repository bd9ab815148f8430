using System.Text;
using Tunnelwright.Vici;

namespace Tunnelwright.Diagnosis;

/// <summary>What every charon of this host says of itself through VICI: connections, SAs, policies, counters. VICI never gives keys away.</summary>
internal static class BundleVici
{
    private static readonly (string Command, string? Event)[] Questions =
    [
        ("version", null), ("stats", null), ("list-conns", "list-conn"), ("list-sas", "list-sa"), ("list-policies", "list-policy"), ("get-counters", null), ("get-shared", null), ("get-algorithms", null),
    ];

    /// <summary>One source for each daemon; one that says so when there is none.</summary>
    public static IEnumerable<BundleSource> All()
    {
        foreach (var socket in BundleCommands.Sockets("charon", "vici").Append(ViciClient.DefaultSocketPath))
            yield return new BundleSource($"vici/{(socket == ViciClient.DefaultSocketPath ? "host" : BundleCommands.Folder(socket))}.txt", socket, cancellationToken => ReadAsync(socket, cancellationToken));
    }

    private static async Task<BundleText> ReadAsync(string socket, CancellationToken cancellationToken)
    {
        if (!File.Exists(socket)) throw new FileNotFoundException("there is no socket: no charon");
        var text = new StringBuilder();
        string? problem = null;
        await using var client = new ViciClient(socket);
        foreach (var (command, stream) in Questions)
        {
            text.Append("# ").AppendLine(command);
            try
            {
                if (stream is null) text.AppendLine((await client.RequestAsync(command, null, cancellationToken)).ToString());
                else await foreach (var section in client.StreamAsync(command, stream, null, cancellationToken)) text.AppendLine(section.ToString());
            }
            catch (ViciException refusal) when (refusal is not ViciConnectionException)
            {
                problem = $"{command}: {refusal.Message}";
            }
        }

        return new BundleText(text.ToString(), problem);
    }
}
