namespace Tunnelwright.Vici.Tests.Charon;

/// <summary>Tunnels between two real daemons.</summary>
[Collection(SharedCharons.Name)]
public sealed class TunnelTests(CharonPair pair)
{
    private const int Limit = 60_000;

    [Theory(Timeout = Limit)]
    [InlineData(2)]
    [InlineData(1)]
    public async Task A_tunnel_comes_up_tells_its_state_and_goes_down(int version)
    {
        var tunnel = new TunnelConfiguration($"state{version}") { Version = version };
        await tunnel.LoadAsync(pair);
        try
        {
            var lines = new List<ViciLogLine>();
            await pair.Left.Client.InitiateAsync(
                new InitiateRequest { Child = tunnel.Child, Ike = tunnel.Name, Timeout = TimeSpan.FromSeconds(30) }, lines.Add);
            Assert.Contains(lines, line => line.Group is "IKE" && line.Message.Contains("established", StringComparison.Ordinal));
            Assert.Contains(lines, line => line.IkeName == tunnel.Name && line.IkeUniqueId > 0);

            foreach (var (daemon, isLeft) in new[] { (pair.Left, true), (pair.Right, false) })
            {
                var ike = Assert.Single(await daemon.Client.ListSasAsync(new SaFilter { Ike = tunnel.Name }));
                Assert.Equal(tunnel.Name, ike.Name);
                Assert.True(ike.UniqueId > 0);
                Assert.Equal(version, ike.Version);
                Assert.True(ike.IsEstablished, ike.State);
                Assert.Equal(isLeft, ike.IsInitiator);
                Assert.Equal(isLeft ? CharonPair.LeftAddress : CharonPair.RightAddress, ike.LocalHost);
                Assert.Equal(isLeft ? CharonPair.RightAddress : CharonPair.LeftAddress, ike.RemoteHost);
                Assert.Equal(4500, ike.LocalPort);
                Assert.Equal(4500, ike.RemotePort);
                Assert.Equal($"{(isLeft ? "left" : "right")}.{tunnel.Name}.example", ike.LocalId);
                Assert.Equal($"{(isLeft ? "right" : "left")}.{tunnel.Name}.example", ike.RemoteId);
                Assert.True(ike.NatAny);
                Assert.Equal(16, ike.InitiatorSpi.Length);
                Assert.Equal("AES_CBC", ike.Encryption);
                Assert.Equal(256, ike.EncryptionKeySize);
                Assert.Equal("HMAC_SHA2_256_128", ike.Integrity);
                Assert.Equal("PRF_HMAC_SHA2_256", ike.PseudoRandomFunction);
                Assert.Equal("MODP_2048", ike.DhGroup);
                Assert.InRange(ike.Established!.Value.TotalSeconds, 0, 20);
                Assert.InRange(ike.RekeyIn!.Value.TotalSeconds, 6000, 7200);

                var child = Assert.Single(ike.Children);
                Assert.Equal(tunnel.Child, child.Name);
                Assert.True(child.IsInstalled, child.State);
                Assert.True(child.UniqueId > 0 && child.RequestId > 0);
                Assert.Equal("TUNNEL", child.Mode);
                Assert.Equal("ESP", child.Protocol);
                Assert.True(child.Encapsulated);
                Assert.Equal(8, child.SpiIn!.Length);
                Assert.Equal(8, child.SpiOut!.Length);
                Assert.Equal("AES_CBC", child.Encryption);
                Assert.Equal(128, child.EncryptionKeySize);
                Assert.Equal("HMAC_SHA2_256_128", child.Integrity);
                Assert.Equal(0, child.BytesIn);
                Assert.Null(child.IdleIn);
                Assert.InRange(child.RekeyIn!.Value.TotalSeconds, 2000, 3000);
                Assert.InRange(child.ExpiresIn!.Value.TotalSeconds, 3500, 3600);
                Assert.InRange(child.Installed!.Value.TotalSeconds, 0, 20);
                Assert.Equal([isLeft ? "10.91.1.0/24" : "10.91.2.0/24"], child.LocalSelectors);
                Assert.Equal([isLeft ? "10.91.2.0/24" : "10.91.1.0/24"], child.RemoteSelectors);
            }

            var one = (await pair.Left.Client.ListSasAsync(new SaFilter { Ike = tunnel.Name }))[0];
            Assert.Single(await pair.Left.Client.ListSasAsync(new SaFilter { IkeId = one.UniqueId, NoBlock = true }));
            Assert.Empty(await pair.Left.Client.ListSasAsync(new SaFilter { Ike = "nobody" }));
            var filtered = await pair.Left.Client.ListSasAsync(new SaFilter { Ike = tunnel.Name, Child = "nobody", ChildId = 99_999 });
            Assert.Empty(Assert.Single(filtered).Children);

            var result = await pair.Left.Client.TerminateAsync(
                new TerminateRequest { Ike = tunnel.Name, Timeout = TimeSpan.FromSeconds(20) }, lines.Add);
            Assert.Equal(new TerminateResult(1, 1), result);
            Assert.Empty(await pair.Left.Client.ListSasAsync(new SaFilter { Ike = tunnel.Name }));
        }
        finally
        {
            await tunnel.UnloadAsync(pair);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Packets_are_counted()
    {
        var tunnel = new TunnelConfiguration("count");
        await tunnel.LoadAsync(pair);
        try
        {
            await tunnel.BringUpAsync(pair);
            await pair.Left.PingAsync("10.91.1.1", "10.91.2.1");
            var child = (await pair.Left.Client.ListSasAsync(new SaFilter { Ike = tunnel.Name }))[0].Children[0];
            Assert.Equal(3, child.PacketsIn);
            Assert.Equal(3, child.PacketsOut);
            Assert.InRange(child.BytesIn, 3 * 20, 3 * 200);
            Assert.InRange(child.IdleIn!.Value.TotalSeconds, 0, 10);
            Assert.InRange(child.IdleOut!.Value.TotalSeconds, 0, 10);
        }
        finally
        {
            await tunnel.UnloadAsync(pair);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Events_tell_of_up_rekey_and_down()
    {
        var tunnel = new TunnelConfiguration("events");
        await tunnel.LoadAsync(pair);
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(50));
        await using var events = pair.Left.Client.ListenAsync(
            [ViciEventNames.IkeUpDown, ViciEventNames.ChildUpDown, ViciEventNames.IkeRekey, ViciEventNames.ChildRekey, ViciEventNames.IkeUpdate],
            cancellationToken: cancel.Token).GetAsyncEnumerator(cancel.Token);
        try
        {
            Assert.True(await events.MoveNextAsync());
            Assert.Equal(ViciEventKind.Subscribed, events.Current.Kind);

            await tunnel.BringUpAsync(pair);
            var up = await NextAsync<IkeUpDownNotification>(events);
            Assert.True(up.Up);
            Assert.Equal(tunnel.Name, up.Ike.Name);
            Assert.True(up.Ike.IsEstablished);
            var childUp = await NextAsync<ChildUpDownNotification>(events);
            Assert.True(childUp.Up);
            Assert.Equal(tunnel.Child, Assert.Single(childUp.Ike.Children).Name);

            var oldChild = childUp.Ike.Children[0];
            Assert.Equal(1, await pair.Left.Client.RekeyAsync(new SaSelector { Child = tunnel.Child }));
            var childRekey = await NextAsync<ChildRekeyNotification>(events);
            Assert.Equal(tunnel.Name, childRekey.Ike.Name);
            Assert.Equal(oldChild.UniqueId, childRekey.Old.UniqueId);
            Assert.NotEqual(oldChild.UniqueId, childRekey.New.UniqueId);
            Assert.NotEqual(oldChild.SpiIn, childRekey.New.SpiIn);
            Assert.Equal("MODP_2048", childRekey.New.DhGroup);

            Assert.Equal(1, await pair.Left.Client.RekeyAsync(new SaSelector { IkeId = up.Ike.UniqueId }));
            var rekey = await NextAsync<IkeRekeyNotification>(events);
            Assert.Equal(up.Ike.UniqueId, rekey.Old.UniqueId);
            Assert.NotEqual(up.Ike.UniqueId, rekey.New.UniqueId);
            Assert.Equal(tunnel.Name, rekey.New.Name);

            await pair.Left.Client.TerminateAsync(
                new TerminateRequest { ChildId = childRekey.New.UniqueId, Timeout = TimeSpan.FromSeconds(20) });
            var childDown = await NextAsync<ChildUpDownNotification>(events);
            Assert.False(childDown.Up);
            Assert.Equal(childRekey.New.UniqueId, childDown.Ike.Children[0].UniqueId);
            await pair.Left.Client.TerminateAsync(new TerminateRequest { IkeId = rekey.New.UniqueId, Timeout = TimeSpan.FromSeconds(20) });
            var down = await NextAsync<IkeUpDownNotification>(events);
            Assert.False(down.Up);
            Assert.Equal(rekey.New.UniqueId, down.Ike.UniqueId);
        }
        finally
        {
            await tunnel.UnloadAsync(pair);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task An_authenticated_sa_can_be_built_anew()
    {
        var tunnel = new TunnelConfiguration("again");
        await tunnel.LoadAsync(pair);
        try
        {
            await tunnel.BringUpAsync(pair);
            var before = Assert.Single(await pair.Left.Client.ListSasAsync(new SaFilter { Ike = tunnel.Name }));
            Assert.Equal(1, await pair.Left.Client.RekeyAsync(new SaSelector { Ike = tunnel.Name }, reauthenticate: true));
            IReadOnlyList<IkeSaStatus> sas;
            do
            {
                await Task.Delay(20);
                sas = await pair.Left.Client.ListSasAsync(new SaFilter { Ike = tunnel.Name });
            }
            while (sas is not [{ IsEstablished: true, Children.Count: 1 } sa] || sa.UniqueId == before.UniqueId);
        }
        finally
        {
            await tunnel.UnloadAsync(pair);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task A_wrong_key_fails_with_the_log_that_says_why()
    {
        var tunnel = new TunnelConfiguration("wrongkey") { ResponderSecret = "battery-staple" };
        await tunnel.LoadAsync(pair);
        try
        {
            var lines = new List<ViciLogLine>();
            var error = await Assert.ThrowsAsync<ViciCommandFailedException>(() => pair.Left.Client.InitiateAsync(
                new InitiateRequest { Child = tunnel.Child, Ike = tunnel.Name, Timeout = TimeSpan.FromSeconds(30) }, lines.Add));
            Assert.Equal($"establishing CHILD_SA '{tunnel.Child}' failed", error.ErrorMessage);
            Assert.Contains(lines, line => line.Message.Contains("AUTHENTICATION_FAILED", StringComparison.Ordinal));
        }
        finally
        {
            await tunnel.UnloadAsync(pair);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task A_peer_that_does_not_answer_ends_at_the_time_limit_and_not_waiting_ends_at_once()
    {
        var section = new TunnelConfiguration("silent").Section(left: true);
        var silent = new ViciSection();
        foreach (var entry in section.Where(entry => entry.Key is not "remote_addrs"))
            silent.AddEntry(entry);
        silent.Add("remote_addrs", ["198.51.100.99"]);
        await pair.Left.Client.LoadConnectionAsync("silent", silent);
        try
        {
            var error = await Assert.ThrowsAsync<ViciCommandFailedException>(() => pair.Left.Client.InitiateAsync(
                new InitiateRequest { Child = "silent-net", Timeout = TimeSpan.FromMilliseconds(300) }));
            Assert.Equal("CHILD_SA 'silent-net' not established after 300ms", error.ErrorMessage);
            await pair.Left.Client.InitiateAsync(new InitiateRequest { Ike = "silent", Timeout = TimeSpan.Zero });
            var sas = await pair.Left.Client.ListSasAsync(new SaFilter { Ike = "silent" });
            Assert.All(sas, sa => Assert.Equal("CONNECTING", sa.State));
            Assert.NotEmpty(sas);
            Assert.Null(sas[0].Established);
        }
        finally
        {
            await pair.Left.Client.UnloadConnectionAsync("silent");
            await pair.Left.Client.TerminateAsync(new TerminateRequest { Ike = "silent", Force = true, Timeout = TimeSpan.FromSeconds(1) });
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Many_tunnels_come_up_at_once_while_quick_requests_go_on()
    {
        const int count = 12;
        var tunnels = Enumerable.Range(0, count).Select(i => new TunnelConfiguration($"many{i}")).ToArray();
        foreach (var tunnel in tunnels)
            await tunnel.LoadAsync(pair);
        try
        {
            // Only the IKE SAs: userspace ESP cannot carry two tunnels of the same selectors.
            var initiations = Task.WhenAll(tunnels.Select(tunnel => pair.Left.Client.InitiateAsync(
                new InitiateRequest { Ike = tunnel.Name, Timeout = TimeSpan.FromSeconds(30) })));
            while (!initiations.IsCompleted)
            {
                await pair.Left.Client.GetVersionAsync().WaitAsync(TimeSpan.FromSeconds(10));
                await Task.Delay(10);
            }

            await initiations;
            var names = (await pair.Left.Client.ListSasAsync()).Where(sa => sa.IsEstablished).Select(sa => sa.Name).ToHashSet();
            Assert.Superset(tunnels.Select(tunnel => tunnel.Name).ToHashSet(), names);
        }
        finally
        {
            foreach (var tunnel in tunnels)
                await tunnel.UnloadAsync(pair);
        }
    }

    private static async Task<T> NextAsync<T>(IAsyncEnumerator<ViciEvent> events)
        where T : ViciNotification
    {
        while (await events.MoveNextAsync())
        {
            if (ViciNotification.Read(events.Current) is T notification)
                return notification;
        }

        throw new InvalidOperationException("The events ended.");
    }
}
