using System.Text.Json;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cli.Tests;

/// <summary>The service's client for connections: exit codes, all problems, no secret, one JSON document.</summary>
public sealed class VpnTests
{
    private const string Id = "vpn-0123456789abcdef0";
    private const string Key = "SecretKeySecretKeySecretKey12345";

    private static readonly string Connections = Paths.Connections(ContractService.Customer);
    private static readonly string One = Paths.Connection(ContractService.Customer, Id);

    [Theory]
    [InlineData("vpn")]
    [InlineData("vpn", "list", "--no-such-option")]
    [InlineData("vpn", "show")]
    [InlineData("vpn", "show", "../../etc/passwd")]
    [InlineData("vpn", "update", Id)]
    [InlineData("vpn", "replace-endpoint", Id, "--tunnel", "3")]
    [InlineData("vpn", "create", "--asn", "sixty", "--cloud", "http://127.0.0.1:1", "--token", "/dev/null")]
    [InlineData("vpn", "list", "--cloud", "not an address", "--token", "/dev/null")]
    [InlineData("vpn", "list", "--cloud", "http://127.0.0.1:1", "--token", "/nonexistent/token")]
    [InlineData("vpn", "tokens", "add", "automation")]
    public void A_wrong_call_is_2(params string[] arguments) => Tool.AssertRefused(Tool.Execute(arguments), 2);

