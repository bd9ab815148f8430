using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <content>Which of the text's parts belong to which tunnel.</content>
internal sealed partial class StrongSwanTextReader
{
    /// <summary>Brings together what the parts of the text say about each tunnel.</summary>
    private void Assign()
    {
        var standard = _conns.Find(conn => conn.Name == "%default");
        var real = _conns.FindAll(conn => conn.Name != "%default" && conn.Value("right", _conns, standard) is not null);
        if (real.Count > 2)
        {
            _draft.Problems.Warning(Causes.ConfigSyntax, null, $"The text has {real.Count} conn sections with a right end; the first two are read.", null, real[2].Line);
            real.RemoveRange(2, real.Count - 2);
        }

        Number(real);
        foreach (var conn in real.OrderBy(conn => conn.Number))
        {
            if (_draft.Tunnel(conn.Number, conn.Line) is { } tunnel) new ConnValues(_draft, tunnel, name => conn.Value(name, _conns, standard)).Take();
        }

        foreach (var inside in _insides)
        {
            if (OfDevice(inside.Device, inside.Heading, real) is not { } tunnel) continue;
            tunnel.Set(TunnelField.CustomerInside, inside.Local, inside.Line);
            tunnel.Set(TunnelField.CloudInside, inside.Remote, inside.Line);
        }

        foreach (var value in _devices)
        {
            if (value.Field != TunnelField.CloudOutside && OfDevice(value.Device, value.Heading, real) is { } tunnel) tunnel.Set(value.Field, value.Text, value.Line);
        }

        Secrets();
        Neighbors();
    }

    /// <summary>A name that ends in 1 or 2 says the number; the others take what is left, in order.</summary>
    private static void Number(List<ConnSection> conns)
    {
        var taken = new HashSet<int>();
        foreach (var conn in conns)
        {
            var last = conn.Name[^1];
            var wanted = last is '1' or '2' && (conn.Name.Length == 1 || !char.IsAsciiDigit(conn.Name[^2])) ? last - '0' : conn.Heading is 1 or 2 ? conn.Heading : 0;
            if (wanted > 0 && taken.Add(wanted)) conn.Number = wanted;
        }

        foreach (var conn in conns)
        {
            if (conn.Number == 0) conn.Number = taken.Add(1) ? 1 : 2;
        }
    }

    private TunnelDraft? OfDevice(string device, int heading, List<ConnSection> conns)
    {
        foreach (var conn in conns)
        {
            if (conn.Name.Equals(device, StringComparison.OrdinalIgnoreCase)) return ByNumber(conn.Number);
        }

        foreach (var link in _devices)
        {
            if (link.Field != TunnelField.CloudOutside || link.Device != device) continue;
            foreach (var tunnel in _draft.Tunnels)
            {
                if (tunnel[TunnelField.CloudOutside].Text.Span.SequenceEqual(link.Text)) return tunnel;
            }
        }

        if (ByNumber(heading) is { } under) return under;
        return device.Length > 0 && device[^1] is '1' or '2' ? ByNumber(device[^1] - '0') : _draft.Tunnels.Count == 1 ? _draft.Tunnels[0] : null;
    }

    private TunnelDraft? ByNumber(int number)
    {
        foreach (var tunnel in _draft.Tunnels)
        {
            if (tunnel.Number == number) return tunnel;
        }

        return null;
    }

    private void Secrets()
    {
        foreach (var tunnel in _draft.Tunnels)
        {
            var right = tunnel[TunnelField.CloudOutside].Text.ToString();
            var matching = _secrets.FindAll(secret => secret.Owners.Contains(right));
            if (matching.Count == 0) matching = _secrets.FindAll(secret => secret.Owners.Count == 0 || secret.Owners.TrueForAll(owner => owner is "%any" or "0.0.0.0"));
            foreach (var secret in matching) tunnel.Set(TunnelField.PreSharedKey, secret.Key, secret.Line);
        }
    }

    private void Neighbors()
    {
        if (_neighbors.Count == 0 && !_customerAsn.HasText) return;
        foreach (var tunnel in _draft.Tunnels)
        {
            tunnel.UsesBgp = true;
            if (_customerAsn.HasText) tunnel.Set(TunnelField.CustomerAsn, _customerAsn.Text, _customerAsn.Line);
            var inside = tunnel[TunnelField.CloudInside].Text.Span;
            var slash = inside.IndexOf('/');
            var address = slash < 0 ? inside : inside[..slash];
            foreach (var neighbor in _neighbors)
            {
                if (!address.SequenceEqual(neighbor.Address)) continue;
                tunnel.Set(neighbor.Field, neighbor.Text, neighbor.Line);
                if (neighbor.Field == TunnelField.CloudAsn) tunnel.Set(TunnelField.Neighbor, neighbor.Address, neighbor.Line);
            }
        }
    }

    private sealed record InsidePair(string Device, string Local, string Remote, int Line, int Heading);

    private sealed record DeviceValue(string Device, TunnelField Field, string Text, int Line, int Heading);

    private sealed record NeighborValue(string Address, TunnelField Field, string Text, int Line);
}
