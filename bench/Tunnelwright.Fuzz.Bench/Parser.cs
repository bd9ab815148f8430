namespace Tunnelwright.Fuzz;

/// <summary>A parser under test.</summary>
/// <param name="Name">For people, and to choose it by.</param>
/// <param name="Samples">Good inputs.</param>
/// <param name="Run">Gives it an input; any exception is a fault.</param>
internal sealed record Parser(string Name, IReadOnlyList<byte[]> Samples, Action<byte[]> Run)
{
    /// <summary>What has to be put right in a spoilt input so that it gets far, such as checksums; half of the inputs are left as they are.</summary>
    public Action<byte[], Random>? Mend { get; init; }
}
