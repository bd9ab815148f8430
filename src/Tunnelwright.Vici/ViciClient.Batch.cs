using System.Runtime.CompilerServices;
using Tunnelwright.Vici.Protocol;
using Tunnelwright.Vici.Transport;

namespace Tunnelwright.Vici;

public sealed partial class ViciClient
{
    /// <summary>How many requests of a batch may be on their way at once.</summary>
    private const int BatchWindow = 128;

    /// <summary>
    /// Sends many quick requests over one connection without waiting for each answer, which spares the waking-up on both sides;
    /// meant for loading thousands of connections and keys. Outcomes come in the order of the requests; a refused request does not end
    /// the batch. Up to 128 requests run ahead of the outcome that is being read, so a batch that is given up has carried out some of them.
    /// </summary>
    /// <param name="requests">The requests, taken as they are sent.</param>
    /// <param name="cancellationToken">Gives the batch up.</param>
    /// <exception cref="ArgumentException">
    /// One of them is <c>initiate</c> or <c>terminate</c>, which would hold up all that follow.
    /// </exception>
    /// <exception cref="ViciConnectionException">
    /// The connection failed; of requests without an outcome it is not known whether they were carried out.
    /// </exception>
    public async IAsyncEnumerable<ViciOutcome> RequestAllAsync(
        IEnumerable<ViciRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        using var source = requests.GetEnumerator();
        if (!source.MoveNext())
            yield break;
        var connection = await RentAndSendAsync(source.Current, cancellationToken);
        var underWay = new Queue<ViciRequest>(BatchWindow);
        underWay.Enqueue(source.Current);
        var complete = false;
        try
        {
            while (underWay.Count > 0)
            {
                while (underWay.Count < BatchWindow && source.MoveNext())
                {
                    await SendOneAsync(connection, source.Current, cancellationToken);
                    underWay.Enqueue(source.Current);
                }

                var answer = await connection.ReceiveAsync(_options.RequestTimeout, cancellationToken);
                yield return Outcome(underWay.Dequeue(), answer);
            }

            complete = true;
        }
        finally
        {
            _pool.Return(connection, blocking: false, complete);
        }
    }

    private static ViciOutcome Outcome(ViciRequest request, in ViciPacket answer)
    {
        try
        {
            var command = new ViciCommand(request.Command, Arguments: null, Blocking: false, Silence: default);
            return new(request, command.Accept(answer), Refusal: null);
        }
        catch (ViciException refusal) when (refusal is ViciCommandFailedException or ViciUnknownCommandException)
        {
            return new(request, Response: null, refusal);
        }
    }

    /// <summary>Sends the first request of a batch, on a new connection when a kept one turns out to be dead.</summary>
    private async Task<ViciConnection> RentAndSendAsync(ViciRequest request, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            var connection = await _pool.RentAsync(blocking: false, fresh: attempt > 0, cancellationToken);
            try
            {
                await SendOneAsync(connection, request, cancellationToken);
                return connection;
            }
            catch (Exception error)
            {
                var again = attempt == 0 && connection.Used && error is ViciConnectionException { Failure: ViciConnectionFailure.HungUp };
                _pool.Return(connection, blocking: false, reusable: false);
                if (!again)
                    throw;
            }
        }
    }

    private async ValueTask SendOneAsync(ViciConnection connection, ViciRequest request, CancellationToken cancellationToken)
    {
        if (request.Command is "initiate" or "terminate")
            throw new ArgumentException($"'{request.Command}' waits for the network and cannot be part of a batch.", nameof(request));
        using var packet = ViciPacket.Encode(ViciPacketType.CommandRequest, request.Command, request.Arguments);
        await connection.SendAsync(packet.Written, _options.RequestTimeout, cancellationToken);
        connection.RequestSent = true;
    }
}
