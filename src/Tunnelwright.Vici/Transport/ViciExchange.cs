using Tunnelwright.Vici.Protocol;

namespace Tunnelwright.Vici.Transport;

/// <summary>
/// One streaming command on a rented connection: register for the event, request, events, response, unregister. Disposing of it before
/// the end closes the connection.
/// </summary>
internal sealed class ViciExchange : IDisposable
{
    private readonly ViciConnectionPool _pool;
    private readonly ViciConnection _connection;
    private readonly ViciCommand _command;
    private readonly string _eventName;
    private bool _complete;

    private ViciExchange(ViciConnectionPool pool, ViciConnection connection, ViciCommand command, string eventName)
    {
        _pool = pool;
        _connection = connection;
        _command = command;
        _eventName = eventName;
    }

    /// <summary>The response, once <see cref="NextAsync"/> has given null.</summary>
    public ViciSection Response { get; private set; } = [];

    /// <summary>Registers for the event and sends the request.</summary>
    public static async Task<ViciExchange> OpenAsync(
        ViciConnectionPool pool, ViciCommand command, string eventName, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            var connection = await pool.RentAsync(command.Blocking, fresh: attempt > 0, cancellationToken);
            var exchange = new ViciExchange(pool, connection, command, eventName);
            try
            {
                await exchange.RegisterAsync(ViciPacketType.EventRegister, cancellationToken);
                using var packet = ViciPacket.Encode(ViciPacketType.CommandRequest, command.Name, command.Arguments);
                await connection.SendAsync(packet.Written, command.Silence, cancellationToken);
                connection.RequestSent = true;
                return exchange;
            }
            catch (ViciConnectionException error) when (
                attempt == 0 && connection.Used && !error.RequestSent && error.Failure is ViciConnectionFailure.HungUp)
            {
                // Nothing but a registration can have reached the daemon, and that went down with the connection.
                exchange.Dispose();
            }
            catch (ViciUnknownEventException)
            {
                exchange._complete = true;
                exchange.Dispose();
                throw;
            }
            catch
            {
                exchange.Dispose();
                throw;
            }
        }
    }

    /// <summary>The next event; null when the command has ended, successfully.</summary>
    /// <exception cref="ViciCommandFailedException">It has ended with <c>success = no</c>.</exception>
    public async ValueTask<ViciSection?> NextAsync(CancellationToken cancellationToken)
    {
        var packet = await _connection.ReceiveAsync(_command.Silence, cancellationToken);
        if (packet.Type is ViciPacketType.Event && packet.Name == _eventName)
            return packet.Message;
        if (packet.Type is not (ViciPacketType.CommandResponse or ViciPacketType.CommandUnknown))
            throw new ViciProtocolException($"During '{_command.Name}' came a packet of type {packet.Type} '{packet.Name}'");
        await RegisterAsync(ViciPacketType.EventUnregister, cancellationToken);
        _complete = true;
        Response = _command.Accept(packet);
        return null;
    }

    public void Dispose() => _pool.Return(_connection, _command.Blocking, _complete);

    private async Task RegisterAsync(ViciPacketType type, CancellationToken cancellationToken)
    {
        using (var packet = ViciPacket.Encode(type, _eventName))
            await _connection.SendAsync(packet.Written, _command.Silence, cancellationToken);
        while (true)
        {
            var answer = await _connection.ReceiveAsync(_command.Silence, cancellationToken);
            switch (answer.Type)
            {
                case ViciPacketType.EventConfirm:
                    return;
                case ViciPacketType.EventUnknown:
                    throw new ViciUnknownEventException(_eventName);
                case ViciPacketType.Event when type is ViciPacketType.EventUnregister && answer.Name == _eventName:
                    break;
                default:
                    throw new ViciProtocolException($"The answer to a registration for '{_eventName}' is a packet of type {answer.Type}");
            }
        }
    }
}
