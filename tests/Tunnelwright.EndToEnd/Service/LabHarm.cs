using Tunnelwright.Lab;
using Tunnelwright.Linux;

namespace Tunnelwright.EndToEnd.Service;

/// <summary>What can be killed in a lab with the service, with SIGKILL, and what an init system does about it.</summary>
internal sealed class LabHarm(ServiceLab service)
{
    private const int Kill = 9;

    /// <summary>The control plane's process; its PostgreSQL lives on.</summary>
    public async Task ControlPlaneAsync()
    {
        var killed = (await service.Lab.ProcessesAsync("cloud-control")).Where(process => process.CommandLine.Contains("serve")).ToList();
        Assert.NotEmpty(killed);
        foreach (var process in killed) new ServiceProcess(process.Pid, process.StartTime).SendSignal(Kill);
        await service.StartControlAsync();
    }

    /// <summary>PostgreSQL's server process; the control plane starts it again.</summary>
    public Task PostgresAsync()
    {
        var file = $"{service.Lab.Host("cloud-control").Root}{ServiceSetup.StateFolder}/postgresql/data/postmaster.pid";
        var server = ProcessStatistics.TryRead(int.Parse(File.ReadLines(file).First(), System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(server is not null && new ServiceProcess(server.Pid, server.StartTime).SendSignal(Kill), "PostgreSQL does not run");
        return Task.CompletedTask;
    }

    /// <summary>A node's own agent.</summary>
    public async Task NodeAgentAsync(ServiceNode node)
    {
        await service.KillAgentAsync(node);
        await service.StartNodeAsync(node);
    }

    /// <summary>A customer's agent on a node; the node's agent starts it again.</summary>
    public void CustomerAgent(ServiceNode node, string customer) => KillMarked(node, customer, process => process.Mark.EndsWith("/agent", StringComparison.Ordinal));

    /// <summary>A customer's IKE daemons on a node; the customer's agent starts them again.</summary>
    public void Charon(ServiceNode node, string customer) => KillMarked(node, customer, process => process.ReadStatistics()?.Name.StartsWith("charon", StringComparison.Ordinal) == true);

    private void KillMarked(ServiceNode node, string customer, Func<ServiceProcess, bool> which)
    {
        var mounts = Mounts(service.Lab.Host(node.Host).Pid);
        var killed = ServiceProcess.FindByMark($"tunnelwright/{customer}/").Where(process => Mounts(process.Pid) == mounts && which(process)).ToList();
        Assert.NotEmpty(killed);
        foreach (var process in killed) process.SendSignal(Kill);
    }

    private static string? Mounts(int pid)
    {
        try
        {
            return new FileInfo($"/proc/{pid}/ns/mnt").LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
