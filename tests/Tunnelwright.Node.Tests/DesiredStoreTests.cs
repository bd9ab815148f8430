using Tunnelwright.Cloud.Contract;
using Tunnelwright.Node.Control;

namespace Tunnelwright.Node.Tests;

public sealed class DesiredStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tunnelwright-node-").FullName;

    private string File => Path.Combine(_folder, "desired.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_changed_is_merged_and_what_is_not_in_it_stays()
    {
        var first = new NodeDesiredState(4, Complete: true, [Samples.Customer("c1"), Samples.Customer("c2"), Samples.Customer("c3")], []);
        var changed = Samples.Customer("c2") with { HttpsOnly = true };
        var merged = DesiredStore.Merge(first, new NodeDesiredState(5, Complete: false, [changed, Samples.Customer("c4")], ["c3"]));
        Assert.Equal((5, true), (merged.Version, merged.Complete));
        Assert.Equal(["c1", "c2", "c4"], merged.Customers.Select(customer => customer.Id));
        Assert.True(merged.Customers[1].HttpsOnly);
        Assert.Empty(merged.Removed);
    }

    [Fact]
    public void Everything_takes_the_place_of_everything()
    {
        var first = new NodeDesiredState(4, Complete: true, [Samples.Customer("c1")], []);
        Assert.Equal(["c2"], DesiredStore.Merge(first, new NodeDesiredState(1, Complete: true, [Samples.Customer("c2")], [])).Customers.Select(customer => customer.Id));
    }

    [Fact]
    public async Task It_outlives_the_process_in_a_file_that_only_its_owner_reads()
    {
        await DesiredStore.Open(File).TakeAsync(new NodeDesiredState(4, Complete: true, [Samples.Customer()], []), TestContext.Current.CancellationToken);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        var again = DesiredStore.Open(File).Current;
        Assert.Equal(4, again?.Version);
        Assert.Equal(Samples.Key, again!.Customers[0].Tunnels[0].PreSharedKey);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"version\":1}")]
    public void A_file_that_cannot_be_read_counts_as_none(string text)
    {
        System.IO.File.WriteAllText(File, text);
        Assert.Null(DesiredStore.Open(File).Current);
    }
}
