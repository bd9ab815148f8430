using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>What <see cref="ProviderFile"/> made of a text.</summary>
/// <param name="Format">One of the names in <see cref="FormatNames"/>; null when the text is not a VPN configuration.</param>
/// <param name="Connection">The connection with every tunnel that could be read whole; null when there is none.</param>
/// <param name="Problems">What is wrong with the text, in the order of its lines. Never holds a key.</param>
/// <param name="Lines">Where each field stands in the text, so that problems found later get their line.</param>
public sealed record ReadResult(string? Format, VpnConnection? Connection, ValueList<Problem> Problems, SourceMap Lines)
{
    /// <summary>Whether one of the problems is an error.</summary>
    public bool HasErrors
    {
        get
        {
            foreach (var problem in Problems)
            {
                if (problem.Severity == Severity.Error) return true;
            }

            return false;
        }
    }

    /// <summary>All problems of the text and of the connection: those found later get their lines, and what both found is listed once.</summary>
    /// <param name="found">Problems that rules found in <see cref="Connection"/>.</param>
    /// <returns>The problems in the order of their lines; those without a line come last.</returns>
    public ValueList<Problem> With(IEnumerable<Problem> found)
    {
        var all = new List<Problem>(Problems);
        foreach (var problem in Lines.FillLines(found))
        {
            if (!all.Exists(known => known.Cause == problem.Cause && known.Tunnel == problem.Tunnel && known.Field is not null && known.Field == problem.Field && known.Severity >= problem.Severity)) all.Add(problem);
        }

        return all.OrderBy(problem => problem.Line ?? int.MaxValue).ToValueList();
    }
}

/// <summary>The names of the input formats, as they stand in the JSON of <c>check</c>.</summary>
public static class FormatNames
{
    /// <summary>The provider's generic text of any era.</summary>
    public const string GenericText = "aws-generic-text";

    /// <summary>The provider's XML (CustomerGatewayConfiguration).</summary>
    public const string Xml = "aws-xml";

    /// <summary>The JSON of <c>aws ec2 describe-vpn-connections</c>.</summary>
    public const string DescribeJson = "aws-describe-json";

    /// <summary>The provider's text for strongSwan, or an ipsec.conf with its secrets.</summary>
    public const string StrongSwanText = "strongswan-text";

    /// <summary>Tunnelwright's own connection document as JSON.</summary>
    public const string ModelJson = "tunnelwright-json";

    /// <summary>Tunnelwright's own connection document as YAML.</summary>
    public const string ModelYaml = "tunnelwright-yaml";
}
