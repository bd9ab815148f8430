using System.Xml;
using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <content>The walk over the elements.</content>
internal static partial class XmlConfigurationReader
{
    private sealed class Walker(ConnectionDraft draft, int lineOffset, bool isFixed)
    {
        private readonly string[] _path = new string[MaximumDepth + 1];
        private TunnelDraft? _tunnel;
        private int _tunnels;
        private int _depth;
        private readonly InsideParts _customer = new();
        private readonly InsideParts _cloud = new();
        private (string Text, int Line)? _cloudHold;

        public void Read(XmlReader reader)
        {
            var info = (IXmlLineInfo)reader;
            while (reader.Read())
            {
                var line = isFixed ? lineOffset : lineOffset + info.LineNumber;
                switch (reader.NodeType)
                {
                    case XmlNodeType.Element:
                        if (reader.Depth >= MaximumDepth)
                        {
                            draft.Problems.Error(Causes.ConfigSyntax, null, $"The XML is nested more than {MaximumDepth} deep on line {line}; a provider's file is nested 5 deep, so download it again.", null, line);
                            if (_tunnel is not null) draft.Drop(_tunnel);
                            _tunnel = null;
                            return;
                        }

                        _depth = reader.Depth;
                        _path[_depth] = reader.LocalName;
                        Begin(reader, line);
                        if (reader.IsEmptyElement) End(line);
                        break;
                    case XmlNodeType.Text or XmlNodeType.CDATA:
                        var value = reader.Value;
                        Value(value.Length > MaximumValueLength ? value[..MaximumValueLength] : value, line);
                        break;
                    case XmlNodeType.EndElement:
                        _depth = reader.Depth;
                        End(line);
                        if (_depth == 0) return;
                        break;
                }
            }
        }

        /// <summary>Says that the XML cannot be read on, and forgets the tunnel that is not whole.</summary>
        public void Broken(int xmlLine)
        {
            var line = isFixed ? lineOffset : lineOffset + xmlLine;
            var unfinished = _tunnel is null ? "" : $" within tunnel {_tunnel.Number}";
            draft.Problems.Error(Causes.ConfigSyntax, null, $"The XML cannot be read from line {line} on{unfinished}; download the file again, whole.", null, line);
            if (_tunnel is not null) draft.Drop(_tunnel);
        }

        public void Finish()
        {
            if (_tunnels == 0) draft.Problems.Error(Causes.ConfigSyntax, null, "The XML holds no <ipsec_tunnel> element; download the file again, whole.");
        }

        private string Name(int up = 0) => _depth - up >= 0 ? _path[_depth - up] : "";

        private bool At(string name, int up = 0) => Name(up).Equals(name, StringComparison.OrdinalIgnoreCase);

        private bool Under(string name)
        {
            for (var index = 0; index < _depth; index++)
            {
                if (_path[index].Equals(name, StringComparison.OrdinalIgnoreCase)) return true;
            }

            return false;
        }

        private void Begin(XmlReader reader, int line)
        {
            if (_depth == 0)
            {
                if (reader.MoveToFirstAttribute())
                {
                    do
                    {
                        if (reader.LocalName.Equals("id", StringComparison.OrdinalIgnoreCase)) draft.Set(ConnectionField.Id, Cut(reader.Value), line);
                    }
                    while (reader.MoveToNextAttribute());
                    reader.MoveToElement();
                }
            }
            else if (At("ipsec_tunnel"))
            {
                _tunnel = draft.Tunnel(++_tunnels, line);
                _customer.Clear();
                _cloud.Clear();
                _cloudHold = null;
            }
            else if (_tunnel is not null && Field() is { } field && field is not (TunnelField.CustomerInside or TunnelField.CloudInside))
            {
                // An empty element still has a line.
                if (field != TunnelField.HoldTime && !At("tunnel_outside_address") && !_tunnel[field].IsPresent) _tunnel.Set(field, "".AsMemory(), line);
            }
        }

        private static string Cut(string value) => value.Length > MaximumValueLength ? value[..MaximumValueLength] : value;

        private void End(int line)
        {
            if (!At("ipsec_tunnel") || _tunnel is null) return;
            _customer.Store(_tunnel, TunnelField.CustomerInside);
            _cloud.Store(_tunnel, TunnelField.CloudInside);
            if (_cloudHold is { } hold && !_tunnel[TunnelField.HoldTime].HasText) _tunnel.Set(TunnelField.HoldTime, hold.Text, hold.Line);
            _tunnel.UsesBgp = _tunnel[TunnelField.CloudAsn].IsPresent || _tunnel[TunnelField.CustomerAsn].IsPresent ? true : null;
            _tunnel = null;
        }

