using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>What an EC2 gateway that runs this program needs, whichever tool makes it.</summary>
internal static class Ec2Gateway
{
    /// <summary>The file whose text is kept in AWS Secrets Manager.</summary>
    public const string SecretFile = "connection.yaml";

    /// <summary>Where the current image of Debian 12 for 64-bit x86 is named (Debian wiki, Cloud/AmazonEC2Image/Bookworm).</summary>
    public const string ImageParameter = "/aws/service/debian/release/12/latest/amd64";

    /// <summary>The protocols that the security group takes from both endpoints: protocol, port; −1 where there are none.</summary>
    public static IReadOnlyList<(string Protocol, int Port, string Purpose)> Admitted { get; } =
    [
        ("udp", 500, "IKE"),
        ("udp", 4500, "IKE and ESP through NAT"),
        ("50", -1, "ESP"),
        ("51", -1, "AH"),
    ];

    /// <summary>Every algorithm that strongSwan has: the gateway runs it.</summary>
    public static DeviceAlgorithms Algorithms(string device)
    {
        var encryption = Enum.GetValues<EncryptionAlgorithm>().ToDictionary(algorithm => algorithm, algorithm => algorithm.Name());
        var integrity = Enum.GetValues<IntegrityAlgorithm>().ToDictionary(algorithm => algorithm, algorithm => algorithm.Name());
        var groups = Enumerable.Range(1, 31).Where(number => new DhGroup(number).Keyword is not null).ToDictionary(number => number, number => new DhGroup(number).Keyword!);
        return new DeviceAlgorithms(device) { IkeEncryption = encryption, EspEncryption = encryption, IkeIntegrity = integrity, EspIntegrity = integrity, IkeGroups = groups, PfsGroups = groups };
    }

    /// <summary>The name of the secret.</summary>
    public static string SecretName(DeviceConnection connection) => $"tunnelwright/{connection.Name}";

    /// <summary>The lines of the instance's first start: installs the program and its helpers, fetches the connection's file, starts the agent.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="secret">What the tool puts in for the secret's ARN.</param>
    /// <param name="region">What the tool puts in for the region.</param>
    /// <param name="programUrl">What the tool puts in for the program's address.</param>
    /// <param name="programHash">What the tool puts in for the program's SHA-256.</param>
    public static IReadOnlyList<string> UserData(DeviceConnection connection, string secret, string region, string programUrl, string programHash) =>
    [
        "#!/bin/bash",
        "# Nothing here is traced: the secret must not reach the log.",
        "set -euo pipefail",
        "export DEBIAN_FRONTEND=noninteractive",
        "printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d",
        "chmod 755 /usr/sbin/policy-rc.d",
        "apt-get update",
        "apt-get install -y --no-install-recommends iproute2 nftables procps charon-systemd libstrongswan-standard-plugins libcharon-extra-plugins bird2 awscli curl ca-certificates",
        "rm /usr/sbin/policy-rc.d",
        "systemctl disable --now strongswan bird || true",
        $"curl -fsSL --retry 5 -o /usr/bin/tunnelwright '{programUrl}'",
        $"echo '{programHash}  /usr/bin/tunnelwright' | sha256sum --check --quiet",
        "chmod 755 /usr/bin/tunnelwright",
        "install -d -m 0700 /etc/tunnelwright /etc/tunnelwright/connections",
        "umask 077",
        $"aws secretsmanager get-secret-value --region '{region}' --secret-id '{secret}' --query SecretString --output text > /etc/tunnelwright/connections/{connection.Name}.yaml",
        "cat > /etc/systemd/system/tunnelwright.service <<'UNIT'",
        "[Unit]",
        "Description=Tunnelwright VPN gateway",
        "Wants=network-online.target",
        "After=network-online.target",
        "[Service]",
        "ExecStart=/usr/bin/tunnelwright gateway run",
        "Restart=always",
        "RestartSec=2",
        "KillMode=process",
        "RuntimeDirectory=tunnelwright",
        "RuntimeDirectoryPreserve=yes",
        "StateDirectory=tunnelwright",
        "UMask=0077",
        "[Install]",
        "WantedBy=multi-user.target",
        "UNIT",
        "chmod 644 /etc/systemd/system/tunnelwright.service",
        "systemctl daemon-reload",
        "systemctl enable --now tunnelwright",
    ];

    /// <summary>Says how the secret is stored, and what else has to be known.</summary>
    public static void Head(ConfigurationText text, DeviceConnection connection, string deploy)
    {
        text.Comment($"An EC2 instance that runs Tunnelwright for {connection.Title}.");
        text.Comment($"1. aws secretsmanager create-secret --name {SecretName(connection)} --secret-string file://{SecretFile}   then delete {SecretFile}.");
        text.Comment($"2. The Elastic IP address must be the registered customer address{(connection.Tunnels[0].Tunnel.CustomerOutside is { } address ? $" {address}" : "")}.");
        text.Comment($"3. {deploy}");
        text.Comment("The route tables lead to the network interface, not to the instance: a new instance takes it over, and no route is left that leads nowhere.");
        if (connection.Connection.CloudRanges.Count == 0) text.Comment("The cloud's range is not known, so the route tables get no route. Give cloud-range.");
        if (connection.Connection.CustomerRanges.Count == 0) text.Comment("The customer's range is not known, so the security group takes nothing from inside. Give local-range.");
    }

    /// <summary>The connection's file as the gateway reads it.</summary>
    public static ConfigurationFile Secret(DeviceConnection connection) => new(SecretFile, ModelDocumentWriter.WriteYaml(connection.Connection with
    {
        Id = connection.Name,
        CustomerGatewayId = Printable.Name(connection.Connection.CustomerGatewayId),
        CloudGatewayId = connection.Connection.CloudGatewayId is { } id ? Printable.Name(id) : null,
    }), HoldsSecrets: true);
}
