using System.Text;
using Tunnelwright.Formats;
using Tunnelwright.Model;

namespace Tunnelwright.Diagnosis;

/// <summary>Diagnoses files from anywhere: logs of many products, device configurations and provider's files, alone or together. What a file is, its content says.</summary>
public sealed class FileDiagnosis(RequirementProfile profile)
{
    private readonly EvidenceStore _evidence = new();
    private readonly Secrets _secrets = new();
    private readonly DeviceConfiguration _device = new();
    private readonly List<ProviderInput> _providers = [];
    private readonly List<Check> _checks = [];
    private readonly List<(string Name, DiagnosisInput Input)> _logs = [];
    private readonly List<(string Name, DiagnosisInput Input)> _captures = [];

    /// <summary>Reads one file. Configuration files are read at once; a log is read by <see cref="Finish"/>, when every key is known.</summary>
    /// <param name="name">What it is called in the findings.</param>
    /// <param name="stream">Its content; it is closed at the end.</param>
    /// <exception cref="InvalidDataException">It is gzip and broken.</exception>
    public void Add(string name, Stream stream)
    {
        Add(name, stream, isMember: false);
    }

    /// <summary>Tells of a file that was not read.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="why">Why not, in words.</param>
    public void Skip(string name, string why) => _checks.Add(new Check(name, "skip", why));

    private void Add(string name, Stream stream, bool isMember)
    {
        var input = DiagnosisInput.Open(name, stream);
        if (TarScanner.Recognises(input.Head))
        {
            using (input) Archive(name, input, isMember);
            return;
        }

        if (CaptureReader.Recognises(input.Head))
        {
            _captures.Add((name, input));
            return;
        }

        if (FileKinds.OfUnreadable(input.Head) is { } kind)
        {
            _checks.Add(new Check(name, "skip", $"{kind}: not text, not read"));
            input.Dispose();
            return;
        }

        if (!FileKinds.MayBeConfiguration(input.Head) || input.Short() is not { } bytes)
        {
            _logs.Add((name, input));
            return;
        }

        if (Configuration(name, bytes))
        {
            input.Dispose();
        }
        else if (!WebText.Is(input.Head) && FileKinds.IsSettings(bytes))
        {
            _checks.Add(new Check(name, "skip", "settings of a daemon, no log: not read"));
            input.Dispose();
        }
        else
        {
            _logs.Add((name, input));
        }
    }

    /// <summary>Reads the logs and comes to a verdict.</summary>
    public DiagnosisReport Finish()
    {
        var faults = new ConfigurationFaults(_evidence, _secrets);
        foreach (var key in _device.Keys) _secrets.Know(key.Key);
        new Comparison(_device, _providers, profile, faults).Run();
        var isAnyGood = _providers.Count > 0 || _device.Connections.Count > 0;
        foreach (var (name, input) in _logs)
        {
            using (input) isAnyGood |= Log(name, input);
        }

        foreach (var (name, input) in _captures)
        {
            using (input) isAnyGood |= Capture(name, input);
        }

        var findings = Judge.Findings(_evidence);
        if (findings.Count == 0) findings = Judge.Suspected(_evidence);
        if (_evidence.Has(FactKind.NatFound)) _checks.Add(new Check("nat-in-path", "pass", "There is NAT between the ends; that is no fault by itself."));
        var isUp = _evidence.Has(FactKind.ChildUp) || _evidence.Has(FactKind.BgpUp);
        var isHalfUp = !isUp && _evidence.Has(FactKind.IkeUp) && !_evidence.Has(FactKind.QuickModeSent) && !_evidence.Has(FactKind.ChildRequested);
        var onlyFiles = _logs.Count + _captures.Count == 0 && isAnyGood;
        var verdict = findings.Count > 0 ? "faulty" : isUp || isHalfUp || onlyFiles ? "healthy" : "unknown";
        if (isUp) _checks.Add(new Check("tunnel", "pass", "A tunnel or BGP session that came up is to be seen."));
        if (isHalfUp) _checks.Add(new Check("tunnel", "pass", "An IKE SA that came up is to be seen; the log ends before an SA pair is asked for."));
        return new DiagnosisReport(verdict, findings, _checks);
    }

    private bool Configuration(string name, byte[] bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        var faults = new ConfigurationFaults(_evidence, _secrets);
        if (FileKinds.IsLog(bytes)) return false;
        if (SwanctlReader.Recognises(text))
        {
            new SwanctlReader(name, _device, faults).Read(text);
            _checks.Add(new Check(name, "pass", "read as swanctl.conf"));
            return true;
        }

        if (FileKinds.IsProviderText(text) is false)
        {
            if (IpsecConfReader.Recognises(text))
            {
                new IpsecConfReader(name, _device, faults).Read(text);
                _checks.Add(new Check(name, "pass", "read as ipsec.conf"));
                return true;
            }

            if (IpsecConfReader.RecognisesSecrets(text))
            {
                new IpsecConfReader(name, _device, faults).ReadSecrets(text);
                _checks.Add(new Check(name, "pass", "read as ipsec.secrets"));
                return true;
            }
        }

        var read = ProviderFile.Read(bytes);
        if (read.Format is null) return false;
        Provider(name, read, faults);
        return true;
    }

