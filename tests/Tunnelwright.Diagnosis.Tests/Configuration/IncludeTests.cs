using System.Text;

namespace Tunnelwright.Diagnosis.Tests;

/// <summary>Configuration that is spread over files, read where it stands.</summary>
public sealed class IncludeTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("tunnelwright-include").FullName;
    private readonly DeviceConfiguration _configuration = new();
    private readonly EvidenceStore _evidence = new();
    private readonly ConfigurationFolder _folder = new();

    private ConfigurationFaults Faults => new(_evidence, new Secrets());

    [Fact]
    public void Swanctl_conf_is_read_with_the_files_that_it_includes_each_with_its_own_lines()
    {
        Write("swanctl.conf", "include conf.d/*.conf\nconnections {\n  include extra.inc\n}\n");
        Write("conf.d/b.conf", "connections {\n  second {\n    remote_addrs = 192.0.2.2\n  }\n}\n");
        Write("conf.d/a.conf", "connections {\n  first {\n    remote_addrs = 192.0.2.1\n    children { net { remote_ts = 10.8.2.0/24 } }\n  }\n}\nsecrets {\n  ike-1 {\n    id = 192.0.2.1\n    secret = \"some.key\"\n  }\n}\n");
        Write("conf.d/.hidden.conf", "nonsense\n");
        Write("conf.d/left.alone", "nonsense\n");
        Write("extra.inc", "third { remote_addrs = 192.0.2.3\n }\n");
        Swanctl("swanctl.conf");
        Assert.Equal(
            [("first", At("conf.d/a.conf"), 3, "192.0.2.1"), ("second", At("conf.d/b.conf"), 3, "192.0.2.2"), ("third", At("extra.inc"), 1, "192.0.2.3")],
            _configuration.Connections.Select(connection => (connection.Name, connection.Source, connection.Remote!.Value.Line, connection.Remote.Value.Text)));
        Assert.Equal("10.8.2.0/24", Assert.Single(_configuration.Connections[0].RemoteSelectors).Text);
        Assert.Equal((At("conf.d/a.conf"), 10), (Assert.Single(_configuration.Keys).Source, _configuration.Keys[0].Line));
        Assert.Empty(_evidence.ConfigurationFaults);
        Assert.Equal([At("swanctl.conf"), At("conf.d/a.conf"), At("conf.d/b.conf"), At("extra.inc")], _folder.Files);
    }

    [Fact]
    public void A_fault_in_an_included_file_is_told_with_its_place()
    {
        Write("swanctl.conf", "include conf.d/*.conf\n");
        Write("conf.d/a.conf", "connections {\n  first {\n    remote_adrs = 192.0.2.1\n");
        Swanctl("swanctl.conf");
        Assert.Equal([3L, 1L, 2L], _evidence.ConfigurationFaults.Select(fault => fault.Line!.Value));
        Assert.All(_evidence.ConfigurationFaults, fault => Assert.Equal((At("conf.d/a.conf"), Model.Causes.ConfigSyntax), (fault.Source, fault.Cause)));
    }

    [Fact]
    public void A_file_that_includes_itself_ends()
    {
        Write("swanctl.conf", "include swanctl.conf\nconnections { one { remote_addrs = 192.0.2.1\n } }\ninclude other.conf\n");
        Write("other.conf", "include swanctl.conf\n");
        Swanctl("swanctl.conf");
        Assert.True(_configuration.Connections.Count is > 0 and < 10, $"{_configuration.Connections.Count}");
    }

    [Fact]
    public void Ipsec_conf_takes_defaults_of_an_included_file_and_tells_its_own_line()
    {
        Write("ipsec.conf", "include defaults.conf\nconn one\n  left=203.0.113.2\n  right=192.0.2.1\n");
        Write("defaults.conf", "conn %default\n  keyexchange=ikev2\n\n\n\n  ike=aes256-sha256-modp2048!\nconn other\n  left=203.0.113.2\n  right=192.0.2.9\n");
        Write("ipsec.secrets", "include more.secrets\n");
        Write("more.secrets", "203.0.113.2 192.0.2.1 : PSK \"some.key\"\n");
        new IpsecConfReader(At("ipsec.conf"), _configuration, Faults, _folder).Read(_folder.Read(At("ipsec.conf"))!);
        new IpsecConfReader(At("ipsec.secrets"), _configuration, Faults, _folder).ReadSecrets(_folder.Read(At("ipsec.secrets"))!);
        var one = Assert.Single(_configuration.Connections, connection => connection.Name == "one");
        Assert.Equal((At("ipsec.conf"), 2, "aes256-sha256-modp2048!"), (one.Source, one.IkeProposals!.Value.Line, one.IkeProposals.Value.Text));
        var other = Assert.Single(_configuration.Connections, connection => connection.Name == "other");
        Assert.Equal((At("defaults.conf"), 6), (other.Source, other.IkeProposals!.Value.Line));
        Assert.Equal(At("more.secrets"), Assert.Single(_configuration.Keys).Source);
    }

    [Fact]
    public void Strongswan_conf_says_where_charon_listens_and_writes()
    {
        Write("strongswan.conf", "charon {\n  port = 1500\n  filelog {\n    /var/log/old.log {\n      default = 1\n    }\n  }\n  include charon/*.conf\n}\ninclude logging.conf\n");
        Write("charon/vici.conf", "plugins {\n  vici {\n    socket = unix:///run/other.vici\n  }\n}\n");
        Write("logging.conf", "charon-systemd { filelog { main { path = /var/log/new.log\n } } }\n");
        var conf = StrongswanConf.Read(At("strongswan.conf"), _folder);
        Assert.Equal(("/run/other.vici", 1500, 4500), (conf.ViciSocket, conf.IkePort, conf.NatPort));
        Assert.Equal(["/var/log/new.log", "/var/log/old.log"], conf.LogFiles.Order());
        Assert.Null(StrongswanConf.Read(At("none.conf"), _folder).ViciSocket);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Any_bytes_end_in_a_configuration(int seed)
    {
        var random = new Random(seed);
        const string alphabet = "charon{}filelog=/.*? include#\"\n\tconn secrets:PSK ab12";
        for (var round = 0; round < 400; round++)
        {
            var text = new StringBuilder();
            for (var length = random.Next(300); length > 0; length--) text.Append(alphabet[random.Next(alphabet.Length)]);
            Write("fuzz.conf", text.ToString());
            var folder = new ConfigurationFolder();
            Assert.NotNull(StrongswanConf.Read(At("fuzz.conf"), folder).LogFiles);
            new SwanctlReader(At("fuzz.conf"), new DeviceConfiguration(), Faults, folder).Read(text.ToString());
            new IpsecConfReader(At("fuzz.conf"), new DeviceConfiguration(), Faults, folder).Read(text.ToString());
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string At(string name) => Path.Combine(_root, name);

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), text);
    }

    private void Swanctl(string name) => new SwanctlReader(At(name), _configuration, Faults, _folder).Read(_folder.Read(At(name))!);
}
