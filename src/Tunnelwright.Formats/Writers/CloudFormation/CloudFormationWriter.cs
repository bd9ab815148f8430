using System.Text;
using System.Text.Json;
using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>The parameters file of "aws cloudformation create-stack" for the EC2 strongSwan template, and notes on what the file cannot know.</summary>
internal sealed class CloudFormationWriter : IConfigurationWriter
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n" };
    private readonly TemplateEra _era;

    public CloudFormationWriter(TemplateEra era)
    {
        _era = era;
        Settings =
        [
            WriterSetting.CustomerAsn,
            WriterSetting.LocalRange,
            .. era.Parameters.Select(parameter => new WriterSetting(parameter.Name, "VALUE", parameter.Description)),
        ];
    }

    public string Target => _era.Target;

    public string Description => _era.Description;

    public IReadOnlyList<WriterSetting> Settings { get; }

    public IReadOnlyList<ConfigurationFile> Write(VpnConnection connection, WriterSettings settings)
    {
        connection = settings.Apply(connection);
        var context = new TemplateContext(connection);
        var values = _era.Parameters
            .Select(parameter => (Parameter: parameter, Value: settings.TemplateParameters.TryGetValue(parameter.Name, out var given) ? given : parameter.Value(context)))
            .ToList();
        var files = new List<ConfigurationFile> { new("parameters.json", Parameters(values), HoldsSecrets: !_era.KeysInSecrets) };
        if (_era.KeysInSecrets)
        {
            for (var number = 1; number <= connection.Tunnels.Count; number++) files.Add(new($"tunnel-{number}-secret.json", Secret(connection.Tunnels[number - 1]), HoldsSecrets: true));
        }

        files.Add(new("notes.txt", Notes(context, values), HoldsSecrets: false));
        return files;
    }

    private static string Parameters(IReadOnlyList<(TemplateParameter Parameter, string? Value)> values) => Json(json =>
    {
        json.WriteStartArray();
        foreach (var (parameter, value) in values)
        {
            if (value is null) continue;
            json.WriteStartObject();
            json.WriteString("ParameterKey", parameter.Name);
            json.WriteString("ParameterValue", value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static string Secret(Tunnel tunnel) => Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("psk", StrongSwanText.Key(tunnel).Reveal());
        json.WriteEndObject();
    });

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Indented)) write(json);
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private string Notes(TemplateContext context, IReadOnlyList<(TemplateParameter Parameter, string? Value)> values)
    {
        var text = new ConfigurationText();
        text.Line($"Parameters of vpn-gateway-strongswan.yml for {Printable.Comment(context.Connection.Id)}");
        text.Line();
        var missing = values.Where(value => value is { Value: null, Parameter.Need: Need.Required }).Select(value => value.Parameter).ToList();
        if (missing.Count > 0)
        {
            text.Line("The provider's file does not tell these; give each with --set NAME=VALUE:");
            foreach (var parameter in missing) text.Line($"  {parameter.Name}: {parameter.Description}");
            text.Line();
        }

        text.Line("The template has values of its own for these unless you give others:");
        foreach (var (parameter, _) in values.Where(value => value is { Value: null, Parameter.Need: Need.Optional })) text.Line($"  {parameter.Name}: {parameter.Description}");
        text.Line();
        if (_era.KeysInSecrets)
        {
            text.Line("Before the stack is made, store the keys (the files hold them in the template's form), then delete the files:");
            for (var number = 1; number <= context.Connection.Tunnels.Count; number++)
            {
                var name = values.First(value => value.Parameter.Name == $"pTunnel{number}PskSecretName").Value ?? context.SecretName(number);
                text.Line($"  aws secretsmanager create-secret --name {Printable.Name(name)} --secret-string file://tunnel-{number}-secret.json");
            }

            text.Line();
        }

        if (context.Connection.Routing == Model.Routing.Static)
        {
            text.Line("The template routes by BGP, but this connection is static: ask for a dynamic connection, or use another target.");
            text.Line();
        }

        text.Line("When the stack stands: source/destination check off on the instance; the cloud's range in the VPC's route tables points at its interface;");
        text.Line("its security group admits UDP 500, UDP 4500 and protocols 50 and 51 from both endpoints.");
        return text.ToString();
    }
}
