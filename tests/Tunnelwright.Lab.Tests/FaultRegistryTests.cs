using Tunnelwright.Lab.Faults;

namespace Tunnelwright.Lab.Tests;

public sealed class FaultRegistryTests
{
    public static TheoryData<string> Names => [.. FaultRegistry.All.Select(fault => fault.Name)];

    [Fact]
    public void There_are_at_least_fifty_and_no_name_twice()
    {
        Assert.True(FaultRegistry.All.Count >= 50);
        Assert.Equal(FaultRegistry.All.Count, FaultRegistry.All.Select(fault => fault.Name).Distinct(StringComparer.Ordinal).Count());
    }

    /// <summary>A class that is in no list is a fault that nobody can inject.</summary>
    [Fact]
    public void Every_class_is_in_the_registry()
    {
        var classes = typeof(Fault).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Fault)) && !type.IsAbstract);
        Assert.Empty(classes.Except(FaultRegistry.All.Select(fault => fault.GetType())));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_fault_says_what_it_breaks_and_as_what_it_is_recognised(string name)
    {
        var fault = FaultRegistry.Find(name);
        Assert.NotNull(fault);
        Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", name);
        Assert.True(name.Length <= 30);
        Assert.Contains(fault.Cause, CauseIds.All);
        Assert.True(fault.Breaks.Length is > 10 and < 130 && !fault.Breaks.EndsWith('.') && !fault.Breaks.Any(char.IsControl));
        Assert.All(fault.DefaultTunnels, tunnel => Assert.InRange(tunnel, 1, 2));
        Assert.InRange(FaultSite.FilterTable(name, 2).Length, 1, 60);
    }

    [Fact]
    public void An_unknown_name_is_no_fault() => Assert.Null(FaultRegistry.Find("BLACK-HOLE"));
}