    [Fact]
    public void A_service_that_does_not_answer_is_3()
    {
        using var service = new ContractService();
        var run = Tool.Execute("vpn", "list", "--cloud", "http://127.0.0.1:1", "--token", service.TokenFile, "--customer", ContractService.Customer);
        Tool.AssertRefused(run, 3);
        Assert.Contains("does not answer", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(ContractService.Token, run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_of_a_request_are_told_a_line_each()
    {
        using var service = new ContractService().On("POST", Connections, ContractService.Refusal(
            422,
            new RequestProblem("address", "gatewayAddress", "10.0.0.1 is not a valid public IP address."),
            new RequestProblem("route", "ranges[0]", "The route 10.1.0.1/24 must have a valid IP range, for example 10.10.1.0/24"),
            new RequestProblem("maximum", null, "Maximum number of VPNs has been reached.")));
        var run = service.Vpn("create", "--gateway-address", "10.0.0.1", "--range", "10.1.0.1/24,10.2.0.0/16", "--asn", "65000", "--routing", "bgp");
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Equal(
            [
                "error: gatewayAddress: 10.0.0.1 is not a valid public IP address.",
                "error: ranges[0]: The route 10.1.0.1/24 must have a valid IP range, for example 10.10.1.0/24",
                "error: Maximum number of VPNs has been reached.",
            ],
            run.ErrorLines);
        var asked = Assert.Single(service.Requests);
        var request = JsonSerializer.Deserialize(asked.Body, CloudJson.Default.ConnectionRequest)!;
        Assert.Equal((RoutingKind.Bgp, 65000L, "10.0.0.1"), (request.Routing, request.CustomerAsn, request.GatewayAddress));
        Assert.Equal(["10.1.0.1/24", "10.2.0.0/16"], request.Ranges);
        Assert.Equal(32, asked.Key?.Length);
    }

    [Fact]
    public void Phase_1_and_2_are_asked_for_and_what_is_not_given_is_the_services_default()
    {
        using var service = new ContractService().On("POST", Connections, ContractService.Refusal(422));
        (IkeParameters? Ike, IpsecParameters? Ipsec) Asked(params string[] options)
        {
            Assert.Equal(1, service.Vpn(["create", .. options]).ExitCode);
            var request = JsonSerializer.Deserialize(service.Requests[^1].Body, CloudJson.Default.ConnectionRequest)!;
            return (request.Ike, request.Ipsec);
        }

        Assert.Equal((null, null), Asked());
        Assert.Equal((new IkeParameters(1), null), Asked("--ike", "1"));
        Assert.Equal(
            (new IkeParameters(2, "aes256gcm16", null, 20, 3600), new IpsecParameters("aes128", "sha1", 19, 900)),
            Asked("--ike-encryption", "aes256gcm16", "--ike-group", "20", "--ike-lifetime", "3600", "--ipsec-encryption", "aes128", "--ipsec-integrity", "sha1", "--pfs-group", "19", "--ipsec-lifetime", "900"));
        Assert.Equal((null, new IpsecParameters(Integrity: null)), Asked("--ipsec-integrity", "none"));
        Tool.AssertRefused(service.Vpn("create", "--ike-group", "many"), 2);
    }

    [Theory]
    [InlineData(401, "the token is unknown")]
    [InlineData(403, "the token's role")]
    [InlineData(404, "shows")]
    [InlineData(409, null)]
    public void A_refusal_is_1_with_what_helps(int status, string? hint)
    {
        using var service = new ContractService().On("GET", One, ContractService.Refusal(status));
        var run = service.Vpn("show", Id);
        Tool.AssertRefused(run, 1);
        Assert.Equal("error: It is refused.", run.ErrorLines[0]);
        Assert.Equal(hint is null ? 1 : 2, run.ErrorLines.Count);
        if (hint is not null) Assert.Contains(hint, run.ErrorLines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_that_is_no_document_is_told_without_its_text()
    {
        using var service = new ContractService().On("GET", One, new Given(200, $$"""{"preSharedKey":"{{Key}}"}"""));
        var run = service.Vpn("show", Id);
        Assert.NotEqual(0, run.ExitCode);
        Tool.AssertOneError(run);
        Assert.DoesNotContain(Key, run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_page_of_a_list_is_printed_as_lines_or_as_one_document()
    {
        using var service = new ContractService().On("GET", Connections, asked => ContractService.Json(
            asked.Path.Contains("cursor=two", StringComparison.Ordinal) ? new Page<Connection>([Sample() with { Id = "vpn-2" }], null) : new Page<Connection>([Sample() with { Purpose = "of\u001b[31mfice" }], "two"), CloudJson.Default.PageConnection));
        var lines = service.Vpn("list");
        Assert.Equal((0, ""), (lines.ExitCode, lines.Errors));
        Assert.Equal(2, lines.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.DoesNotContain('\u001b', lines.Output);
        using var json = JsonDocument.Parse(service.Vpn("list", "--json").Output);
        Assert.Equal([Id, "vpn-2"], json.RootElement.GetProperty("connections").EnumerateArray().Select(one => one.GetProperty("id").GetString()));
    }

    [Fact]
    public void A_connection_is_shown_with_what_its_nodes_see()
    {
        using var service = new ContractService().On("GET", One, ContractService.Json(Sample(), CloudJson.Default.Connection));
        var run = service.Vpn("show", Id);
        Assert.Equal(0, run.ExitCode);
        foreach (var text in new[] { "198.51.100.1, inside 169.254.10.0/30, zone-a, up", "established, 1 in, 1 out, 3 refused", "company.local from 10.1.0.53:53, 10.1.0.54:53 (does not answer)", "last down 2026-01-02T03:04:05Z: psk-mismatch" })
            Assert.Contains(text, run.Output, StringComparison.Ordinal);
        var again = JsonSerializer.Deserialize(service.Vpn("show", Id, "--json").Output, CloudJson.Default.Connection)!;
        Assert.Equal((Id, 3), (again.Id, again.Tunnels[0].Observed!.Bgp!.PrefixesRefused));
    }

    [Fact]
    public void A_file_is_kept_for_its_owner_alone_and_its_keys_are_not_told()
    {
        var folder = Directory.CreateTempSubdirectory("tw-vpn-");
        try
        {
            File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_111_111);
            var target = Path.Combine(folder.FullName, "vpn.txt");
            using var service = new ContractService().On("GET", $"{One}/file", new Given(200, $"Pre-Shared Key : {Key}\n", "text/plain", "../../evil.txt"));
            var run = service.Vpn("download", Id, "--device", "swanctl", "--out", target);
            Assert.Equal((0, ""), (run.ExitCode, run.Output));
            Assert.DoesNotContain(Key, run.Errors, StringComparison.Ordinal);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(target));
            Assert.Contains(Key, File.ReadAllText(target), StringComparison.Ordinal);
            Assert.EndsWith("?device=swanctl", Assert.Single(service.Requests).Path, StringComparison.Ordinal);
            Assert.Contains(Key, service.Vpn("download", Id, "--out", "-").Output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Waiting_ends_when_it_is_done_and_with_1_when_it_is_not_in_time()
    {
        var looks = 0;
        var waiting = Sample() with { State = ConnectionState.Programming };
        using var service = new ContractService()
            .On("POST", Connections, ContractService.Json(waiting, CloudJson.Default.Connection, 201))
            .On("GET", One, _ => ContractService.Json(++looks < 3 ? waiting : Sample(), CloudJson.Default.Connection))
            .On("DELETE", One, ContractService.Json(Sample() with { State = ConnectionState.Deleting }, CloudJson.Default.Connection, 202));
        Assert.Equal(0, service.Vpn("create", "--wait", "30").ExitCode);
        Assert.Equal(3, looks);
        looks = -1000;
        Tool.AssertRefused(service.Vpn("create", "--wait", "0.5"), 1);
        service.On("GET", One, ContractService.Refusal(404));
        var gone = service.Vpn("delete", Id, "--wait", "30");
        Assert.Equal(0, gone.ExitCode);
        Assert.Contains($"{Id} is gone", gone.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rotate-keys", "rotate-keys")]
    [InlineData("rotate-keys --confirm", "rotate-keys/confirm")]
    [InlineData("replace-endpoint --tunnel 2", "tunnels/2/replace-endpoint")]
    public void What_is_done_to_a_connection_is_asked_for_once(string command, string path)
    {
        using var service = new ContractService().On("POST", $"{One}/{path}", ContractService.Json(Sample(), CloudJson.Default.Connection, 202));
        var words = command.Split(' ');
        var run = service.Vpn([words[0], Id, .. words[1..]]);
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Equal(32, Assert.Single(service.Requests).Key?.Length);
    }

    [Fact]
    public void A_request_can_be_checked_without_asking_for_anything()
    {
        using var service = new ContractService().On("POST", $"{Connections}/check", new Given(204));
        Assert.Equal(0, service.Vpn("create", "--check", "--gateway-address", "203.0.113.2").ExitCode);
        service.On("POST", $"{Connections}/check", ContractService.Refusal(422, new RequestProblem("x", null, "one"), new RequestProblem("y", null, "two")));
        var run = service.Vpn("create", "--check");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(["error: one", "error: two"], run.ErrorLines);
        Assert.All(service.Requests, asked => Assert.EndsWith("/check", asked.Path, StringComparison.Ordinal));
    }

    [Fact]
    public void The_providers_own_token_needs_a_customer()
    {
        using var service = new ContractService(customer: null).On("GET", Connections, ContractService.Json(new Page<Connection>([], null), CloudJson.Default.PageConnection));
        var run = service.Vpn("list");
        Tool.AssertRefused(run, 2);
        Assert.Contains("--customer", run.Errors, StringComparison.Ordinal);
        Assert.Equal(0, service.Vpn("list", "--customer", ContractService.Customer).ExitCode);
        Tool.AssertRefused(service.Vpn("list", "--customer", "../x"), 2);
    }

    private static Connection Sample()
    {
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var seen = new ObservedTunnel(
            TunnelState.Up, at, null, new ObservedChild("aes256-sha256", 1, 2, 3, 4), new ObservedBgp("established", 1, 1, 3), new ObservedDown(at, "psk-mismatch"),
            new ObservedNames("degraded", ["10.8.2.4:53"], [new ObservedDomain("company.local", 1, 0, ["10.1.0.53:53"], ["10.1.0.54:53"])]));
        var text = $$"""
            {"id":"{{Id}}","customerId":"{{ContractService.Customer}}","purpose":"office","contactEmail":"ops@example.com","gatewayAddress":"203.0.113.2","routing":"bgp","customerAsn":65000,"cloudGatewayId":"vgw-1","customerGatewayId":"cgw-1",
             "ranges":["10.1.0.0/16"],"cloudNetwork":"10.8.2.0/24","device":"generic","ike":{"version":2,"encryption":"aes256","integrity":"sha256","dhGroup":14,"lifetimeSeconds":28800},
             "ipsec":{"encryption":"aes256","integrity":"sha256","pfsGroup":14,"lifetimeSeconds":3600},"state":"available","operation":null,"fileReady":true,
             "tunnels":[{"number":1,"cloudAddress":"198.51.100.1","insideNetwork":"169.254.10.0/30","nodeId":"node-1","failureDomain":"zone-a","programmed":true,"keyGeneration":1,"observed":null}],
             "createdAt":"2026-01-02T03:04:05Z","updatedAt":"2026-01-02T03:04:05Z","version":1}
            """;
        var plain = JsonSerializer.Deserialize(text, CloudJson.Default.Connection)!;
        return plain with { Tunnels = [plain.Tunnels[0] with { Observed = seen }] };
    }
}
