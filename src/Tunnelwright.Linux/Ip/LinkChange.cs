namespace Tunnelwright.Linux;

/// <summary>What to change of a link; what is null stays as it is.</summary>
public sealed record LinkChange
{
    /// <summary>Up (true) or down (false).</summary>
    public bool? Up { get; init; }

    /// <summary>The largest packet in bytes.</summary>
    public int? Mtu { get; init; }

    /// <summary>The alias, at most 255 characters; an empty text takes it away.</summary>
    public string? Alias { get; init; }

    /// <summary>A new name, at most 15 characters.</summary>
    public string? NewName { get; init; }

    /// <summary>The bridge or bond to put it under; an empty text takes it out.</summary>
    public string? Master { get; init; }

    /// <summary>The namespace to move it to; its addresses and routes are lost.</summary>
    public NetworkNamespace? Namespace { get; init; }

    internal bool IsEmpty => this == new LinkChange();
}
