// Azure VPN gateway for vpn-0a1b2c3d4e5f60718: az deployment group create --resource-group GROUP --template-file main.bicep --parameters main.parameters.json
// The gateway must be route-based and of size VpnGw1 or larger; its public address is the registered customer address.
// Phase 1 lives 28800 s on Azure, whatever the file says. Azure clamps the MSS to a value of its own; MTU, replay window and Don't Fragment bit cannot be set.
// Microsoft describes BGP with IKEv2; ask for IKEv2 where the session does not come up with IKEv1.
// Before this, give the gateway AS 65000 and the custom BGP addresses 169.254.21.2, 169.254.22.2. Hold time and filters are Azure's own.

@description('The region.')
param location string = resourceGroup().location
@description('The name of the virtual network gateway.')
param gatewayName string
@description('The name of the gateway\'s IP configuration that has the registered address.')
param ipConfigurationName string = 'default'
@description('The pre-shared key of tunnel 1.')
@secure()
param tunnel1Key string
@description('The pre-shared key of tunnel 2.')
@secure()
param tunnel2Key string

resource gateway 'Microsoft.Network/virtualNetworkGateways@2023-11-01' existing = {
  name: gatewayName
}

resource localGateway1 'Microsoft.Network/localNetworkGateways@2023-11-01' = {
  name: 'vpn-0a1b2c3d4e5f60718-1'
  location: location
  properties: {
    gatewayIpAddress: '198.51.100.11'
    bgpSettings: {
      asn: 64512
      bgpPeeringAddress: '169.254.21.1'
    }
  }
}

resource connection1 'Microsoft.Network/connections@2023-11-01' = {
  name: 'vpn-0a1b2c3d4e5f60718-1'
  location: location
  properties: {
    connectionType: 'IPsec'
    connectionProtocol: 'IKEv1'
    connectionMode: 'InitiatorOnly'
    virtualNetworkGateway1: {
      id: gateway.id
      properties: {}
    }
    localNetworkGateway2: {
      id: localGateway1.id
      properties: {}
    }
    sharedKey: tunnel1Key
    dpdTimeoutSeconds: 30
    routingWeight: 10
    usePolicyBasedTrafficSelectors: false
    enableBgp: true
    gatewayCustomBgpIpAddresses: [
      {
        ipConfigurationId: '${gateway.id}/ipConfigurations/${ipConfigurationName}'
        customBgpIpAddress: '169.254.21.2'
      }
    ]
    ipsecPolicies: [
      {
        ikeEncryption: 'AES128'
        ikeIntegrity: 'SHA1'
        dhGroup: 'DHGroup2'
        ipsecEncryption: 'AES128'
        ipsecIntegrity: 'SHA1'
        pfsGroup: 'PFS2'
        saLifeTimeSeconds: 3600
        // Azure's own default: the provider has no limit by bytes.
        saDataSizeKilobytes: 102400000
      }
    ]
  }
}

resource localGateway2 'Microsoft.Network/localNetworkGateways@2023-11-01' = {
  name: 'vpn-0a1b2c3d4e5f60718-2'
  location: location
  properties: {
    gatewayIpAddress: '198.51.100.22'
    bgpSettings: {
      asn: 64512
      bgpPeeringAddress: '169.254.22.1'
    }
  }
}

resource connection2 'Microsoft.Network/connections@2023-11-01' = {
  name: 'vpn-0a1b2c3d4e5f60718-2'
  location: location
  properties: {
    connectionType: 'IPsec'
    connectionProtocol: 'IKEv1'
    connectionMode: 'InitiatorOnly'
    virtualNetworkGateway1: {
      id: gateway.id
      properties: {}
    }
    localNetworkGateway2: {
      id: localGateway2.id
      properties: {}
    }
    sharedKey: tunnel2Key
    dpdTimeoutSeconds: 30
    routingWeight: 10
    usePolicyBasedTrafficSelectors: false
    enableBgp: true
    gatewayCustomBgpIpAddresses: [
      {
        ipConfigurationId: '${gateway.id}/ipConfigurations/${ipConfigurationName}'
        customBgpIpAddress: '169.254.22.2'
      }
    ]
    ipsecPolicies: [
      {
        ikeEncryption: 'AES128'
        ikeIntegrity: 'SHA1'
        dhGroup: 'DHGroup2'
        ipsecEncryption: 'AES128'
        ipsecIntegrity: 'SHA1'
        pfsGroup: 'PFS2'
        saLifeTimeSeconds: 3600
        // Azure's own default: the provider has no limit by bytes.
        saDataSizeKilobytes: 102400000
      }
    ]
  }
}
