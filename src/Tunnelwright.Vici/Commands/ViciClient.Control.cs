using Tunnelwright.Vici.Transport;

namespace Tunnelwright.Vici;

public sealed partial class ViciClient
{
    /// <summary>
    /// Brings up a CHILD SA, with its IKE SA when there is none, or an IKE SA alone (<c>initiate</c>). When this is cancelled the daemon
    /// goes on, and one of its workers waits for the end: prefer <see cref="InitiateRequest.Timeout"/>.
    /// </summary>
    /// <param name="request">What to bring up.</param>
    /// <param name="log">Called for each line that the daemon logs about it, in order, on any thread; it should return soon.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <exception cref="ArgumentException">The request names nothing.</exception>
    /// <exception cref="ViciCommandFailedException">It failed, or was not up within the time limit.</exception>
    public Task InitiateAsync(InitiateRequest request, Action<ViciLogLine>? log = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request is { Child: null, Ike: null })
            throw new ArgumentException("The request names neither a child nor a connection.", nameof(request));
        return ControlAsync(Waiting("initiate", request.ToSection(), request.Timeout), log, cancellationToken);
    }

    /// <summary>Takes SAs down (<c>terminate</c>).</summary>
    /// <param name="request">Which SAs, and how.</param>
    /// <param name="log">Called for each line that the daemon logs about it, in order, on any thread; it should return soon.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <exception cref="ArgumentException">The request selects nothing.</exception>
    /// <exception cref="ViciCommandFailedException">No SA matched, or not all of them are down within the time limit.</exception>
    public async Task<TerminateResult> TerminateAsync(
        TerminateRequest request, Action<ViciLogLine>? log = null, CancellationToken cancellationToken = default)
    {
        CheckSelector(request);
        var answer = await ControlAsync(Waiting("terminate", request.ToSection(), request.Timeout), log, cancellationToken);
        return new TerminateResult(answer.GetInt32("matches") ?? 0, answer.GetInt32("terminated") ?? 0);
    }

    /// <summary>Begins to rekey SAs; the outcome is told by events (<c>rekey</c>).</summary>
    /// <param name="selector">Which SAs: CHILD SAs when a child is named, else IKE SAs.</param>
    /// <param name="reauthenticate">Whether to build an IKEv2 SA anew instead, with its CHILD SAs.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <returns>How many SAs matched.</returns>
    /// <exception cref="ArgumentException">The selector is empty.</exception>
    /// <exception cref="ViciCommandFailedException">No SA matched.</exception>
    public async Task<int> RekeyAsync(SaSelector selector, bool reauthenticate = false, CancellationToken cancellationToken = default)
    {
        CheckSelector(selector);
        var arguments = selector.ToSelectorSection();
        if (reauthenticate)
            arguments.Add("reauth", value: true);
        return (await RequestAsync("rekey", arguments, cancellationToken)).GetInt32("matches") ?? 0;
    }

    /// <summary>Sends peers to another gateway (<c>redirect</c>; RFC 5685).</summary>
    /// <returns>How many SAs matched.</returns>
    /// <exception cref="ViciCommandFailedException">No SA matched, or the request is not valid.</exception>
    public async Task<int> RedirectAsync(RedirectRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return (await RequestAsync("redirect", request.ToSection(), cancellationToken)).GetInt32("matches") ?? 0;
    }

    /// <summary>Installs the trap, bypass or drop policy of a CHILD SA's configuration (<c>install</c>).</summary>
    /// <param name="child">The name of the configuration.</param>
    /// <param name="ike">The connection; null takes the first that has the child.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <exception cref="ViciCommandFailedException">There is no such configuration, or the kernel refused.</exception>
    public Task InstallAsync(string child, string? ike = null, CancellationToken cancellationToken = default) =>
        PolicyAsync("install", child, ike, cancellationToken);

    /// <summary>Removes the trap, bypass or drop policy of a CHILD SA's configuration (<c>uninstall</c>).</summary>
    /// <param name="child">The name of the configuration.</param>
    /// <param name="ike">The connection; null takes the first policy of that name.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <exception cref="ViciCommandFailedException">There is no such policy.</exception>
    public Task UninstallAsync(string child, string? ike = null, CancellationToken cancellationToken = default) =>
        PolicyAsync("uninstall", child, ike, cancellationToken);

    private static void CheckSelector(SaSelector selector)
    {
        ArgumentNullException.ThrowIfNull(selector);
        if (selector is { Child: null, Ike: null, ChildId: null, IkeId: null })
            throw new ArgumentException("The selector is empty.", nameof(selector));
    }

    private Task<ViciSection> PolicyAsync(string command, string child, string? ike, CancellationToken cancellationToken)
    {
        var arguments = new ViciSection { { "child", child } };
        arguments.AddOptional("ike", ike);
        return RequestAsync(command, arguments, cancellationToken);
    }

    /// <summary>A command that the daemon answers when it is done, or when the given time is up.</summary>
    private ViciCommand Waiting(string command, ViciSection arguments, TimeSpan? timeout)
    {
        var silence = timeout is { } limit && _options.RequestTimeout != Timeout.InfiniteTimeSpan
            ? limit + _options.RequestTimeout
            : Timeout.InfiniteTimeSpan;
        return new(command, arguments, Blocking: timeout != TimeSpan.Zero, silence);
    }

    private async Task<ViciSection> ControlAsync(ViciCommand command, Action<ViciLogLine>? log, CancellationToken cancellationToken)
    {
        if (log is null)
            return await SendAsync(command, cancellationToken);
        using var exchange = await ViciExchange.OpenAsync(_pool, command, ViciEventNames.ControlLog, cancellationToken);
        while (await exchange.NextAsync(cancellationToken) is { } line)
            log(ViciLogLine.Read(line));
        return exchange.Response;
    }
}