    private void Provider(string name, ReadResult read, ConfigurationFaults faults)
    {
        var problems = read.Connection is { } connection ? read.With(ConnectionRules.Check(connection, profile)) : read.Problems;
        if (read.Connection is { } usable)
        {
            _providers.Add(new ProviderInput(name, usable, read.Lines));
            foreach (var tunnel in usable.Tunnels) _secrets.Know(tunnel.Ike.PreSharedKey?.Reveal());
        }

        var warnings = 0;
        foreach (var problem in problems)
        {
            if (problem.Severity == Severity.Error) faults.Add(problem.Cause, name, problem.Line, problem.Message, problem.Tunnel);
            else if (++warnings <= 20) _checks.Add(new Check($"{name}{(problem.Line is { } line ? $":{line}" : "")}", "fail", _secrets.Clean($"warning [{problem.Cause}]: {problem.Message}")));
        }

        _checks.Add(new Check(name, problems.Any(problem => problem.Severity == Severity.Error) ? "fail" : "pass", $"read as a provider's file ({read.Format})"));
    }

    private void Archive(string name, DiagnosisInput input, bool isMember)
    {
        void Tell(string what) => _checks.Add(new Check(name, "fail", what));
        if (isMember)
        {
            Tell("an archive in an archive is not read");
            return;
        }

        var members = new BundleReader(name, (member, content) => Member(member, content), Tell).Read(input.Content);
        _checks.Add(new Check(name, members > 0 ? "pass" : "skip", $"read as an archive: {members} members"));
    }

    private void Member(string name, Stream content)
    {
        try
        {
            Add(name, content, isMember: true);
        }
        catch (InvalidDataException problem)
        {
            _checks.Add(new Check(name, "fail", $"the packed file is broken: {problem.Message}"));
        }
    }

    private bool Capture(string name, DiagnosisInput input)
    {
        var endpoints = new Dictionary<HostAddress, int>();
        foreach (var tunnel in _providers.SelectMany(provider => provider.Connection.Tunnels))
        {
            endpoints.TryAdd(HostAddress.Of(System.Net.IPAddress.Parse(tunnel.CloudOutside.ToString())), tunnel.Number);
        }

        var interpreter = new CaptureInterpreter(new CaptureFacts(name, _evidence, address => endpoints.TryGetValue(address, out var number) ? number : null));
        var reader = CaptureReader.Open(input.Head, input.Content);
        var broken = "";
        try
        {
            interpreter.Read(reader);
        }
        catch (InvalidDataException problem)
        {
            broken = $"; the packed file is broken: {problem.Message}";
        }

        _checks.Add(new Check(name, broken.Length > 0 ? "fail" : interpreter.HasIpsec ? "pass" : "skip", interpreter.Summary(reader) + broken));
        foreach (var flow in interpreter.Flows()) _checks.Add(new Check(name, "pass", flow));
        return interpreter.HasIpsec;
    }

    private bool Log(string name, DiagnosisInput input)
    {
        if (WebText.Is(input.Head) && input.Short() is { } web)
        {
            using var plain = DiagnosisInput.Open(name, new MemoryStream(WebText.Plain(web)));
            return PlainLog(name, plain);
        }

        return PlainLog(name, input);
    }

    private bool PlainLog(string name, DiagnosisInput input)
    {
        long? turned = null;
        var content = input.Content;
        if (NewestFirst.Is(input.Head) && input.Short() is { } bytes)
        {
            content = new MemoryStream(NewestFirst.Turn(bytes, out var lines));
            turned = lines;
        }
        else if (WrappedLines.WidthOf(input.Head) is { } width && input.Short() is { } broken)
        {
            content = new MemoryStream(WrappedLines.Joined(broken, width));
        }

        var interpreter = new LineInterpreter(name, _evidence, _secrets) { TurnedLines = turned, ReadsPlainWords = true };
        LogSize size;
        try
        {
            size = new LogReader(Vocabulary.Matcher).Read(content, interpreter);
            if (interpreter is { HasTold: false, HasPassedOver: true } && input.Whole is { } whole)
            {
                interpreter = new LineInterpreter(name, _evidence, _secrets) { ReadsDebugging = true, ReadsPlainWords = true };
                new LogReader(Vocabulary.Matcher).Read(new MemoryStream(whole), interpreter);
            }

            interpreter.End();
        }
        catch (InvalidDataException problem)
        {
            _checks.Add(new Check(name, "fail", $"the packed file is broken: {problem.Message}"));
            return false;
        }

        var known = interpreter.HasTold || interpreter.Product != Product.Any;
        _checks.Add(new Check(name, known ? "pass" : "skip", known
            ? $"read as a log of {FileKinds.NameOf(interpreter.Product)}: {size.Lines} lines, {size.Bytes} bytes{(turned is null ? "" : ", the newest on top")}"
            : $"{size.Lines} lines, {size.Bytes} bytes: nothing in them is known"));
        return known;
    }
}
