using Tunnelwright.Diagnosis;
using Tunnelwright.Gateway;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Doctor;

/// <summary>Puts what is in service beside what the provider's file says.</summary>
internal sealed class ConfigurationExamination() : Examination("configuration")
{
    public override Task LookAsync(Scene scene, ExaminationResult result, CancellationToken cancellationToken)
    {
        if (scene.HandMade is not null && scene is { Tunnels.Count: > 0, IsBare: false }) return Task.CompletedTask;
        if (scene.IsBare)
        {
            foreach (var given in scene.Request.Files) Problems(given, result);
            result.Skip(Name, "nothing on this host is seen to realise the connection: only its endpoints are looked at");
            result.LeavesOpen = true;
            return Task.CompletedTask;
        }

        if (scene.Desired.Connections.Count == 0)
        {
            result.Skip(Name, RootCheck.IsRoot
                ? "no connection is in service and no provider's file is kept on this host"
                : "only root may read what is in service and which provider's files are kept here: run it with sudo, or give a file with --file");
            return Task.CompletedTask;
        }

        foreach (var connection in scene.Desired.Connections)
        {
            var file = scene.FileOf(connection.Id);
            if (file is null)
            {
                result.Skip(Name, $"{connection.Id}: no provider's file to compare with");
                continue;
            }

            var before = result.Facts.Count;
            Problems(file, result);
            if (file.Desired is { } agreed)
            {
                WholeConnection(connection, agreed, file, result);
                foreach (var tunnel in agreed.Tunnels) Tunnel(connection, agreed, tunnel, file, result);
            }

            if (result.Facts.Count == before) result.Pass(Name, $"{connection.Id}: what is in service ({scene.DesiredFrom}) is what {file.File} says");
        }

        return Task.CompletedTask;
    }

    private static void Problems(DoctorConnection file, ExaminationResult result)
    {
        foreach (var problem in file.Read.Problems.Where(problem => problem.Severity == Severity.Error))
            result.Facts.Add(new Fact(FactKind.ConfigurationFault, file.File, problem.Line, problem.Message) { Cause = problem.Cause, Tunnel = problem.Tunnel });
    }

    private static void WholeConnection(DesiredConnection running, DesiredConnection agreed, DoctorConnection file, ExaminationResult result)
    {
        if (running.Role != agreed.Role) Report(result, running, null, file, "not-initiating", null, "this gateway only answers, and so does the cloud's end: nobody starts IKE");
        var limit = CloudEndpoint.PrefixLimit;
        if (running.Routing == Model.Routing.Bgp && running.LocalRanges.Count > limit)
            Report(result, running, null, file, "bgp-prefix-limit", null, $"{running.LocalRanges.Count} ranges are announced, where the provider takes {limit}");
        if (running.Routing == Model.Routing.Bgp && running.LocalRanges.Count == 0 && agreed.LocalRanges.Count > 0)
            Report(result, running, null, file, "bgp-no-prefixes", null, $"no range is announced, where {agreed.LocalRanges} belongs");
        if (running.Routing == Model.Routing.Static && running.RemoteRanges != agreed.RemoteRanges)
            Report(result, running, null, file, "route-missing", null, $"{Text(running.RemoteRanges)} is routed through the tunnels, where {Text(agreed.RemoteRanges)} belongs");
    }

