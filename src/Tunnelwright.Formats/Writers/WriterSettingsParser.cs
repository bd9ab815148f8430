using System.Globalization;
using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Reads settings given as name=value and validates them.</summary>
internal sealed class WriterSettingsParser
{
    private readonly List<string> _errors = [];
    private readonly List<Cidr> _localRanges = [];
    private readonly List<Cidr> _cloudRanges = [];
    private readonly Dictionary<string, string> _templateParameters = new(StringComparer.Ordinal);
    private readonly HashSet<string> _given = new(StringComparer.Ordinal);
    private WriterSettings _settings = WriterSettings.Default;

    public static WriterSettings Parse(IConfigurationWriter writer, IEnumerable<string> assignments)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(assignments);
        var parser = new WriterSettingsParser();
        foreach (var assignment in assignments) parser.Assign(writer, assignment);
        if (parser._errors.Count > 0) throw new WriterException(string.Join(" ", parser._errors), Known(writer));
        return parser._settings with
        {
            LocalRanges = parser._localRanges.ToValueList(),
            CloudRanges = parser._cloudRanges.ToValueList(),
            TemplateParameters = parser._templateParameters,
        };
    }

    private static string Known(IConfigurationWriter writer) => writer.Settings.Count == 0
        ? $"{writer.Target} takes no settings"
        : $"{writer.Target} takes {string.Join(", ", writer.Settings.Select(setting => setting.Name))}";

    private void Assign(IConfigurationWriter writer, string assignment)
    {
        var equals = assignment.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            _errors.Add($"'{Printable.Comment(assignment)}' is not a setting such as local-range=10.1.0.0/16.");
            return;
        }

        var (name, value) = (assignment[..equals].Trim(), assignment[(equals + 1)..].Trim());
        var setting = writer.Settings.FirstOrDefault(candidate => candidate.Name.Equals(name, StringComparison.Ordinal));
        if (setting is null)
        {
            _errors.Add($"{writer.Target} has no setting '{Printable.Comment(name)}'.");
            return;
        }

        var repeatable = setting == WriterSetting.LocalRange || setting == WriterSetting.CloudRange;
        if (!_given.Add(name) && !repeatable) _errors.Add($"The setting {name} is given twice.");
        else if (!Set(setting, value)) _errors.Add($"'{Printable.Comment(value)}' cannot be {name}: {setting.Description}, such as {setting.Example}.");
    }

    private bool Set(WriterSetting setting, string value)
    {
        switch (setting.Name)
        {
            case "local-range": return Ranges(value, _localRanges);
            case "cloud-range": return Ranges(value, _cloudRanges);
            case "customer-address":
                return Ipv4Address.TryParse(value, out var customer) && Keep(_settings with { CustomerAddress = customer });
            case "local-address":
                return Ipv4Address.TryParse(value, out var local) && Keep(_settings with { LocalAddress = local });
            case "customer-asn":
                return Asn.TryParse(value, out var asn) && Keep(_settings with { CustomerAsn = asn });
            case "outside-interface":
                return (setting == WriterSetting.DeviceInterface ? IsDeviceInterfaceName(value) : IsInterfaceName(value)) && Keep(_settings with { OutsideInterface = value });
            case "tunnel-interface":
                var names = value.Split(',', StringSplitOptions.TrimEntries);
                return names.All(IsInterfaceName) && names.Distinct(StringComparer.Ordinal).Count() == names.Length && Keep(_settings with { TunnelInterfaces = names.ToValueList() });
            case "interface-id":
                return int.TryParse(value, NumberStyles.None, null, out var id) && id is >= 1 and <= 65_000 && Keep(_settings with { InterfaceId = id });
            case "prefer":
                return value switch
                {
                    "1" => Keep(_settings with { Prefer = 1 }),
                    "2" => Keep(_settings with { Prefer = 2 }),
                    "none" => Keep(_settings with { Prefer = null }),
                    _ => false,
                };
            case "profile":
                return RequirementProfile.Names.Contains(value, StringComparer.OrdinalIgnoreCase) && Keep(_settings with { Profile = RequirementProfile.Load(value) });
            default:
                _templateParameters[setting.Name] = value;
                return value.Length > 0 && !value.Any(char.IsControl);
        }
    }

    private bool Keep(WriterSettings settings)
    {
        _settings = settings;
        return true;
    }

    private static bool Ranges(string value, List<Cidr> ranges)
    {
        foreach (var text in value.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!Cidr.TryParse(text, out var range)) return false;
            if (!ranges.Contains(range)) ranges.Add(range);
        }

        return true;
    }

    /// <summary>Linux takes 1 to 15 characters without '/' and white space (dev_valid_name); only harmless ones are taken here.</summary>
    private static bool IsInterfaceName(string name) =>
        name.Length is >= 1 and <= 15 && name is not ("." or "..") && name[0] != '-' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>Names such as GigabitEthernet0/0/1, ge-0/0/0.0 or port1: 1 to 40 letters, digits, '.', '_', '-', '/' and ':', a letter first.</summary>
    private static bool IsDeviceInterfaceName(string name) =>
        name.Length is >= 1 and <= 40 && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/' or ':');
}
