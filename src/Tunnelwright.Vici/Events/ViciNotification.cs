namespace Tunnelwright.Vici;

/// <summary>A typed event; see <see cref="Read"/>.</summary>
public abstract record ViciNotification
{
    private protected ViciNotification()
    {
    }

    /// <summary>Reads an event; null for marks and for events that have no type here.</summary>
    /// <exception cref="ViciProtocolException">The event does not hold what it should.</exception>
    public static ViciNotification? Read(ViciEvent item)
    {
        ArgumentNullException.ThrowIfNull(item);
        if (item.Kind is not ViciEventKind.Raised)
            return null;
        var message = item.Message;
        switch (item.Name)
        {
            case ViciEventNames.Log or ViciEventNames.ControlLog:
                return new LogNotification(ViciLogLine.Read(message));
            case ViciEventNames.IkeUpDown:
                var (ikeName, ike) = Only(item);
                return new IkeUpDownNotification(message.GetBoolean("up"), IkeSaStatus.Read(ikeName, ike));
            case ViciEventNames.ChildUpDown:
                var (childIkeName, childIke) = Only(item);
                return new ChildUpDownNotification(message.GetBoolean("up"), IkeSaStatus.Read(childIkeName, childIke));
            case ViciEventNames.IkeRekey:
                var (rekeyName, rekey) = Only(item);
                return new IkeRekeyNotification(
                    IkeSaStatus.Read(rekeyName, Part(item, rekey, "old")), IkeSaStatus.Read(rekeyName, Part(item, rekey, "new")));
            case ViciEventNames.ChildRekey:
                var (ownerName, owner) = Only(item);
                var child = Part(item, owner, "child-sas").Sections.Select(entry => entry.Value).FirstOrDefault() ?? [];
                return new ChildRekeyNotification(
                    IkeSaStatus.Read(ownerName, owner),
                    ChildSaStatus.Read(Part(item, child, "old")),
                    ChildSaStatus.Read(Part(item, child, "new")));
            case ViciEventNames.IkeUpdate:
                var (updateName, update) = Only(item);
                return new IkeUpdateNotification(
                    IkeSaStatus.Read(updateName, update),
                    message.GetText("local-host") ?? "",
                    message.GetInt32("local-port") ?? 0,
                    message.GetText("remote-host") ?? "",
                    message.GetInt32("remote-port") ?? 0);
            default:
                return null;
        }
    }

    private static KeyValuePair<string, ViciSection> Only(ViciEvent item)
    {
        foreach (var section in item.Message.Sections)
            return section;
        throw new ViciProtocolException($"The event '{item.Name}' names no connection");
    }

    private static ViciSection Part(ViciEvent item, ViciSection section, string name) =>
        section.GetSection(name) ?? throw new ViciProtocolException($"The event '{item.Name}' has no part '{name}'");
}

/// <summary>A line of the daemon's log.</summary>
/// <param name="Line">The line.</param>
public sealed record LogNotification(ViciLogLine Line) : ViciNotification;

/// <summary>An IKE SA came up or went down.</summary>
/// <param name="Up">True for up.</param>
/// <param name="Ike">The IKE SA, without CHILD SAs.</param>
public sealed record IkeUpDownNotification(bool Up, IkeSaStatus Ike) : ViciNotification;

/// <summary>A CHILD SA came up or went down.</summary>
/// <param name="Up">True for up.</param>
/// <param name="Ike">Its IKE SA, with this one CHILD SA.</param>
public sealed record ChildUpDownNotification(bool Up, IkeSaStatus Ike) : ViciNotification;

/// <summary>An IKE SA was rekeyed.</summary>
/// <param name="Old">The SA that goes.</param>
/// <param name="New">The SA that stays.</param>
public sealed record IkeRekeyNotification(IkeSaStatus Old, IkeSaStatus New) : ViciNotification;

/// <summary>A CHILD SA was rekeyed.</summary>
/// <param name="Ike">Its IKE SA; its children are not told here.</param>
/// <param name="Old">The SA that goes.</param>
/// <param name="New">The SA that stays.</param>
public sealed record ChildRekeyNotification(IkeSaStatus Ike, ChildSaStatus Old, ChildSaStatus New) : ViciNotification;

/// <summary>An address of an IKE SA is about to change.</summary>
/// <param name="Ike">The SA with its old addresses.</param>
/// <param name="LocalHost">The local address from now on.</param>
/// <param name="LocalPort">The local UDP port from now on.</param>
/// <param name="RemoteHost">The peer's address from now on.</param>
/// <param name="RemotePort">The peer's UDP port from now on.</param>
public sealed record IkeUpdateNotification(
    IkeSaStatus Ike, string LocalHost, int LocalPort, string RemoteHost, int RemotePort) : ViciNotification;
