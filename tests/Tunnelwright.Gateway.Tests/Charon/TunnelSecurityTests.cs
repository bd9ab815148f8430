using FsCheck;
using FsCheck.Fluent;
using Tunnelwright.Model;
using Tunnelwright.Vici;

namespace Tunnelwright.Gateway.Tests;

/// <summary>What charon is told over VICI about a tunnel.</summary>
public sealed class TunnelSecurityTests
{
    private static readonly CharonInstance Kernel = new("default", 0, Userspace: false);
    private static readonly CharonInstance Userspace = new("default", 0, Userspace: true);
    private static readonly CharonInstance Second = new("default", 1, Userspace: true);

    [Fact]
    public void The_initiators_message()
    {
        var settings = Settings(Samples.Customer(), Kernel);
        Assert.Equal(2, settings.GetInt32("version"));
        Assert.Equal(["10.0.0.5"], settings.GetList("local_addrs"));
        Assert.Equal(["198.51.100.1"], settings.GetList("remote_addrs"));
        Assert.Equal(["aes256-sha256-modp2048"], settings.GetList("proposals"));
        Assert.Equal("psk", settings.GetSection("local-1")!.GetText("auth"));
        Assert.Equal("192.0.2.77", settings.GetSection("local-1")!.GetText("id"));
        Assert.Equal("psk", settings.GetSection("remote-1")!.GetText("auth"));
        Assert.Equal("198.51.100.1", settings.GetSection("remote-1")!.GetText("id"));
        Assert.Equal(10, settings.GetInt32("dpd_delay"));
        Assert.Equal(30, settings.GetInt32("dpd_timeout"));
        Assert.Equal(0, settings.GetInt32("reauth_time"));
        Assert.False(settings.GetBoolean("mobike"));
        Assert.Equal(0, settings.GetInt32("keyingtries"));
        Assert.Equal("replace", settings.GetText("unique"));
        Assert.Null(settings.GetInt32("local_port"));
        Assert.Null(settings.GetInt32("remote_port"));
        var child = Child(settings);
        Assert.Equal(["0.0.0.0/0"], child.GetList("local_ts"));
        Assert.Equal(["0.0.0.0/0"], child.GetList("remote_ts"));
        Assert.Equal(["aes256-sha256-modp2048"], child.GetList("esp_proposals"));
        Assert.Equal("tunnel", child.GetText("mode"));
        Assert.Equal("none", child.GetText("start_action"));
        Assert.Equal("start", child.GetText("close_action"));
        Assert.Equal("start", child.GetText("dpd_action"));
        Assert.InRange(child.GetInt32("replay_window")!.Value, 64, 2048);
    }

    [Fact]
    public void A_responder_never_starts_and_never_renews()
    {
        var settings = Settings(Samples.Cloud(), Kernel, outside: "198.51.100.1");
        Assert.Equal(0, settings.GetInt32("rekey_time"));
        Assert.Equal(0, settings.GetInt32("rand_time"));
        Assert.Equal(1, settings.GetInt32("keyingtries"));
        var child = Child(settings);
        Assert.Equal(0, child.GetInt32("rekey_time"));
        Assert.Equal("none", child.GetText("start_action"));
        Assert.Equal("none", child.GetText("close_action"));
        Assert.Equal("none", child.GetText("dpd_action"));
        Assert.Equal("198.51.100.1", settings.GetSection("local-1")!.GetText("id"));
        Assert.Equal("192.0.2.77", settings.GetSection("remote-1")!.GetText("id"));
    }

    [Fact]
    public void Behind_NAT_the_identity_stays_the_public_address_and_without_one_it_is_the_outside_address()
    {
        var customer = Samples.Customer();
        Assert.Equal("192.0.2.77", Settings(customer, Kernel, outside: "192.168.1.2").GetSection("local-1")!.GetText("id"));
        var open = customer.WithTunnel(1, tunnel => tunnel with { LocalIdentity = null });
        Assert.Equal("192.168.1.2", Settings(open, Kernel, outside: "192.168.1.2").GetSection("local-1")!.GetText("id"));
    }

