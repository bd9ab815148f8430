using System.Net;
using Tunnelwright.Diagnosis;
using Tunnelwright.Linux;

namespace Tunnelwright.Doctor;

/// <summary>Connects to the ports that somebody asked for.</summary>
internal sealed class PortExamination() : Examination("port")
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public override async Task LookAsync(Scene scene, ExaminationResult result, CancellationToken cancellationToken)
    {
        var source = scene.Observed is { } observed ? scene.Connections.Select(connection => connection.HostSource(observed)).FirstOrDefault(address => address is not null) : null;
        var options = new TcpCheckOptions { Timeout = Patience, Source = source?.ToIPAddress() };
        var answers = await Task.WhenAll(scene.Request.Ports.Select(port => TcpCheck.ConnectAsync(port, options, cancellationToken: cancellationToken)));
        foreach (var (port, answer) in scene.Request.Ports.Zip(answers)) Judge(port, answer, result);
    }

    private static void Judge(IPEndPoint port, TcpCheckResult answer, ExaminationResult result)
    {
        var name = $"port {port}";
        switch (answer.Outcome)
        {
            case TcpOutcome.Open:
                result.Pass(name, $"open, {answer.Elapsed.TotalMilliseconds:0.0} ms");
                break;
            case TcpOutcome.Refused:
                result.Saw(FactKind.PortRefused, name, $"{port} refuses connections: nothing listens there");
                break;
            case TcpOutcome.Filtered:
                result.Saw(FactKind.PortSilent, name, $"{port} does not answer a SYN: something drops it");
                break;
            case TcpOutcome.Unreachable:
                result.Fail(name, answer.Words);
                break;
            default:
                result.Skip(name, answer.Words);
                break;
        }
    }
}
