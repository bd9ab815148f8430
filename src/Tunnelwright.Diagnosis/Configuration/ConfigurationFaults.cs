namespace Tunnelwright.Diagnosis;

/// <summary>Takes what is wrong in configuration files into the evidence.</summary>
internal sealed class ConfigurationFaults(EvidenceStore evidence, Secrets secrets)
{
    public void Add(string cause, string source, int? line, string text, int? tunnel = null, bool isMinor = false) =>
        evidence.Add(new Fact(FactKind.ConfigurationFault, source, line, secrets.Clean(text)) { Cause = cause, Tunnel = tunnel, IsMinor = isMinor });

    public void Syntax(string source, int line, string text) => Add(Model.Causes.ConfigSyntax, source, line, text);
}
