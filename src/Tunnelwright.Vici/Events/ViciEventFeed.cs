using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Tunnelwright.Vici.Protocol;
using Tunnelwright.Vici.Transport;

namespace Tunnelwright.Vici;

/// <summary>
/// A subscription: a task reads events from a connection of its own into a bounded buffer, as fast as they come, and the consumer
/// reads from the buffer. The daemon keeps unread events in memory and cannot end while they are there, so it must never wait for us.
/// </summary>
internal sealed class ViciEventFeed
{
    private readonly ViciEndpoint _endpoint;
    private readonly IReadOnlyCollection<string> _eventNames;
    private readonly ViciListenOptions _options;
    private readonly TimeSpan _answerLimit;
    private readonly Channel<ViciEvent> _buffer;
    private long _dropped;
    private ViciEvent? _droppedMark;

    public ViciEventFeed(ViciEndpoint endpoint, IReadOnlyCollection<string> eventNames, ViciListenOptions options, TimeSpan answerLimit)
    {
        _endpoint = endpoint;
        _eventNames = eventNames;
        _options = options;
        _answerLimit = answerLimit;
        _buffer = Channel.CreateBounded<ViciEvent>(
            new BoundedChannelOptions(options.Capacity)
            {
                FullMode = BoundedChannelFullMode.DropOldest,
                SingleReader = true,
                SingleWriter = true,
            },
            Dropped);
    }

    /// <summary>Runs the subscription for as long as its items are read.</summary>
    public async IAsyncEnumerable<ViciEvent> ReadAllAsync(
        CancellationToken closing, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(closing, cancellationToken);
        var drain = Task.Run(() => DrainAsync(ending.Token), CancellationToken.None);
        try
        {
            while (await _buffer.Reader.WaitToReadAsync(cancellationToken))
            {
                while (_buffer.Reader.TryRead(out var item))
                {
                    if (Interlocked.Exchange(ref _droppedMark, null) is { } mark)
                        yield return mark;
                    if (Interlocked.Exchange(ref _dropped, 0) is var lost and > 0)
                        yield return ViciEvent.Lost(lost);
                    yield return item;
                }
            }
        }
        finally
        {
            await ending.CancelAsync();
            await drain;
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (closing.IsCancellationRequested)
        {
            throw new ViciConnectionException(
                ViciConnectionFailure.ClientDisposed, _endpoint.Path, $"The client of '{_endpoint.Path}' was disposed of.");
        }
    }

    /// <summary>Counts a dropped event. Of the marks the latest is kept, since it tells how the subscription stands.</summary>
    private void Dropped(ViciEvent item)
    {
        if (item.Kind is ViciEventKind.Raised)
            Interlocked.Increment(ref _dropped);
        else
            Interlocked.Exchange(ref _droppedMark, item);
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SubscribeForeverAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _buffer.Writer.TryComplete();
        }
        catch (Exception error)
        {
            _buffer.Writer.TryComplete(error);
        }
    }

    private async Task SubscribeForeverAsync(CancellationToken cancellationToken)
    {
        var told = false;
        while (true)
        {
            try
            {
                using var connection = await _endpoint.ConnectAsync(cancellationToken);
                foreach (var name in _eventNames)
                    await RegisterAsync(connection, name, cancellationToken);
                _buffer.Writer.TryWrite(ViciEvent.Subscribed());
                told = false;
                while (true)
                    Take(await connection.ReceiveAsync(Timeout.InfiniteTimeSpan, cancellationToken));
            }
            catch (ViciException failure) when (_options.Resubscribe && failure is ViciConnectionException or ViciProtocolException)
            {
                if (!told)
                    _buffer.Writer.TryWrite(ViciEvent.Disconnected(failure));
                told = true;
            }

            await Task.Delay(_options.ReconnectDelay, _endpoint.Time, cancellationToken);
        }
    }

    private async Task RegisterAsync(ViciConnection connection, string name, CancellationToken cancellationToken)
    {
        using (var packet = ViciPacket.Encode(ViciPacketType.EventRegister, name))
            await connection.SendAsync(packet.Written, _answerLimit, cancellationToken);
        while (true)
        {
            var answer = await connection.ReceiveAsync(_answerLimit, cancellationToken);
            if (answer.Type is ViciPacketType.EventConfirm)
                return;
            if (answer.Type is ViciPacketType.EventUnknown)
                throw new ViciUnknownEventException(name);
            Take(answer);
        }
    }

    private void Take(in ViciPacket packet)
    {
        if (packet.Type is not ViciPacketType.Event || !_eventNames.Contains(packet.Name))
            throw new ViciProtocolException($"Instead of an event came a packet of type {packet.Type} '{packet.Name}'");
        _buffer.Writer.TryWrite(ViciEvent.Raised(packet.Name, packet.Message));
    }
}
