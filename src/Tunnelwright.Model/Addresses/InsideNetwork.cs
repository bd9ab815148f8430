namespace Tunnelwright.Model;

/// <summary>The /30 of a tunnel's inside addresses, taken from 169.254.0.0/16 (RFC 3927). The first usable address is the cloud's, the second the customer's.</summary>
public readonly record struct InsideNetwork
{
    /// <summary>The range that inside networks are taken from.</summary>
    public static readonly Cidr LinkLocal = Cidr.Parse("169.254.0.0/16");

    /// <summary>An inside network from its range.</summary>
    /// <param name="range">A /30 in 169.254.0.0/16.</param>
    /// <exception cref="ArgumentException">The range is not a /30 in 169.254.0.0/16.</exception>
    public InsideNetwork(Cidr range)
    {
        if (range.PrefixLength != 30 || !LinkLocal.Contains(range)) throw new ArgumentException($"{range} is not a /30 in {LinkLocal}.", nameof(range));
        Range = range;
    }

    /// <summary>The /30.</summary>
    public Cidr Range { get; }

    /// <summary>The cloud's inside address: the first usable one.</summary>
    public InterfaceAddress Cloud => new(Range.Network.Offset(1), 30);

    /// <summary>The customer's inside address: the second usable one.</summary>
    public InterfaceAddress Customer => new(Range.Network.Offset(2), 30);

    /// <summary>The /30 in CIDR notation.</summary>
    public override string ToString() => Range.ToString();
}
