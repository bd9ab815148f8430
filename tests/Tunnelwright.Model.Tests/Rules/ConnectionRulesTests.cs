namespace Tunnelwright.Model.Tests;

public sealed class ConnectionRulesTests
{
    public static TheoryData<string> CaseNames => [.. RuleCases.All.Select(c => c.Name)];

    [Fact]
    public void A_sound_connection_has_no_problem()
    {
        foreach (var profile in new[] { Samples.OutSystems, Samples.Aws })
        {
            Assert.Empty(ConnectionRules.Check(Samples.Bgp(), profile));
            Assert.Empty(ConnectionRules.Check(Samples.Static(), profile));
        }
    }

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void What_is_broken_is_found_and_named(string name)
    {
        var c = RuleCases.All.Single(candidate => candidate.Name == name);
        var problems = ConnectionRules.Check(c.Connection, Samples.OutSystems);
        Assert.Contains(
            problems,
            p => p.Severity == c.Severity && p.Cause == c.Cause && p.Tunnel == c.Tunnel && p.Field == c.Field && p.Message.Contains(c.Says, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_rule_is_broken_by_some_case()
    {
        foreach (var rule in ConnectionRules.All)
        {
            Assert.True(
                RuleCases.All.Any(c => rule.Check(c.Connection, Samples.OutSystems).Any()),
                $"{rule.GetType().Name} is broken by no case.");
        }
    }

    [Fact]
    public void Without_any_one_rule_some_case_goes_unnoticed()
    {
        foreach (var left in ConnectionRules.All)
        {
            var others = ConnectionRules.All.Where(rule => rule != left).ToList();
            Assert.True(
                RuleCases.All.Any(c => !others.SelectMany(rule => rule.Check(c.Connection, Samples.OutSystems)).Any(p => p.Cause == c.Cause && p.Tunnel == c.Tunnel && p.Field == c.Field && p.Message.Contains(c.Says, StringComparison.Ordinal))),
                $"Without {left.GetType().Name} no case goes unnoticed.");
        }
    }

    [Fact]
    public void All_problems_are_reported_together_in_the_order_of_the_rules()
    {
        var broken = Samples.Bgp()
            .With(1, t => t.WithIkeProposal(p => p with { Encryption = EncryptionAlgorithm.TripleDes, Integrity = IntegrityAlgorithm.Md5, Group = new(1) })
                .WithIke(i => i with { Lifetime = new(86400), Mode = IkeMode.Aggressive }))
            .With(2, t => t.WithEsp(p => p with { PfsGroup = null }) with { MtuBytes = 1500, ClearDontFragment = false })
            .With(2, t => t.WithBgp(b => b with { CustomerAsn = new Asn(7224) }));
        var problems = ConnectionRules.Check(broken, Samples.OutSystems);
        Assert.Equal(
            ["1 ike.mode", "1 ike.encryption", "1 ike.integrity", "1 ike.dhGroup", "1 ike.lifetimeSeconds", "2 ipsec.pfsGroup", "2 mtuBytes", "2 clearDf", "2 bgp.customerAsn", "2 bgp.customerAsn"],
            problems.Select(p => $"{p.Tunnel} {p.Field}"));
        Assert.Equal(problems, ConnectionRules.Check(broken, Samples.OutSystems));
    }

    [Fact]
    public void Messages_are_sentences_and_hold_no_key()
    {
        foreach (var c in RuleCases.All)
        {
            var keys = c.Connection.Tunnels.Select(t => t.Ike.PreSharedKey?.Reveal()).OfType<string>().ToList();
            foreach (var problem in ConnectionRules.Check(c.Connection, Samples.OutSystems))
            {
                Assert.True(char.IsUpper(problem.Message[0]) && problem.Message.EndsWith('.'), problem.Message);
                Assert.DoesNotContain(keys, key => problem.Message.Contains(key, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public void Every_cause_is_a_known_one()
    {
        var known = typeof(Causes).GetFields().Select(field => (string)field.GetValue(null)!).ToHashSet();
        foreach (var problem in RuleCases.All.SelectMany(c => ConnectionRules.Check(c.Connection, Samples.OutSystems))) Assert.Contains(problem.Cause, known);
    }

    [Fact]
    public void What_public_files_say_is_no_error()
    {
        var shipped = Samples.Bgp() with
        {
            Tunnels = Samples.Bgp().Tunnels.Select(t => t with
            {
                CustomerOutside = null,
                CloudOutside = Ipv4Address.Parse("72.21.209.193"),
                MssBytes = 1387,
                Ike = new IkeSettings(
                    IkeVersion.V1, AuthenticationMethod.PreSharedKey, new("plain-text-example".Replace('-', '_')), new(EncryptionAlgorithm.Aes128, IntegrityAlgorithm.Sha1, new(2)), new(28800)),
                Ipsec = new(new(EncryptionAlgorithm.Aes128, IntegrityAlgorithm.Sha1, new DhGroup(2)), new(3600)),
                Bgp = t.Bgp! with { CustomerAsn = null, CloudAsn = new(7224) },
            }).ToValueList(),
        };
        var problems = ConnectionRules.Check(shipped, Samples.OutSystems);
        Assert.All(problems, p => Assert.Equal(Severity.Warning, p.Severity));
        Assert.Equal([Causes.PskMismatch, Causes.StalePeerAddress], problems.Select(p => p.Cause));
    }

    [Fact]
    public void The_profile_decides_about_32_bit_numbers()
    {
        Assert.Empty(Check("4200000001", Samples.OutSystems));
        Assert.Empty(Check("4200000001", Samples.Aws));
        Assert.Empty(Check("200000", Samples.Aws));
        Assert.Single(Check("200000", Samples.OutSystems));
        var original = Samples.OutSystems with { Asn = Samples.OutSystems.Asn with { Private32Bit = false } };
        Assert.Contains("must be between 0 and 65535.", Assert.Single(Check("4200000001", original)).Message, StringComparison.Ordinal);

        static IEnumerable<Problem> Check(string asn, RequirementProfile profile) => ConnectionRules
            .Check(Samples.Bgp().With(1, t => t.WithBgp(b => b with { CustomerAsn = Asn.Parse(asn) })).With(2, t => t.WithBgp(b => b with { CustomerAsn = null })), profile);
    }

    [Fact]
    public void Any_connection_of_odd_values_is_checked_without_an_exception()
    {
        var random = new Random(20240501);
        for (var i = 0; i < 2000; i++)
        {
            var connection = Samples.Bgp() with
            {
                Routing = (Routing)random.Next(2),
                Tunnels = Enumerable.Range(0, random.Next(5)).Select(_ => OddTunnel(random)).ToValueList(),
                CustomerRanges = Enumerable.Range(0, random.Next(30)).Select(_ => Cidr.Containing(OddAddress(random), random.Next(33))).ToValueList(),
            };
            foreach (var problem in ConnectionRules.Check(connection, i % 2 == 0 ? Samples.OutSystems : Samples.Aws)) Assert.NotEmpty(problem.Message);
        }
    }

    private static Ipv4Address OddAddress(Random random) => new((uint)random.NextInt64(1L << 32));

    private static Tunnel OddTunnel(Random random) => Samples.Bgp().Tunnels[random.Next(2)] with
    {
        Number = random.Next(-2, 5),
        CustomerOutside = random.Next(3) == 0 ? null : OddAddress(random),
        CloudOutside = OddAddress(random),
        CustomerInside = new(OddAddress(random), random.Next(33)),
        CloudInside = new(OddAddress(random), random.Next(33)),
        Ike = new(
            (IkeVersion)random.Next(1, 3),
            (AuthenticationMethod)random.Next(2),
            random.Next(3) == 0 ? null : PreSharedKey.Generate(8),
            new((EncryptionAlgorithm)random.Next(6), random.Next(2) == 0 ? null : (IntegrityAlgorithm)random.Next(5), new(random.Next(100))),
            new(random.Next()),
            (IkeMode)random.Next(2)),
        Ipsec = new(
            new((EncryptionAlgorithm)random.Next(6), random.Next(2) == 0 ? null : (IntegrityAlgorithm)random.Next(5), random.Next(2) == 0 ? null : new DhGroup(random.Next(100))),
            new(random.Next())),
        DeadPeerDetection = new(random.Next(-5, 100), random.Next(-5, 100)),
        MtuBytes = random.Next(2) == 0 ? null : random.Next(),
        MssBytes = random.Next(2) == 0 ? null : random.Next(int.MinValue, int.MaxValue),
        Bgp = random.Next(2) == 0 ? null : new(random.Next(2) == 0 ? null : new Asn((uint)random.Next()), new((uint)random.Next()), OddAddress(random), random.Next()),
        StaticNextHop = random.Next(2) == 0 ? null : OddAddress(random),
    };
}
