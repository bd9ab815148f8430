using Tunnelwright.Dns.Control;
using Tunnelwright.Linux;

namespace Tunnelwright.Gateway;

/// <summary>Our DNS forwarder.</summary>
/// <param name="Process">Its process.</param>
/// <param name="Status">What it tells; null when it does not answer.</param>
internal sealed record ObservedDns(ServiceProcess Process, ForwarderStatus? Status);
