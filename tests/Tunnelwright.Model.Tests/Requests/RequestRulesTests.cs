namespace Tunnelwright.Model.Tests;

public sealed class RequestRulesTests
{
    private static readonly RequirementProfile Profile = RequirementProfile.Load("outsystems");

    private static readonly RequestedConnection Good = new()
    {
        Purpose = "office",
        ContactEmail = "network@customer.example",
        GatewayAddress = "98.80.93.58",
        Routing = Routing.Bgp,
        CustomerAsn = 65000,
        Ranges = ["10.10.1.0/24", "10.10.2.0/24"],
        Device = "generic",
        Parameters = new(2, "aes256", "sha256", 14, 28800, "aes256gcm16", null, 20, 3600),
    };

    private static readonly CustomerSituation Customer = new()
    {
        CloudNetwork = Cidr.Parse("10.8.2.0/24"),
        CloudAsn = new Asn(64512),
        Others = [new ExistingConnection(Ipv4Address.Parse("98.80.93.1"), new Asn(65001), [Cidr.Parse("10.20.0.0/16")])],
        ConnectionLimit = 5,
        RouteLimit = 20,
        Devices = ["generic", "swanctl"],
    };

    public static TheoryData<string, string> Texts => new()
    {
        { "address 10.0.0.1", "10.0.0.1 is not a valid public IP address." },
        { "address 100.64.0.1", "100.64.0.1 is not a valid public IP address." },
        { "address 127.0.0.1", "127.0.0.1 is not a valid public IP address." },
        { "address 169.254.1.1", "169.254.1.1 is not a valid public IP address." },
        { "address 224.0.0.5", "224.0.0.5 is not a valid public IP address." },
        { "address 203.0.113.2", "203.0.113.2 is not a valid public IP address." },
        { "address 250.1.1.1", "250.1.1.1 is not a valid public IP address." },
        { "address 1.2.3", "1.2.3 is not a valid public IP address." },
        { "address 98.80.93.1", "A VPN already exists in this infrastructure with the public IP address 98.80.93.1." },
        { "range 10.10.1.5/24", "The route 10.10.1.5/24 must have a valid IP range, for example 10.10.1.0/24" },
        { "range 10.10.1.0", "The route 10.10.1.0 must have a valid IP range, for example 10.10.1.0/24" },
        { "range 0.0.0.0/0", "0.0.0.0/0 is not a valid IP range for VPN routes." },
        { "range 10.20.3.0/24", "The route inserted cannot be added to the VPN static routes since it will overlap with the IP range 10.20.0.0/16, added before." },
        { "range 10.8.0.0/16", "The IP range for the VPN Route 10.8.0.0/16 overlaps the reserved private IP range 10.8.2.0/24." },
        { "range 169.254.0.0/16", "The IP range for the VPN Route 169.254.0.0/16 overlaps the reserved private IP range 169.254.0.0/16." },
        { "asn 70000", "The chosen ASN value 70000 is invalid. The ASN value must be between 0 and 65535." },
        { "asn -1", "The chosen ASN value -1 is invalid. The ASN value must be between 0 and 65535." },
        { "asn 65001", "The chosen ASN value 65001 is already in use." },
        { "asn 23456", "The chosen ASN value 23456, can't be used because it is a reserved value." },
        { "asn 0", "The chosen ASN value 0, can't be used because it is a reserved value." },
        { "asn 7224", "The chosen ASN value 7224 is reserved by Amazon." },
        { "mail nobody", "nobody is not a valid e-mail address." },
        { "device abacus", "abacus is not a device of the list; generic serves every device." },
    };

    [Fact]
    public void A_request_as_it_should_be_has_no_fault() => Assert.Empty(RequestRules.Check(Good, Customer, Profile));

    [Theory]
    [InlineData(4_200_000_000)]
    [InlineData(64512 + 5)]
    public void Private_AS_numbers_are_taken(long asn) => Assert.Empty(RequestRules.Check(Good with { CustomerAsn = asn }, Customer, Profile));

