using System.Runtime.CompilerServices;
using Tunnelwright.Vici.Protocol;
using Tunnelwright.Vici.Transport;

namespace Tunnelwright.Vici;

/// <summary>
/// A client of the VICI socket of strongSwan's IKE daemon (protocol of 5.9.8: src/libcharon/plugins/vici/README.md). It may be used
/// from several threads at once. The daemon answers the requests of one connection one after the other, so requests that run at the
/// same time go over several connections, which are made when they are needed, kept, and made anew after a hang-up.
/// </summary>
/// <remarks>
/// All requests throw: <see cref="ViciCommandFailedException"/> when the daemon says no, <see cref="ViciUnknownCommandException"/> when it
/// does not know the command, <see cref="ViciConnectionException"/> when it cannot be reached or hangs up,
/// <see cref="ViciProtocolException"/> when it does not speak VICI, and <see cref="OperationCanceledException"/>. A request that could not
/// be handed over on a kept connection is tried once more on a new one; a request that was handed over is never repeated. Cancelling
/// closes the connection of the request; the daemon may still carry it out.
/// </remarks>
public sealed partial class ViciClient : IAsyncDisposable
{
    /// <summary>Where charon listens unless it is told otherwise.</summary>
    public const string DefaultSocketPath = "/var/run/charon.vici";

    private readonly ViciClientOptions _options;
    private readonly ViciEndpoint _endpoint;
    private readonly ViciConnectionPool _pool;

    /// <summary>Makes a client. Nothing is opened before the first request.</summary>
    /// <param name="socketPath">The path of the daemon's socket, at most 107 bytes.</param>
    /// <param name="options">Settings, or null for the usual ones.</param>
    /// <exception cref="ArgumentException">The path is empty or too long, or a setting is out of its range.</exception>
    public ViciClient(string socketPath, ViciClientOptions? options = null)
    {
        _options = options ?? new ViciClientOptions();
        if (_options.Problem() is { } problem)
            throw new ArgumentException(problem, nameof(options));
        _endpoint = new ViciEndpoint(socketPath, _options.ConnectTimeout, _options.TimeProvider);
        _pool = new ViciConnectionPool(_endpoint, _options.MaximumConnections, _options.MaximumBlockingRequests);
    }

    /// <summary>The path of the daemon's socket.</summary>
    public string SocketPath => _endpoint.Path;

    /// <summary>Sends any command and gives its answer. See the remarks of the class for the errors.</summary>
    /// <param name="command">The name of the command, for example <c>version</c>.</param>
    /// <param name="arguments">Its arguments, or null for none. They are never logged.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<ViciSection> RequestAsync(string command, ViciSection? arguments = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(command);
        return SendAsync(Quick(command, arguments), cancellationToken);
    }

    /// <summary>
    /// Sends a command that answers with a stream of events, such as <c>list-sas</c> with <c>list-sa</c>. The connection is occupied until
    /// the stream has been read to its end or given up; what is not read piles up in the daemon, so read on.
    /// </summary>
    /// <param name="command">The name of the command.</param>
    /// <param name="eventName">The name of the event that carries the stream.</param>
    /// <param name="arguments">Arguments of the command, or null for none.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <exception cref="ViciUnknownEventException">The daemon does not know the event.</exception>
    public IAsyncEnumerable<ViciSection> StreamAsync(
        string command, string eventName, ViciSection? arguments = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(command);
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        return ReadStreamAsync(Quick(command, arguments), eventName, cancellationToken);
    }

    /// <summary>
    /// Closes all connections. Requests and subscriptions under way fail with <see cref="ViciConnectionException"/>, later ones with
    /// <see cref="ObjectDisposedException"/>.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        _pool.Dispose();
        return ValueTask.CompletedTask;
    }

    private ViciCommand Quick(string command, ViciSection? arguments)
    {
        var blocking = command is "initiate" or "terminate";
        return new(command, arguments, blocking, blocking ? Timeout.InfiniteTimeSpan : _options.RequestTimeout);
    }

    private async Task<ViciSection> SendAsync(ViciCommand command, CancellationToken cancellationToken)
    {
        using var packet = ViciPacket.Encode(ViciPacketType.CommandRequest, command.Name, command.Arguments);
        for (var attempt = 0; ; attempt++)
        {
            var connection = await _pool.RentAsync(command.Blocking, fresh: attempt > 0, cancellationToken);
            var reusable = false;
            try
            {
                await connection.SendAsync(packet.Written, command.Silence, cancellationToken);
                connection.RequestSent = true;
                var answer = await connection.ReceiveAsync(command.Silence, cancellationToken);
                reusable = answer.Type is ViciPacketType.CommandResponse or ViciPacketType.CommandUnknown;
                return command.Accept(answer);
            }
            catch (ViciConnectionException error) when (
                attempt == 0 && connection.Used && !error.RequestSent && error.Failure is ViciConnectionFailure.HungUp)
            {
            }
            finally
            {
                _pool.Return(connection, command.Blocking, reusable);
            }
        }
    }

    private async IAsyncEnumerable<ViciSection> ReadStreamAsync(
        ViciCommand command, string eventName, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var exchange = await ViciExchange.OpenAsync(_pool, command, eventName, cancellationToken);
        while (await exchange.NextAsync(cancellationToken) is { } section)
            yield return section;
    }
}
