namespace Tunnelwright.Formats;

/// <summary>Route 53 Resolver by the AWS command line: a shell script (aws route53resolver create-resolver-rule and others).</summary>
internal sealed class Route53Script : INameWriter
{
    public string Name => "route53-cli";

    public string Description => "Route 53 Resolver: outbound endpoint and rules, a script for the AWS command line";

    public string Write(ForwardedNames names)
    {
        Route53Template.Check(names);
        var targets = string.Join(' ', names.Servers.Select(server => $"Ip={server.Address},Port={server.Port}"));
        return NameWriters.Lines(
        [
            "#!/bin/sh",
            "# Usage: VPC_ID=vpc-… SUBNET_1=subnet-… SUBNET_2=subnet-… SECURITY_GROUP=sg-… sh THIS-FILE",
            "# The subnets are of two availability zones and reach the servers; the security group lets UDP and TCP out to them.",
            "set -eu",
            ": \"${VPC_ID:?}\" \"${SUBNET_1:?}\" \"${SUBNET_2:?}\" \"${SECURITY_GROUP:?}\"",
            "run=tunnelwright-$(date +%s)",
            "endpoint=$(aws route53resolver create-resolver-endpoint --creator-request-id \"$run\" --name tunnelwright --direction OUTBOUND \\",
            "  --security-group-ids \"$SECURITY_GROUP\" --ip-addresses SubnetId=\"$SUBNET_1\" SubnetId=\"$SUBNET_2\" --query ResolverEndpoint.Id --output text)",
            "until [ \"$(aws route53resolver get-resolver-endpoint --resolver-endpoint-id \"$endpoint\" --query ResolverEndpoint.Status --output text)\" = OPERATIONAL ]; do sleep 5; done",
            .. names.Domains.SelectMany((domain, number) => (string[])
            [
                $"rule=$(aws route53resolver create-resolver-rule --creator-request-id \"$run-{number + 1}\" --rule-type FORWARD --domain-name {domain} \\",
                $"  --resolver-endpoint-id \"$endpoint\" --target-ips {targets} --query ResolverRule.Id --output text)",
                "aws route53resolver associate-resolver-rule --resolver-rule-id \"$rule\" --vpc-id \"$VPC_ID\"",
            ]),
        ]);
    }
}
