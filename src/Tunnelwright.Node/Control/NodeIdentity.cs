using System.Reflection;
using System.Text.Json;
using Tunnelwright.Cloud.Client;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Linux;

namespace Tunnelwright.Node.Control;

/// <summary>Who the node is to the service: registered once with its token, then known by a credential that it keeps.</summary>
internal sealed class NodeIdentity(NodeSettings settings, ServiceClient service, string path)
{
    private static readonly string ProgramVersion = typeof(NodeIdentity).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>What the service said at the registration; null before it.</summary>
    public NodeRegistered? Registered { get; private set; } = Load(path);

    /// <summary>Puts the credential into the client, registering first when there is none.</summary>
    /// <exception cref="ServiceException">The service refused, or does not answer.</exception>
    /// <exception cref="IOException">The token's file cannot be read.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (Registered is null)
        {
            service.Token = (await File.ReadAllTextAsync(settings.TokenFile, cancellationToken)).Trim();
            var answer = await service.SendAsync(
                HttpMethod.Post, Paths.NodeRegister, new NodeRegistration(settings.Name, ProgramVersion), CloudJson.Default.NodeRegistration, CloudJson.Default.NodeRegistered, cancellationToken: cancellationToken);
            await AtomicFile.WriteAsync(path, JsonSerializer.Serialize(answer, CloudJson.Default.NodeRegistered), cancellationToken: cancellationToken);
            Registered = answer;
        }

        service.Token = Registered.Credential;
    }

    /// <summary>The service does not know the credential any more: the next call registers again, as the same node.</summary>
    public void Forget() => Registered = null;

    private static NodeRegistered? Load(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllText(path), CloudJson.Default.NodeRegistered) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
