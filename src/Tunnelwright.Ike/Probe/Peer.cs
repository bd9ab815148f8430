using System.Net;

namespace Tunnelwright.Ike;

/// <summary>What all answers of a peer add up to. Answers come in on several threads.</summary>
internal sealed class Peer
{
    private const int MostVendorIds = 64;

    private readonly Lock _lock = new();
    private readonly List<IkeSeenVendorId> _vendorIds = [];
    private bool _demandedCookie;
    private bool? _fragments;
    private string? _redirect;
    private bool _looksLikeStrongSwan;
    private IkeFault? _fault;
    private int _halfOpen;

    internal int HalfOpen
    {
        get
        {
            lock (_lock) return _halfOpen;
        }
    }

    internal void See(IkeAnswer? answer)
    {
        if (answer is null) return;
        lock (_lock)
        {
            _fault ??= answer.Fault;
            _redirect ??= answer.Redirect;
            _demandedCookie |= answer.Cookie is not null;
            if (answer.HasSa) _halfOpen++;
            foreach (var id in answer.VendorIds.Where(id => _vendorIds.Count < MostVendorIds))
            {
                var hex = Convert.ToHexStringLower(id);
                if (!_vendorIds.Exists(seen => seen.Hex == hex)) _vendorIds.Add(new IkeSeenVendorId(hex, IkeVendorIds.Identify(id)));
            }

            if (answer is not { HasSa: true }) return;
            var fragments = answer.Header.MajorVersion == 2 ? answer.Has(IkeNotifyType.FragmentationSupported) : _vendorIds.Exists(seen => seen.Known?.Name == VendorIdList.Fragmentation);
            _fragments = _fragments == true || fragments;
            // Seen with strongSwan 5.9, which names itself only when told to (charon.send_vendor_id, strongswan.conf(5)): no other is known to offer both of these.
            _looksLikeStrongSwan |= answer.Has(IkeNotifyType.MultipleAuthSupported) && answer.Has(IkeNotifyType.ChildlessSupported);
        }
    }

    /// <summary>The part of the result that comes from here.</summary>
    internal IkeProbeResult Result()
    {
        lock (_lock)
        {
            // Microsoft and Cisco IDs are also sent by others for what they can do; a product's own name goes first.
            var named = _vendorIds.Select(seen => seen.Known).FirstOrDefault(known => known?.Vendor is not null);
            return new IkeProbeResult
            {
                Address = IPAddress.None,
                Ports = [],
                Versions = [],
                DemandedCookie = _demandedCookie,
                SupportsFragmentation = _fragments,
                Redirect = _redirect,
                VendorIds = [.. _vendorIds],
                Vendor = named?.Vendor ?? (_looksLikeStrongSwan ? "strongSwan" : null),
                IsVendorGuessed = named is null && _looksLikeStrongSwan,
                HalfOpenSas = _halfOpen,
                Fault = _fault,
            };
        }
    }
}