    [Theory]
    [MemberData(nameof(Texts))]
    public void Each_fault_is_told_in_the_exact_words(string change, string text)
    {
        var (what, value) = (change.Split(' ')[0], change.Split(' ')[1]);
        var request = what switch
        {
            "address" => Good with { GatewayAddress = value },
            "range" => Good with { Ranges = [value] },
            "asn" => Good with { CustomerAsn = long.Parse(value) },
            "mail" => Good with { ContactEmail = value },
            _ => Good with { Device = value },
        };
        Assert.Equal([text], RequestRules.Check(request, Customer, Profile).Select(fault => fault.Message));
    }

    [Fact]
    public void Limits_and_states_of_the_customer_are_told_in_the_exact_words()
    {
        var full = Customer with
        {
            TransitGateway = true,
            ChangeInProgress = true,
            ConnectionLimit = 1,
            RouteLimit = 2,
        };
        Assert.Equal(
            [
                "This infrastructure is already connected to a Transit Gateway. It's not possible to create a VPN.",
                "Maximum number of VPNs has been reached.",
                "It's not possible to create the VPN connection now. Please try again later.",
                "It is not possible to add 2 routes. The maximum number of routes is 2 and there are only 1 available.",
            ],
            RequestRules.Check(Good, full, Profile).Select(fault => fault.Message));
    }

    [Fact]
    public void All_faults_are_told_together()
    {
        var faults = RequestRules.Check(
            new RequestedConnection { GatewayAddress = "10.0.0.1", ContactEmail = "", Routing = Routing.Bgp, CustomerAsn = 7224, Ranges = ["x", "0.0.0.0/0", "10.20.0.0/24", "10.8.2.0/25"] },
            Customer,
            Profile);
        Assert.Equal(
            ["contact-email", "gateway-address", "route-shape", "default-route", "route-overlap", "cloud-overlap", "asn-own"],
            faults.Select(fault => fault.Code));
        Assert.Equal(["ranges[0]", "ranges[1]", "ranges[2]", "ranges[3]"], faults.Select(fault => fault.Field).Where(field => field!.StartsWith("ranges")));
    }

    [Fact]
    public void Ranges_of_one_request_do_not_overlap_each_other() =>
        Assert.Equal(("ranges[1]", "route-overlap"), RequestRules.CheckRanges(Good with { Ranges = ["10.1.0.0/16", "10.1.2.0/24"] }, Customer, Profile).Select(fault => (fault.Field, fault.Code)).Single());

    [Fact]
    public void Documentation_addresses_are_public_in_a_lab() =>
        Assert.Empty(RequestRules.Check(Good with { GatewayAddress = "203.0.113.2" }, Customer with { TakesDocumentationAddresses = true }, Profile));

    [Fact]
    public void Parameters_that_the_provider_does_not_take_are_named_by_their_fields()
    {
        var asked = Good.Parameters! with { IkeGroup = 1, IkeLifetimeSeconds = 60, PfsGroup = 26, EspLifetimeSeconds = 30000 };
        var fields = RequestRules.Check(Good with { Parameters = asked }, Customer, Profile).Select(fault => fault.Field).Distinct();
        Assert.Equal(["ike.dhGroup", "ike.lifetimeSeconds", "ipsec.lifetimeSeconds", "ipsec.pfsGroup"], fields.Order());
    }

    [Theory]
    [InlineData("aes256gcm16", "sha256")]
    [InlineData("aes256", null)]
    public void Integrity_stands_beside_CBC_only(string encryption, string? integrity) =>
        Assert.Equal("ipsec.integrity", RequestRules.Check(Good with { Parameters = Good.Parameters! with { EspEncryption = encryption, EspIntegrity = integrity } }, Customer, Profile).Single().Field);

    [Theory]
    [InlineData("a@b.example", true)]
    [InlineData("first.last+vpn@sub.customer.example", true)]
    [InlineData("a@b", false)]
    [InlineData("a..b@c.example", false)]
    [InlineData("a@b.example\r\nBcc: c@d.example", false)]
    [InlineData("a b@c.example", false)]
    [InlineData("a@-b.example", false)]
    [InlineData("a@1.2.3.4", false)]
    public void Mail_addresses(string text, bool valid) => Assert.Equal(valid, MailAddress.IsValid(text));
}
