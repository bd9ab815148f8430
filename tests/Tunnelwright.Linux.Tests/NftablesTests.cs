namespace Tunnelwright.Linux.Tests;

public sealed class NftablesTests : RootTest
{
    private const string Ruleset = """
        table inet twt {
          set networks { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.168.1.1-192.168.1.9, 1.2.3.4 } }
          counter named { comment "named one" }
          chain in {
            type filter hook input priority -5; policy accept;
            ip saddr @networks counter accept comment "from us"
            counter name named
          }
          chain other { drop; }
        }
        """;

    [Fact]
    public async Task A_table_is_applied_read_and_deleted()
    {
        var nft = new Nftables(await NewNamespaceAsync());
        Assert.Null(await nft.ListTableAsync("inet", "twt"));
        Assert.False(await nft.TableExistsAsync("inet", "twt"));
        await nft.ApplyAsync(Ruleset);
        Assert.True(await nft.TableExistsAsync("inet", "twt"));
        Assert.False(await nft.TableExistsAsync("ip", "twt"));
        var table = await nft.ListTableAsync("inet", "twt");
        Assert.NotNull(table);
        Assert.Equal(["in", "other"], table.Chains.Select(chain => chain.Name));
        Assert.Equal(("input", "filter", -5, "accept"), (table.Chains[0].Hook, table.Chains[0].Type, table.Chains[0].Priority, table.Chains[0].Policy));
        Assert.Equal(["1.2.3.4", "10.0.0.0/8", "192.168.1.1-192.168.1.9"], table.Set("networks")?.Elements.Select(element => element.Value));
        Assert.Equal(new NftCounter(0, 0), table.Rule("from us")?.Counter);
        Assert.Equal(("named", "named one"), (table.Counters[0].Name, table.Counters[0].Comment));
        Assert.True(table.Rule("from us")!.Handle > 0);

        await nft.DeleteTableAsync("inet", "twt");
        await nft.DeleteTableAsync("inet", "twt");
        Assert.Empty(await nft.ListTablesAsync());
    }

    [Fact]
    public async Task All_of_a_ruleset_or_nothing()
    {
        var nft = new Nftables(await NewNamespaceAsync());
        await nft.ApplyAsync(Ruleset);
        var exception = await Assert.ThrowsAsync<NftablesException>(
            () => nft.ApplyAsync("table inet another { }\ndelete table inet twt\nadd rule inet another nochain drop\n"));
        Assert.Equal((3, "ENOENT"), (exception.Line, exception.ErrorName));
        Assert.True(await nft.TableExistsAsync("inet", "twt"));
        Assert.False(await nft.TableExistsAsync("inet", "another"));
    }

    [Fact]
    public async Task A_check_changes_nothing()
    {
        var nft = new Nftables(await NewNamespaceAsync());
        Assert.Null(await nft.CheckAsync(Ruleset));
        Assert.Empty(await nft.ListTablesAsync());
        var complaint = await nft.CheckAsync("table inet twt {\n  chain c { type filter hook nope priority 0; }\n}\n");
        Assert.Equal((2, 30, "line 2: unknown chain hook"), (complaint!.Line, complaint.Column, complaint.Words));
        await Assert.ThrowsAsync<ArgumentException>(() => nft.DeleteTableAsync("inet", "x; flush ruleset"));
        await Assert.ThrowsAsync<ArgumentException>(() => nft.DeleteTableAsync("inet x", "y"));
    }

    [Fact]
    public async Task Counters_count_what_passes_and_other_namespaces_see_nothing()
    {
        var (left, right) = await NewPairAsync();
        var nft = new Nftables(right);
        await nft.ApplyAsync(Ruleset);
        await left.RunCommandAsync("ping", ["-c", "3", "-i", "0.01", "-W", "2", "10.0.0.2"]);
        Assert.Equal(new NftCounter(3, 3 * 84), (await nft.ListTableAsync("inet", "twt"))?.Rule("from us")?.Counter);
        Assert.Empty(await new Nftables(left).ListTablesAsync());
    }
}
