namespace Tunnelwright.Formats;

/// <summary>Terraform for an EC2 instance that runs this program as the customer's gateway.</summary>
internal sealed class TerraformWriter : DeviceWriter
{
    public override string Target => "terraform";

    public override string Description => "Terraform for an EC2 gateway that runs Tunnelwright";

    public override IReadOnlyList<WriterSetting> Settings { get; } = [WriterSetting.LocalRange, WriterSetting.CloudRange, WriterSetting.CustomerAddress, WriterSetting.CustomerAsn];

    protected override DeviceAlgorithms Algorithms { get; } = Ec2Gateway.Algorithms("strongSwan on EC2");

    protected override IReadOnlyList<ConfigurationFile> Files(DeviceConnection connection)
    {
        var script = new ConfigurationText();
        foreach (var line in Ec2Gateway.UserData(connection, "${secret_arn}", "${region}", "${program_url}", "${program_sha256}")) script.Line(line);
        return
        [
            new("main.tf", Main(connection), HoldsSecrets: false),
            new("user-data.sh.tftpl", script.ToString(), HoldsSecrets: false),
            Ec2Gateway.Secret(connection),
        ];
    }

    private static string Main(DeviceConnection connection)
    {
        var text = new ConfigurationText(2);
        Ec2Gateway.Head(text, connection, "terraform apply with the variables below.");
        text.Line();
        text.Braces("terraform", () => text.Braces("required_providers", () => text.Braces("aws =", () =>
        {
            text.Line("source  = \"hashicorp/aws\"");
            text.Line("version = \">= 5.0\"");
        })));
        Variable(text, "vpc_id", "string", "The VPC that the gateway stands in.");
        Variable(text, "subnet_id", "string", "The public subnet that the gateway stands in.");
        Variable(text, "route_table_ids", "set(string)", "The route tables whose subnets reach the cloud.");
        Variable(text, "eip_allocation_id", "string", "The allocation id (eipalloc-...) of the registered address.");
        Variable(text, "program_url", "string", "Where the program is fetched from.");
        Variable(text, "program_sha256", "string", "The program's SHA-256, hexadecimal.");
        Variable(text, "instance_type", "string", "The instance type.", "\"c6i.large\"");
        Variable(text, "secret_name", "string", "The secret that holds the connection's file.", $"\"{Ec2Gateway.SecretName(connection)}\"");
        text.Line();
        text.Block("locals {", "}", () =>
        {
            text.Line($"endpoints    = [{string.Join(", ", connection.Tunnels.Select(tunnel => $"\"{tunnel.Cloud}/32\"").Distinct())}]");
            text.Line($"cloud_ranges = [{string.Join(", ", connection.Connection.CloudRanges.Select(range => $"\"{range}\""))}]");
            text.Line($"own_ranges   = [{string.Join(", ", connection.Connection.CustomerRanges.Select(range => $"\"{range}\""))}]");
        });
        text.Line();
        text.Line("data \"aws_region\" \"current\" {}");
        text.Block("data \"aws_ssm_parameter\" \"image\" {", "}", () => text.Line($"name = \"{Ec2Gateway.ImageParameter}\""));
        text.Block("data \"aws_secretsmanager_secret\" \"connection\" {", "}", () => text.Line("name = var.secret_name"));
        SecurityGroup(text, connection);
        Role(text, connection);
        Instance(text, connection);
        return text.ToString();
    }

    private static void Variable(ConfigurationText text, string name, string type, string description, string? value = null) => text.Block($"variable \"{name}\" {{", "}", () =>
    {
        text.Line($"type        = {type}");
        text.Line($"description = \"{description}\"");
        if (value is not null) text.Line($"default     = {value}");
    });

    private static void Resource(ConfigurationText text, string type, string name, Action within)
    {
        text.Line();
        text.Block($"resource \"{type}\" \"{name}\" {{", "}", within);
    }

    private static void SecurityGroup(ConfigurationText text, DeviceConnection connection) => Resource(text, "aws_security_group", "gateway", () =>
    {
        text.Line($"name_prefix = \"{connection.Name}-\"");
        text.Line($"description = \"VPN gateway of {connection.Name}\"");
        text.Line("vpc_id      = var.vpc_id");
        foreach (var (protocol, port, purpose) in Ec2Gateway.Admitted) Rule(text, "ingress", protocol, port, "local.endpoints", $"{purpose} from the cloud's endpoints");
        if (connection.Connection.CustomerRanges.Count > 0) Rule(text, "ingress", "-1", -1, "local.own_ranges", "what the VPC sends to the cloud");
        Rule(text, "egress", "-1", -1, "[\"0.0.0.0/0\"]", "everything");
    });

    private static void Rule(ConfigurationText text, string direction, string protocol, int port, string ranges, string description) => text.Block($"{direction} {{", "}", () =>
    {
        text.Line($"description = \"{description}\"");
        text.Line($"protocol    = \"{protocol}\"");
        text.Line($"from_port   = {(port < 0 ? 0 : port)}");
        text.Line($"to_port     = {(port < 0 ? 0 : port)}");
        text.Line($"cidr_blocks = {ranges}");
    });

    private static void Role(ConfigurationText text, DeviceConnection connection)
    {
        Resource(text, "aws_iam_role", "gateway", () =>
        {
            text.Line($"name_prefix = \"{connection.Name}-\"");
            text.Block("assume_role_policy = jsonencode({", "})", () =>
            {
                text.Line("Version   = \"2012-10-17\"");
                text.Line("Statement = [{ Effect = \"Allow\", Action = \"sts:AssumeRole\", Principal = { Service = \"ec2.amazonaws.com\" } }]");
            });
        });
        Resource(text, "aws_iam_role_policy", "secret", () =>
        {
            text.Line("role = aws_iam_role.gateway.id");
            text.Block("policy = jsonencode({", "})", () =>
            {
                text.Line("Version   = \"2012-10-17\"");
                text.Line("Statement = [{ Effect = \"Allow\", Action = \"secretsmanager:GetSecretValue\", Resource = data.aws_secretsmanager_secret.connection.arn }]");
            });
        });
        Resource(text, "aws_iam_instance_profile", "gateway", () =>
        {
            text.Line($"name_prefix = \"{connection.Name}-\"");
            text.Line("role        = aws_iam_role.gateway.name");
        });
    }

    private static void Instance(ConfigurationText text, DeviceConnection connection)
    {
        Resource(text, "aws_network_interface", "gateway", () =>
        {
            text.Line("subnet_id         = var.subnet_id");
            text.Line("security_groups   = [aws_security_group.gateway.id]");
            text.Comment("It forwards packets that are not its own.");
            text.Line("source_dest_check = false");
            text.Line($"tags              = {{ Name = \"{connection.Name}\" }}");
        });
        Resource(text, "aws_eip_association", "gateway", () =>
        {
            text.Line("allocation_id        = var.eip_allocation_id");
            text.Line("network_interface_id = aws_network_interface.gateway.id");
        });
        Resource(text, "aws_instance", "gateway", () =>
        {
            text.Line("ami                  = data.aws_ssm_parameter.image.value");
            text.Line("instance_type        = var.instance_type");
            text.Line("iam_instance_profile = aws_iam_instance_profile.gateway.name");
            text.Block("network_interface {", "}", () =>
            {
                text.Line("network_interface_id = aws_network_interface.gateway.id");
                text.Line("device_index         = 0");
            });
            text.Block("metadata_options {", "}", () => text.Line("http_tokens = \"required\""));
            text.Block("user_data = templatefile(\"${path.module}/user-data.sh.tftpl\", {", "})", () =>
            {
                text.Line("secret_arn     = data.aws_secretsmanager_secret.connection.arn");
                text.Line("region         = data.aws_region.current.id");
                text.Line("program_url    = var.program_url");
                text.Line("program_sha256 = var.program_sha256");
            });
            text.Line("user_data_replace_on_change = true");
            text.Line($"tags                        = {{ Name = \"{connection.Name}\" }}");
            text.Line("depends_on                  = [aws_eip_association.gateway, aws_iam_role_policy.secret]");
            text.Block("lifecycle {", "}", () => text.Line("ignore_changes = [ami]"));
        });
        Resource(text, "aws_route", "cloud", () =>
        {
            text.Line("for_each               = { for pair in setproduct(var.route_table_ids, local.cloud_ranges) : join(\" \", pair) => pair }");
            text.Line("route_table_id         = each.value[0]");
            text.Line("destination_cidr_block = each.value[1]");
            text.Line("network_interface_id   = aws_network_interface.gateway.id");
        });
    }
}
