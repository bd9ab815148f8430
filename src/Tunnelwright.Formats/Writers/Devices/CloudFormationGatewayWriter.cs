namespace Tunnelwright.Formats;

/// <summary>A CloudFormation template for an EC2 instance that runs this program as the customer's gateway.</summary>
internal sealed class CloudFormationGatewayWriter : DeviceWriter
{
    public override string Target => "cloudformation-gateway";

    public override string Description => "CloudFormation template for an EC2 gateway that runs Tunnelwright";

    public override IReadOnlyList<WriterSetting> Settings { get; } = [WriterSetting.LocalRange, WriterSetting.CloudRange, WriterSetting.CustomerAddress, WriterSetting.CustomerAsn];

    protected override DeviceAlgorithms Algorithms { get; } = Ec2Gateway.Algorithms("strongSwan on EC2");

    protected override IReadOnlyList<ConfigurationFile> Files(DeviceConnection connection) => [new("template.yaml", Template(connection), HoldsSecrets: false), Ec2Gateway.Secret(connection)];

    private static string Template(DeviceConnection connection)
    {
        var text = new ConfigurationText(2);
        Ec2Gateway.Head(text, connection, "aws cloudformation deploy --template-file template.yaml --stack-name NAME --capabilities CAPABILITY_IAM --parameter-overrides ...");
        text.Line("AWSTemplateFormatVersion: '2010-09-09'");
        text.Line($"Description: 'VPN gateway of {connection.Name}'");
        Key(text, "Parameters", () => Parameters(text, connection));
        Key(text, "Conditions", () => Key(text, "HasSecondRouteTable", () => text.Line("Fn::Not: [ { 'Fn::Equals': [ { Ref: SecondRouteTableId }, '' ] } ]")));
        Key(text, "Resources", () =>
        {
            SecurityGroup(text, connection);
            Role(text);
            Instance(text, connection);
            Routes(text, connection);
        });
        Key(text, "Outputs", () => Key(text, "NetworkInterfaceId", () => text.Line("Value: { Ref: NetworkInterface }")));
        return text.ToString();
    }

    private static void Key(ConfigurationText text, string key, Action within) => text.Block($"{key}:", "", within);