    private static void Tunnel(DesiredConnection connection, DesiredConnection agreedConnection, DesiredTunnel agreed, DoctorConnection file, ExaminationResult result)
    {
        var number = agreed.Number;
        if (connection.Tunnels.FirstOrDefault(tunnel => tunnel.Number == number) is not { } running)
        {
            Report(result, connection, number, file, connection.Tunnels.Count < agreedConnection.Tunnels.Count ? "both-tunnels-not-configured" : Causes.StalePeerAddress, "outside.cloud", $"tunnel {number} to {agreed.RemoteOutside} is in the provider's file and not in service");
            return;
        }

        void Differs(string cause, string field, string what, string mine, string theirs) => Report(result, connection, number, file, cause, field, $"{what} {mine} is in service, the provider's file says {theirs}");

        if (running.RemoteOutside != agreed.RemoteOutside) Differs(Causes.StalePeerAddress, "outside.cloud", "the endpoint", $"{running.RemoteOutside}", $"{agreed.RemoteOutside}");
        if (running.Ike.Version != agreed.Ike.Version) Differs("ike-version-mismatch", "ike.version", "version", $"IKE{running.Ike.Version.ToString().ToLowerInvariant()}", $"IKE{agreed.Ike.Version.ToString().ToLowerInvariant()}");
        if (running.Ike.Proposal != agreed.Ike.Proposal) Differs(Causes.IkeProposalMismatch, "ike.encryption", "phase 1 proposal", $"{running.Ike.Proposal}", $"{agreed.Ike.Proposal}");
        if (running.Ike.PreSharedKey is { } key && !key.Equals(agreed.Ike.PreSharedKey)) Differs(Causes.PskMismatch, "ike.preSharedKey", "another pre-shared key", $"({key.Length} characters)", $"one of {agreed.Ike.PreSharedKey?.Length ?? 0}");
        if (running.Ike.Lifetime.Seconds > agreed.Ike.Lifetime.Seconds) Differs(Causes.IkeLifetimeOutOfRange, "ike.lifetimeSeconds", "phase 1 lifetime", $"{running.Ike.Lifetime}", $"{agreed.Ike.Lifetime}");
        var (esp, wanted) = (running.Ipsec.Proposal, agreed.Ipsec.Proposal);
        if (esp.Encryption != wanted.Encryption || esp.Integrity != wanted.Integrity) Differs(Causes.EspProposalMismatch, "ipsec.encryption", "phase 2 proposal", $"{esp}", $"{wanted}");
        if (esp.PfsGroup != wanted.PfsGroup) Differs(Causes.PfsMismatch, "ipsec.pfsGroup", "PFS group", esp.PfsGroup?.ToString() ?? "none", wanted.PfsGroup?.ToString() ?? "none");
        if (running.Ipsec.Lifetime.Seconds > agreed.Ipsec.Lifetime.Seconds) Differs(Causes.Phase2LifetimeOutOfRange, "ipsec.lifetimeSeconds", "phase 2 lifetime", $"{running.Ipsec.Lifetime}", $"{agreed.Ipsec.Lifetime}");
        if (running.LocalIdentity != agreed.LocalIdentity) Differs("identity-mismatch", "outside.customer", "own identity", running.LocalIdentity ?? "of the interface", agreed.LocalIdentity ?? "of the interface");
        if (running.RemoteIdentity != agreed.RemoteIdentity) Differs("identity-mismatch", "outside.cloud", "the peer's identity", running.RemoteIdentity, agreed.RemoteIdentity);
        if (running.Bgp is { } bgp && agreed.Bgp is { } session)
        {
            if (bgp.LocalAsn != session.LocalAsn) Differs("bgp-asn-mismatch", "bgp.customerAsn", "own AS number", $"{bgp.LocalAsn}", $"{session.LocalAsn}");
            if (bgp.RemoteAsn != session.RemoteAsn) Differs("bgp-asn-mismatch", "bgp.cloudAsn", "the peer's AS number", $"{bgp.RemoteAsn}", $"{session.RemoteAsn}");
        }
    }

    private static void Report(ExaminationResult result, DesiredConnection connection, int? tunnel, DoctorConnection file, string cause, string? field, string text)
    {
        var line = field is null ? null : file.Read.Lines.LineOf(tunnel, field);
        result.Fail("configuration", tunnel is null ? text : $"tunnel {tunnel}: {text}");
        result.Facts.Add(new Fact(FactKind.ConfigurationFault, file.File, line, text) { Cause = cause, Tunnel = tunnel, Scope = tunnel is { } number ? GatewayNames.Connection(connection.Id, number) : "" });
    }

    private static string Text(ValueList<Cidr> ranges) => ranges.Count == 0 ? "nothing" : $"{ranges}";
}
