namespace Tunnelwright.Cli;

/// <summary>Colours of a terminal (ECMA-48), none when the output is not one or NO_COLOR is set.</summary>
internal sealed class Colours
{
    private readonly bool _on;

    public Colours(TextWriter output)
    {
        var redirected = output == Console.Error ? Console.IsErrorRedirected : Console.IsOutputRedirected;
        _on = !redirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
    }

    public string Bold(string text) => Paint(text, 1);

    public string Dim(string text) => Paint(text, 2);

    public string Red(string text) => Paint(text, 31);

    public string Green(string text) => Paint(text, 32);

    public string Yellow(string text) => Paint(text, 33);

    public string State(string state) => state switch
    {
        "up" or "established" => Green(state),
        "down" => Red(state),
        _ => Yellow(state),
    };

    private string Paint(string text, int code) => _on ? $"\e[{code}m{text}\e[0m" : text;
}