    [Fact]
    public void Versions_and_proposals_of_every_kind() => Prop.ForAll(RandomGateways.Connections(), connection =>
    {
        foreach (var tunnel in connection.Tunnels)
        {
            var desired = CustomerGateway.Desire(connection, new CustomerOptions());
            var settings = Settings(desired, Kernel, tunnel.Number);
            Assert.Equal((int)tunnel.Ike.Version, settings.GetInt32("version"));
            Assert.Equal([tunnel.Ike.Proposal.ToString()], settings.GetList("proposals"));
            Assert.Equal([tunnel.Ipsec.Proposal.ToString()], Child(settings).GetList("esp_proposals"));
            Assert.InRange(settings.GetInt32("dpd_timeout")!.Value, 30, int.MaxValue);
            Assert.DoesNotContain(tunnel.Ike.PreSharedKey!.Reveal(), settings.ToString(), StringComparison.Ordinal);
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(100).WithQuietOnSuccess(true));

    [Fact]
    public void Only_the_kernel_plane_has_interface_ids()
    {
        var kernel = Child(Settings(Samples.Customer(), Kernel));
        Assert.Equal(GatewayNames.InterfaceId(Samples.Id, 1).ToString(), kernel.GetText("if_id_in"));
        Assert.Equal(kernel.GetText("if_id_in"), kernel.GetText("if_id_out"));
        var userspace = Child(Settings(Samples.Customer(), Userspace));
        Assert.False(userspace.ContainsKey("if_id_in"));
        Assert.False(userspace.ContainsKey("if_id_out"));
    }

    [Fact]
    public void Ports_of_the_further_slots()
    {
        var first = Settings(Samples.Customer(), Userspace);
        Assert.False(first.ContainsKey("local_port"));
        var second = Settings(Samples.Customer(), Second, 2);
        Assert.Equal(Second.NatPort, second.GetInt32("local_port"));
        Assert.Equal(4500, second.GetInt32("remote_port"));
        var responder = Settings(Samples.Cloud(number: 2), Second, 2, "198.51.100.2");
        Assert.False(responder.ContainsKey("local_port"));
        Assert.False(responder.ContainsKey("remote_port"));
    }

    [Fact]
    public void Child_lifetimes_over_the_whole_allowed_range()
    {
        foreach (var version in new[] { IkeVersion.V1, IkeVersion.V2 })
        {
            for (var seconds = 900; seconds <= 3600; seconds++)
            {
                var (rekey, random, life) = TunnelSecurity.ChildLifetimes(GatewayRole.Initiator, version, new Lifetime(seconds));
                Assert.Equal(seconds, life);
                Assert.True(rekey > 0 && rekey < life, $"{version} {seconds}: renewed after {rekey} s");
                Assert.True(random >= 0 && rekey - random > 0, $"{version} {seconds}: {rekey} less {random} s");

                // Time for a renewal with retransmissions, and no more than half of the life spent on it.
                Assert.True(life - rekey >= 60, $"{version} {seconds}: a margin of {life - rekey} s");
                Assert.True(rekey - random >= life / 2, $"{version} {seconds}: renewed after {rekey - random} s");
                Assert.Equal((0, 0, seconds), TunnelSecurity.ChildLifetimes(GatewayRole.Responder, version, new Lifetime(seconds)));
            }
        }
    }

    [Fact]
    public void IKEv2_with_an_hour_is_renewed_at_51_minutes()
    {
        Assert.Equal(3060, TunnelSecurity.ChildLifetimes(GatewayRole.Initiator, IkeVersion.V2, new Lifetime(3600)).RekeySeconds);
        Assert.True(TunnelSecurity.ChildLifetimes(GatewayRole.Initiator, IkeVersion.V1, new Lifetime(3600)).RekeySeconds > 3060);
    }

    [Fact]
    public void Phase_1_lifetimes_over_the_whole_allowed_range()
    {
        for (var seconds = 900; seconds <= 28800; seconds++)
        {
            var settings = Settings(Samples.Customer().WithTunnel(1, tunnel => tunnel with { Ike = tunnel.Ike with { Lifetime = new Lifetime(seconds) } }), Kernel);
            var (rekey, over, random) = (settings.GetInt32("rekey_time")!.Value, settings.GetInt32("over_time")!.Value, settings.GetInt32("rand_time")!.Value);
            Assert.True(rekey > 0 && rekey < seconds && random >= 0 && random < rekey, $"{seconds}: {rekey}, {random}");
            Assert.Equal(seconds, rekey + over);
            Assert.True(over >= 60, $"{seconds}: a margin of {over} s");
        }
    }

    [Fact]
    public void The_keys_name_changes_with_every_setting_and_with_the_key()
    {
        var customer = Samples.Customer();
        var changes = new Dictionary<string, Func<DesiredTunnel, DesiredTunnel>>
        {
            ["nothing"] = tunnel => tunnel,
            ["key"] = tunnel => tunnel with { Ike = tunnel.Ike with { PreSharedKey = new PreSharedKey("Secret.Words_1.NobodyKnowT") } },
            ["version"] = tunnel => tunnel with { Ike = tunnel.Ike with { Version = IkeVersion.V1 } },
            ["IKE encryption"] = tunnel => tunnel with { Ike = tunnel.Ike with { Proposal = tunnel.Ike.Proposal with { Encryption = EncryptionAlgorithm.Aes128 } } },
            ["IKE integrity"] = tunnel => tunnel with { Ike = tunnel.Ike with { Proposal = tunnel.Ike.Proposal with { Integrity = IntegrityAlgorithm.Sha384 } } },
            ["IKE group"] = tunnel => tunnel with { Ike = tunnel.Ike with { Proposal = tunnel.Ike.Proposal with { Group = new DhGroup(19) } } },
            ["IKE function"] = tunnel => tunnel with { Ike = tunnel.Ike with { Proposal = tunnel.Ike.Proposal with { PseudoRandomFunction = IntegrityAlgorithm.Sha512 } } },
            ["IKE lifetime"] = tunnel => tunnel with { Ike = tunnel.Ike with { Lifetime = new Lifetime(28799) } },
            ["ESP encryption"] = tunnel => tunnel with { Ipsec = tunnel.Ipsec with { Proposal = tunnel.Ipsec.Proposal with { Encryption = EncryptionAlgorithm.Aes128 } } },
            ["ESP integrity"] = tunnel => tunnel with { Ipsec = tunnel.Ipsec with { Proposal = tunnel.Ipsec.Proposal with { Integrity = IntegrityAlgorithm.Sha1 } } },
            ["PFS"] = tunnel => tunnel with { Ipsec = tunnel.Ipsec with { Proposal = tunnel.Ipsec.Proposal with { PfsGroup = null } } },
            ["ESP lifetime"] = tunnel => tunnel with { Ipsec = tunnel.Ipsec with { Lifetime = new Lifetime(3599) } },
            ["peer"] = tunnel => tunnel with { RemoteOutside = Ipv4Address.Parse("198.51.100.9") },
            ["local identity"] = tunnel => tunnel with { LocalIdentity = "192.0.2.78" },
            ["remote identity"] = tunnel => tunnel with { RemoteIdentity = "198.51.100.9" },
            ["DPD interval"] = tunnel => tunnel with { DeadPeerDetection = new DeadPeerDetection(11, 3) },
            ["DPD retries"] = tunnel => tunnel with { DeadPeerDetection = new DeadPeerDetection(10, 4) },
        };
        var names = changes.ToDictionary(change => change.Key, change => KeyName(customer.WithTunnel(1, change.Value), Kernel));
        names["outside address"] = KeyName(customer, Kernel, "10.0.0.6");
        names["role"] = KeyName(customer with { Role = GatewayRole.Responder }, Kernel);
        names["plane"] = KeyName(customer, Userspace);
        names["slot"] = KeyName(customer, Second);
        Assert.Equal(names.Count, names.Values.Distinct().Count());
        Assert.Equal(names["nothing"], KeyName(Samples.Customer(), Kernel));
        Assert.All(names.Values, name => Assert.StartsWith(TunnelSecurity.KeyNamePrefix(Samples.Name(1)), name, StringComparison.Ordinal));
    }

    [Fact]
    public void The_keys_name_holds_no_part_of_the_key() => Prop.ForAll(RandomGateways.Connections(), connection =>
    {
        var desired = CustomerGateway.Desire(connection, new CustomerOptions());
        foreach (var tunnel in desired.Tunnels)
        {
            var tail = KeyName(desired, Kernel, number: tunnel.Number)[TunnelSecurity.KeyNamePrefix(Samples.Name(tunnel.Number, desired.Id)).Length..];
            Assert.Matches("^[0-9a-f]{12}$", tail);
            var key = tunnel.Ike.PreSharedKey!.Reveal();
            for (var i = 0; i + 5 <= key.Length; i++) Assert.DoesNotContain(key.Substring(i, 5), tail, StringComparison.OrdinalIgnoreCase);
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(100).WithQuietOnSuccess(true));

    [Fact]
    public void Only_the_peer_owns_the_key()
    {
        var tunnel = Samples.Customer().Tunnels[0];
        var message = TunnelSecurity.Key(tunnel, "name");
        Assert.Equal(["198.51.100.1"], message.GetList("owners"));
        Assert.Equal("IKE", message.GetText("type"));
        Assert.Equal("name", message.GetText("id"));
        Assert.Equal("Secret.Words_1.NobodyKnows", message.GetText("data"));
        Assert.DoesNotContain("NobodyKnows", message.ToString(), StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => TunnelSecurity.Key(tunnel with { Ike = tunnel.Ike with { PreSharedKey = null } }, "name"));
    }

    private static ViciSection Settings(DesiredConnection connection, CharonInstance instance, int number = 1, string outside = "10.0.0.5")
    {
        var tunnel = connection.Tunnels.First(candidate => candidate.Number == number);
        var message = TunnelSecurity.Connection(connection, tunnel, instance, Ipv4Address.Parse(outside));
        var (name, settings) = Assert.Single(message.Sections);
        Assert.Equal(Samples.Name(number, connection.Id), name);
        return settings;
    }

    private static ViciSection Child(ViciSection settings) => Assert.Single(settings.GetSection("children")!.Sections).Value;

    private static string KeyName(DesiredConnection connection, CharonInstance instance, string outside = "10.0.0.5", int number = 1)
    {
        var tunnel = connection.Tunnels.First(candidate => candidate.Number == number);
        return TunnelSecurity.KeyName(tunnel, TunnelSecurity.Connection(connection, tunnel, instance, Ipv4Address.Parse(outside)));
    }
}
