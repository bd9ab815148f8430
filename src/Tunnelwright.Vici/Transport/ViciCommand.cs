using Tunnelwright.Vici.Protocol;

namespace Tunnelwright.Vici.Transport;

/// <summary>A command to send: its arguments are never written to a log or into an exception, since they may hold keys.</summary>
/// <param name="Name">The name of the command.</param>
/// <param name="Arguments">Its arguments, if any.</param>
/// <param name="Blocking">Whether the daemon answers only when something on the network has happened.</param>
/// <param name="Silence">How long the daemon may be silent.</param>
internal sealed record ViciCommand(string Name, ViciSection? Arguments, bool Blocking, TimeSpan Silence)
{
    /// <summary>Takes the answer out of its packet.</summary>
    /// <exception cref="ViciCommandFailedException">The daemon says <c>success = no</c>.</exception>
    /// <exception cref="ViciUnknownCommandException">The daemon does not know the command.</exception>
    public ViciSection Accept(in ViciPacket packet) => packet.Type switch
    {
        ViciPacketType.CommandUnknown => throw new ViciUnknownCommandException(Name),
        ViciPacketType.CommandResponse when packet.Message.GetText("success") is "no" =>
            throw new ViciCommandFailedException(Name, packet.Message),
        ViciPacketType.CommandResponse => packet.Message,
        _ => throw new ViciProtocolException($"The answer to '{Name}' is a packet of type {packet.Type}"),
    };

    public override string ToString() => Name;
}
