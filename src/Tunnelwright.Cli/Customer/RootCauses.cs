using Tunnelwright.Diagnosis;
using Tunnelwright.Doctor;
using Tunnelwright.Gateway;
using Tunnelwright.Model;

namespace Tunnelwright.Cli.Customer;

/// <summary>What the doctor is asked about this host: by a person, or by the agent when a tunnel went down.</summary>
internal static class RootCauses
{
    /// <summary>Below it a finding is a guess among several, no better than what the agent saw itself.</summary>
    private const double LeastCertainty = 0.6;

    /// <summary>Groups of the catalogue whose causes end a tunnel; the others only keep traffic out of it.</summary>
    private static readonly string[] EndsTunnels = ["ike", "ipsec", "stability", "host", "config", "data"];

    /// <summary>What the doctor finds that ends a connection's tunnels, most likely first.</summary>
    public static async Task<IReadOnlyList<RootCause>> FindAsync(string connection, CancellationToken cancellationToken)
    {
        var report = await GatewayDoctor.RunAsync(
            new DoctorRequest
            {
                Gateway = CustomerHost.GatewayName,
                Connections = StoredConnections(_ => { }),
                Only = connection,
                Profile = RequirementProfile.Default,
            },
            cancellationToken);
        return [.. report.Findings
            .Where(finding => finding.Certainty >= LeastCertainty && EndsTunnels.Contains(CauseCatalogue.Find(finding.Cause)?.Group ?? ""))
            .Select(finding => new RootCause(connection, finding.Tunnel, finding.Cause, finding.Title))];
    }

    /// <summary>The connections that are kept on this host, with what their files say; none for who may not read them.</summary>
    /// <param name="warn">Takes what could not be read, one line each.</param>
    public static List<DoctorConnection> StoredConnections(Action<string> warn)
    {
        var found = new List<DoctorConnection>();
        try
        {
            foreach (var stored in ConnectionsFolder.Read(warn))
            {
                DesiredConnection? desired = null;
                try
                {
                    desired = stored.Desire();
                }
                catch (CliException problem)
                {
                    warn(problem.Message);
                }

                found.Add(new DoctorConnection(stored.File, ProviderFiles.Read(stored.File, RequirementProfile.Default), desired));
            }
        }
        catch (UnauthorizedAccessException)
        {
            // Not root: the doctor says what it could not see.
        }

        return found;
    }
}
