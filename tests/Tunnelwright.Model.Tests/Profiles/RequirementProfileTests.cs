using System.Text;
using System.Text.Json.Nodes;

namespace Tunnelwright.Model.Tests;

public sealed class RequirementProfileTests
{
    public static TheoryData<string> Names => [.. RequirementProfile.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_services_numbers_are_in_the_profile(string name)
    {
        var p = RequirementProfile.Load(name);
        Assert.Equal([1, 2], p.Ike.Versions.Select(version => (int)version));
        Assert.Equal([IkeMode.Main], p.Ike.Modes);
        Assert.Equal(["aes128", "aes256", "aes128gcm16", "aes256gcm16"], p.Ike.Encryption.Select(a => a.Name()));
        Assert.Equal(["sha1", "sha256", "sha384", "sha512"], p.Ipsec.Integrity.Select(a => a.Name()));
        Assert.Equal(new Bounds(900, 28800, 28800), p.Ike.LifetimeSeconds);
        Assert.Equal(new Bounds(900, 3600, 3600), p.Ipsec.LifetimeSeconds);
        Assert.Equal(new Bounds(64, 2048, 1024), p.Ipsec.ReplayWindowPackets);
        Assert.Equal([2, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24], p.Ike.Groups.Select(g => g.Number));
        Assert.Equal([2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24], p.Ipsec.PfsGroups.Select(g => g.Number));
        Assert.Equal(["aes128", "aes256", "aes128gcm16", "aes256gcm16"], p.Ipsec.Encryption.Select(a => a.Name()));
        Assert.Equal(["sha1", "sha256", "sha384", "sha512"], p.Ike.Integrity.Select(a => a.Name()));
        Assert.Equal(new Bounds(8, 64, 32), p.PreSharedKey.Characters);
        Assert.Equal((60, 270, 3060), (p.Rekey.MinimumMarginSeconds, p.Rekey.DefaultMarginSeconds, p.Rekey.SixtyMinuteDropLifetimeSeconds));
        Assert.Equal(new Bounds(0, 100, 100), p.Rekey.FuzzPercent);
        Assert.Equal((10, 3, 30, 30, "clear"), (p.DeadPeerDetection.IntervalSeconds, p.DeadPeerDetection.Retries, p.DeadPeerDetection.MinimumTimeoutSeconds, p.DeadPeerDetection.DefaultTimeoutSeconds, p.DeadPeerDetection.DefaultAction));
        Assert.Equal((30, 100, 1000), (p.Bgp.HoldSeconds, p.Bgp.VirtualGatewayPrefixes, p.Bgp.TransitGatewayPrefixes));
        Assert.Equal(["clear", "restart", "none"], p.DeadPeerDetection.Actions);
        Assert.Equal(
            ["169.254.0.0/30", "169.254.1.0/30", "169.254.2.0/30", "169.254.3.0/30", "169.254.4.0/30", "169.254.5.0/30", "169.254.169.252/30"],
            p.Inside.Forbidden.Select(network => network.ToString()));
        Assert.Equal(("169.254.0.0/16", 30), (p.Inside.Range.ToString(), p.Inside.PrefixLength));
        Assert.Equal(("._", "0"), (p.PreSharedKey.Punctuation, p.PreSharedKey.NotFirst));
        Assert.Equal(["add", "start"], p.StartupActions);
        Assert.Equal(("add", "Amazon", 2), (p.DefaultStartupAction, p.Provider, p.Tunnels));
        Assert.All((uint[])[7224, 9059, 10124, 17493], own => Assert.True(p.Asn.IsOwn(new Asn(own))));
    }

    [Fact]
    public void The_services_differ_in_the_limits_of_a_customer_and_in_the_width_of_AS_numbers()
    {
        Assert.Equal((new CustomerLimits(20, 5), 16), (Samples.OutSystems.Limits, Samples.OutSystems.Asn.Bits));
        Assert.Equal(32, Samples.Aws.Asn.Bits);
        Assert.All([Samples.OutSystems, Samples.Aws], p => Assert.True(p.Asn.IsInRange(new Asn(4_200_000_000))));
    }

    [Fact]
    public void Every_name_loads_and_case_does_not_count()
    {
        foreach (var name in RequirementProfile.Names)
        {
            Assert.Equal(name, RequirementProfile.Load(name).Name);
            Assert.Equal(name, RequirementProfile.Load(name.ToUpperInvariant()).Name);
        }

        Assert.Equal("outsystems", RequirementProfile.Default.Name);
    }

    [Fact]
    public void An_unknown_name_lists_the_known_ones()
    {
        var error = Assert.Throws<ProfileException>(() => RequirementProfile.Load("azure"));
        Assert.Contains("'azure'", error.Message, StringComparison.Ordinal);
        Assert.Contains("outsystems, aws", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tunnels", "3", "tunnels")]
    [InlineData("ike.lifetimeSeconds.minimum", "99999", "ike.lifetimeSeconds")]
    [InlineData("ike.encryption", "[\"rot13\"]", "'rot13'")]
    [InlineData("ike.encryption", "[]", "ike.encryption must not be empty")]
    [InlineData("ike.groups", "[2, 2]", "twice")]
    [InlineData("ike.versions", "[4]", "'4'")]
    [InlineData("inside.forbidden", "[\"10.0.0.0/30\"]", "unlike 10.0.0.0/30")]
    [InlineData("inside.range", "\"169.254.0.1/16\"", "inside.range")]
    [InlineData("asn.reserved", "[\"9-1\"]", "'9-1'")]
    [InlineData("asn.bits", "24", "16 or 32")]
    [InlineData("rekey.defaultMarginSeconds", "1801", "half of phase 2")]
    [InlineData("bgp.holdSeconds", "2", "RFC 4271")]
    [InlineData("deadPeerDetection.defaultAction", "\"explode\"", "one of the actions")]
    [InlineData("preSharedKey.punctuation", "\"a\"", "preSharedKey.punctuation")]
    [InlineData("limits.routesPerCustomer", "0", "limits")]
    [InlineData("limits.routesPerCustomer", "\"many\"", "limits.routesPerCustomer must be a whole number")]
    [InlineData("colour", "1", "colour")]
    [InlineData("ike", "null", "ike")]
    public void A_wrong_value_is_named(string path, string value, string says)
    {
        var document = JsonNode.Parse(Read("outsystems"))!;
        var steps = path.Split('.');
        var node = document;
        foreach (var step in steps[..^1]) node = node[step]!;
        node[steps[^1]] = JsonNode.Parse(value);
        var error = Assert.Throws<ProfileException>(() => RequirementProfile.Parse(Encoding.UTF8.GetBytes(document.ToJsonString())));
        Assert.Contains(says, error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Every_missing_field_is_an_error()
    {
        foreach (var name in JsonNode.Parse(Read("aws"))!.AsObject().Select(pair => pair.Key))
        {
            var document = JsonNode.Parse(Read("aws"))!.AsObject();
            document.Remove(name);
            Assert.Throws<ProfileException>(() => RequirementProfile.Parse(Encoding.UTF8.GetBytes(document.ToJsonString())));
        }
    }

    [Fact]
    public void All_wrong_values_are_named_together()
    {
        var document = JsonNode.Parse(Read("outsystems"))!;
        document["tunnels"] = 0;
        document["bgp"]!["holdSeconds"] = 1;
        var error = Assert.Throws<ProfileException>(() => RequirementProfile.Parse(Encoding.UTF8.GetBytes(document.ToJsonString())));
        Assert.Contains("tunnels", error.Message, StringComparison.Ordinal);
        Assert.Contains("bgp.holdSeconds", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_bytes_are_a_profile_or_one_clear_error()
    {
        var random = new Random(7);
        var good = Encoding.UTF8.GetBytes(Read("outsystems"));
        for (var i = 0; i < 3000; i++)
        {
            var bytes = good.AsSpan().ToArray();
            for (var change = 0; change <= random.Next(3); change++) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var length = random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length;
            try
            {
                Assert.NotNull(RequirementProfile.Parse(bytes.AsSpan(0, length)));
            }
            catch (ProfileException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }
    }

    private static string Read(string name)
    {
        using var stream = typeof(RequirementProfile).Assembly.GetManifestResourceStream($"Tunnelwright.Model.Profiles.{name}.json")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
