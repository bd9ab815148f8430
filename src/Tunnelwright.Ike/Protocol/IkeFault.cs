namespace Tunnelwright.Ike;

/// <summary>Why bytes are not a well-formed message.</summary>
/// <param name="Offset">Where in the message (the first byte of the header is 0), never behind its end.</param>
/// <param name="Reason">What is wrong there, a short sentence without a full stop.</param>
public sealed record IkeFault(int Offset, string Reason)
{
    /// <summary>"a payload is cut short, at byte 40".</summary>
    public override string ToString() => $"{Reason}, at byte {Offset}";
}
