using System.Text.Json;
using Tunnelwright.Lab.Faults;

namespace Tunnelwright.Lab.Tests;

/// <summary>What one process notes another one reads.</summary>
public sealed class UndoStepTests
{
    private static readonly UndoStep[] Every =
    [
        new FilterUndo("internet", "inet", "fault_loss_1"),
        new LinkUndo("internet", "customer"),
        new SysctlUndo("customer-gateway", "net.ipv4.ip_forward", "1"),
        new CommandUndo("customer-gateway", ["ip", "rule", "del", "pref", "7900"]),
        new ResumeUndo("cloud-endpoint-1", 4711, 123_456),
        new ServiceUndo("cloud-lb", "mark", ["/usr/sbin/haproxy", "-db"], "/dev/null"),
        new EndUndo("customer-gateway", "mark"),
        new DesiredUndo("cloud-endpoint-2", "/var/lib/tunnelwright-lab/x/faults/cloud-endpoint-2.desired.json"),
        new ReloadUndo("cloud-endpoint-1"),
    ];

    [Fact]
    public void Every_kind_comes_back_from_the_disk_as_it_was()
    {
        var kinds = typeof(UndoStep).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(UndoStep)));
        Assert.Empty(kinds.Except(Every.Select(step => step.GetType())));
        var text = JsonSerializer.Serialize(new JournalContent([new InjectedFault("loss", 1)], Every), JournalJson.Default.JournalContent);
        var read = JsonSerializer.Deserialize(text, JournalJson.Default.JournalContent);
        Assert.NotNull(read);
        Assert.Equal([new InjectedFault("loss", 1)], read.Faults);
        Assert.Equal(Every.Select(step => (step.GetType(), step.Host, step.Thing, step.Order)), read.Steps.Select(step => (step.GetType(), step.Host, step.Thing, step.Order)));
        Assert.Equal(Every.OfType<SysctlUndo>().Single().Value, read.Steps.OfType<SysctlUndo>().Single().Value);
        Assert.Equal(Every.OfType<ServiceUndo>().Single().Command, read.Steps.OfType<ServiceUndo>().Single().Command);
    }

    [Fact]
    public void An_agent_is_woken_and_started_before_it_is_handed_anything()
    {
        int Order<T>() where T : UndoStep => Every.OfType<T>().Single().Order;
        Assert.True(Order<FilterUndo>() < Order<ResumeUndo>());
        Assert.True(Order<ResumeUndo>() < Order<ServiceUndo>());
        Assert.True(Order<ServiceUndo>() < Order<DesiredUndo>());
        Assert.True(Order<DesiredUndo>() < Order<ReloadUndo>());
    }
}
