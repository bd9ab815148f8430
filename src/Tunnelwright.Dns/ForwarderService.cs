using System.Security.Cryptography;
using Tunnelwright.Dns.Configuration;
using Tunnelwright.Dns.Control;

namespace Tunnelwright.Dns;

/// <summary>A forwarder that works by a configuration file, reads it again when asked to, and tells its state on a control socket.</summary>
public sealed class ForwarderService : IAsyncDisposable
{
    private readonly string _file;
    private readonly DnsForwarder _forwarder;
    private readonly Action<string> _log;
    private readonly DateTimeOffset _since;
    private ControlServer? _control;
    private string _configuration;

    private ForwarderService(string file, string configuration, DnsForwarder forwarder, Action<string> log, DateTimeOffset since) => (_file, _configuration, _forwarder, _log, _since) = (file, configuration, forwarder, log, since);

    /// <summary>The forwarder.</summary>
    public DnsForwarder Forwarder => _forwarder;

    /// <summary>Starts to answer.</summary>
    /// <param name="file">The configuration file.</param>
    /// <param name="controlSocket">Where to tell the state (unix(7)), for the owner alone; null for nowhere.</param>
    /// <param name="log">Takes lines; called by several threads.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <exception cref="ConfigurationException">The file's content cannot be used; says the line and why.</exception>
    /// <exception cref="IOException">The file cannot be read, or an address or the socket cannot be had; the message says which and why.</exception>
    public static async Task<ForwarderService> StartAsync(string file, string? controlSocket, Action<string> log, TimeProvider? time = null)
    {
        var content = await ReadAsync(file);
        var service = new ForwarderService(file, Fingerprint(content), DnsForwarder.Start(ForwarderOptionsReader.Read(content), log, time), log, (time ?? TimeProvider.System).GetUtcNow());
        try
        {
            if (controlSocket is not null) service._control = new ControlServer(controlSocket, service);
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }

        return service;
    }

    /// <summary>SHA-256 of a configuration file's content, as the status tells it.</summary>
    /// <param name="content">The content.</param>
    public static string Fingerprint(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Reads the file again and goes on by it, without a question lost.</summary>
    /// <exception cref="IOException">It cannot be used, or an address cannot be had: everything goes on as before. The message says why.</exception>
    public async Task ReloadAsync()
    {
        try
        {
            var content = await ReadAsync(_file);
            await _forwarder.ReloadAsync(ForwarderOptionsReader.Read(content));
            Volatile.Write(ref _configuration, Fingerprint(content));
            _log($"{_file} is read again; listening on {string.Join(", ", _forwarder.Listening)}");
        }
        catch (ConfigurationException problem)
        {
            throw new IOException($"{_file}:{problem.Line}: {problem.Message}", problem);
        }
    }

    /// <summary>The state now.</summary>
    public ForwarderStatus Status() => ForwarderStatus.From(Volatile.Read(ref _configuration), _since, _forwarder);

    /// <inheritdoc cref="DnsForwarder.WatchQueries"/>
    public IDisposable WatchQueries(Action<string> take) => _forwarder.WatchQueries(take);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_control is not null) await _control.DisposeAsync();
        await _forwarder.DisposeAsync();
    }

    private static async Task<byte[]> ReadAsync(string file)
    {
        try
        {
            return await File.ReadAllBytesAsync(file);
        }
        catch (UnauthorizedAccessException problem)
        {
            throw new IOException($"{file} cannot be read: {problem.Message}", problem);
        }
    }
}