        private void Value(string value, int line)
        {
            if (_tunnel is null)
            {
                Connection(value, line);
                return;
            }

            if (At("tunnel_inside_address", 1) || At("tunnel_inside_address"))
            {
                var inside = Under("customer_gateway") ? _customer : _cloud;
                if (At("network_mask")) inside.Mask ??= value.Trim();
                else if (At("network_cidr")) inside.Prefix ??= value.Trim();
                else if (At("ip_address") || At("tunnel_inside_address")) inside.SetAddress(value.Trim(), line);
                return;
            }

            if (Field() is not { } field) return;
            if (field == TunnelField.HoldTime && !Under("customer_gateway")) _cloudHold ??= (value, line);
            else _tunnel.Set(field, value, line);
        }

        private void Connection(string value, int line)
        {
            if (_depth != 1) return;
            if (At("customer_gateway_id")) draft.Set(ConnectionField.CustomerGatewayId, value, line);
            else if (At("vpn_gateway_id") || At("transit_gateway_id")) draft.Set(ConnectionField.CloudGatewayId, value, line);
            else if (At("vpn_connection_attributes") && value.Contains("NoBGP", StringComparison.OrdinalIgnoreCase)) draft.Set(ConnectionField.Routing, "static", line);
        }

        private TunnelField? Field()
        {
            var name = Name().ToLowerInvariant();
            if (Under("ike"))
            {
                return name switch
                {
                    "authentication_protocol" or "integrity_protocol" => TunnelField.IkeIntegrity,
                    "encryption_protocol" => TunnelField.IkeEncryption,
                    "lifetime" => TunnelField.IkeLifetime,
                    "perfect_forward_secrecy" or "diffie_hellman" or "diffie_hellman_group" or "dh_group" => TunnelField.IkeGroup,
                    "mode" => TunnelField.IkeMode,
                    "pre_shared_key" => TunnelField.PreSharedKey,
                    "ike_version" or "version" or "ikeversion" => TunnelField.IkeVersion,
                    "authentication_method" => TunnelField.Authentication,
                    "pseudo_random_function" => TunnelField.IkePseudoRandomFunction,
                    _ => null,
                };
            }

            if (Under("ipsec"))
            {
                return name switch
                {
                    "protocol" => TunnelField.IpsecProtocol,
                    "authentication_protocol" or "integrity_protocol" => TunnelField.IpsecIntegrity,
                    "encryption_protocol" => TunnelField.IpsecEncryption,
                    "lifetime" => TunnelField.IpsecLifetime,
                    "perfect_forward_secrecy" => TunnelField.PfsGroup,
                    "mode" => TunnelField.IpsecMode,
                    "clear_df_bit" => TunnelField.ClearDontFragment,
                    "fragmentation_before_encryption" => TunnelField.Fragmentation,
                    "tcp_mss_adjustment" => TunnelField.Mss,
                    "tunnel_interface_mtu" or "mtu" => TunnelField.Mtu,
                    "interval" => TunnelField.DpdInterval,
                    "retries" => TunnelField.DpdRetries,
                    _ => null,
                };
            }

            var customer = Under("customer_gateway") || At("customer_gateway");
            if (!customer && !Under("vpn_gateway") && !Under("transit_gateway")) return null;
            return name switch
            {
                "ip_address" when At("tunnel_outside_address", 1) => customer ? TunnelField.CustomerOutside : TunnelField.CloudOutside,
                "tunnel_outside_address" => customer ? TunnelField.CustomerOutside : TunnelField.CloudOutside,
                "asn" => customer ? TunnelField.CustomerAsn : TunnelField.CloudAsn,
                "hold_time" => TunnelField.HoldTime,
                _ => null,
            };
        }
    }

    /// <summary>An inside address as the XML gives it: in two or three elements.</summary>
    private sealed class InsideParts
    {
        private string? _address;
        private int _line;

        public string? Mask { get; set; }

        public string? Prefix { get; set; }

        public void SetAddress(string address, int line)
        {
            if (_address is not null || address.Contains(':')) return;
            _address = address;
            _line = line;
        }

        public void Clear()
        {
            _address = Mask = Prefix = null;
            _line = 0;
        }

        public void Store(TunnelDraft tunnel, TunnelField field)
        {
            if (_address is null) return;
            var suffix = Prefix is { Length: > 0 } ? Prefix : Mask;
            tunnel.Set(field, suffix is { Length: > 0 } && !_address.Contains('/') ? $"{_address}/{suffix}" : _address, _line);
        }
    }
}