    private static void Parameters(ConfigurationText text, DeviceConnection connection)
    {
        Parameter(text, "VpcId", "AWS::EC2::VPC::Id", "The VPC that the gateway stands in.");
        Parameter(text, "SubnetId", "AWS::EC2::Subnet::Id", "The public subnet that the gateway stands in.");
        Parameter(text, "RouteTableId", "String", "The route table whose subnets reach the cloud.");
        Parameter(text, "SecondRouteTableId", "String", "Another one; empty for none.", "''");
        Parameter(text, "EipAllocationId", "String", "The allocation id (eipalloc-...) of the registered address.");
        Parameter(text, "ProgramUrl", "String", "Where the program is fetched from.");
        Parameter(text, "ProgramSha256", "String", "The program's SHA-256, hexadecimal.");
        Parameter(text, "InstanceType", "String", "The instance type.", "c6i.large");
        Parameter(text, "ImageId", "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "The image, Debian 12.", Ec2Gateway.ImageParameter);
        Parameter(text, "SecretName", "String", "The secret that holds the connection's file.", Ec2Gateway.SecretName(connection));
    }

    private static void Parameter(ConfigurationText text, string name, string type, string description, string? value = null) => Key(text, name, () =>
    {
        text.Line($"Type: {type}");
        text.Line($"Description: \"{description}\"");
        if (value is not null) text.Line($"Default: {value}");
    });

    private static void Resource(ConfigurationText text, string name, string type, Action properties, string? condition = null, string? dependsOn = null) => Key(text, name, () =>
    {
        text.Line($"Type: {type}");
        if (condition is not null) text.Line($"Condition: {condition}");
        if (dependsOn is not null) text.Line($"DependsOn: [ {dependsOn} ]");
        Key(text, "Properties", properties);
    });

    private static void SecurityGroup(ConfigurationText text, DeviceConnection connection) => Resource(text, "SecurityGroup", "AWS::EC2::SecurityGroup", () =>
    {
        text.Line($"GroupDescription: 'VPN gateway of {connection.Name}'");
        text.Line("VpcId: { Ref: VpcId }");
        Key(text, "SecurityGroupIngress", () =>
        {
            foreach (var endpoint in connection.Tunnels.Select(tunnel => $"{tunnel.Cloud}/32").Distinct())
            {
                foreach (var (protocol, port, purpose) in Ec2Gateway.Admitted)
                {
                    var ports = port < 0 ? "" : $", FromPort: {port}, ToPort: {port}";
                    text.Line($"- {{ IpProtocol: '{protocol}'{ports}, CidrIp: {endpoint}, Description: '{purpose}' }}");
                }
            }

            foreach (var range in connection.Connection.CustomerRanges) text.Line($"- {{ IpProtocol: '-1', CidrIp: {range}, Description: 'what the VPC sends to the cloud' }}");
        });
        Key(text, "SecurityGroupEgress", () => text.Line("- { IpProtocol: '-1', CidrIp: 0.0.0.0/0, Description: 'everything' }"));
    });

    private static void Role(ConfigurationText text)
    {
        Resource(text, "Role", "AWS::IAM::Role", () =>
        {
            Key(text, "AssumeRolePolicyDocument", () =>
            {
                text.Line("Version: '2012-10-17'");
                text.Line("Statement: [ { Effect: Allow, Action: 'sts:AssumeRole', Principal: { Service: ec2.amazonaws.com } } ]");
            });
            Key(text, "Policies", () => text.Block("- PolicyName: secret", "", () => Key(text, "PolicyDocument", () =>
            {
                text.Line("Version: '2012-10-17'");
                Key(text, "Statement", () => text.Block("- Effect: Allow", "", () =>
                {
                    text.Line("Action: 'secretsmanager:GetSecretValue'");
                    text.Line("Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${SecretName}-*' }");
                }));
            })));
        });
        Resource(text, "InstanceProfile", "AWS::IAM::InstanceProfile", () => text.Line("Roles: [ { Ref: Role } ]"));
    }

    private static void Instance(ConfigurationText text, DeviceConnection connection)
    {
        Resource(text, "NetworkInterface", "AWS::EC2::NetworkInterface", () =>
        {
            text.Line("SubnetId: { Ref: SubnetId }");
            text.Line("GroupSet: [ { 'Fn::GetAtt': [ SecurityGroup, GroupId ] } ]");
            text.Comment("It forwards packets that are not its own.");
            text.Line("SourceDestCheck: false");
            text.Line($"Tags: [ {{ Key: Name, Value: {connection.Name} }} ]");
        });
        Resource(text, "ElasticIpAssociation", "AWS::EC2::EIPAssociation", () =>
        {
            text.Line("AllocationId: { Ref: EipAllocationId }");
            text.Line("NetworkInterfaceId: { Ref: NetworkInterface }");
        });
        Resource(
            text,
            "Instance",
            "AWS::EC2::Instance",
            () =>
            {
                text.Line("ImageId: { Ref: ImageId }");
                text.Line("InstanceType: { Ref: InstanceType }");
                text.Line("IamInstanceProfile: { Ref: InstanceProfile }");
                text.Line("NetworkInterfaces: [ { NetworkInterfaceId: { Ref: NetworkInterface }, DeviceIndex: '0' } ]");
                text.Line($"Tags: [ {{ Key: Name, Value: {connection.Name} }} ]");
                Key(text, "UserData", () => Key(text, "Fn::Base64", () => text.Block("Fn::Sub: |", "", () =>
                {
                    foreach (var line in Ec2Gateway.UserData(connection, "${SecretName}", "${AWS::Region}", "${ProgramUrl}", "${ProgramSha256}")) text.Line(line);
                })));
            },
            dependsOn: "ElasticIpAssociation");
    }

    private static void Routes(ConfigurationText text, DeviceConnection connection)
    {
        for (var i = 0; i < connection.Connection.CloudRanges.Count; i++)
        {
            var range = connection.Connection.CloudRanges[i];
            Route($"Route{i + 1}", "RouteTableId", null);
            Route($"SecondRoute{i + 1}", "SecondRouteTableId", "HasSecondRouteTable");

            void Route(string name, string table, string? condition) => Resource(
                text,
                name,
                "AWS::EC2::Route",
                () =>
                {
                    text.Line($"RouteTableId: {{ Ref: {table} }}");
                    text.Line($"DestinationCidrBlock: {range}");
                    text.Line("NetworkInterfaceId: { Ref: NetworkInterface }");
                },
                condition);
        }
    }
}
