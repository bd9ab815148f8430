// Azure VPN gateway for vpn-0a1b2c3d4e5f60718: az deployment group create --resource-group GROUP --template-file main.bicep --parameters main.parameters.json
// The gateway must be route-based and of size VpnGw1 or larger; its public address is the registered customer address.
// Phase 1 lives 28800 s on Azure, whatever the file says. Azure clamps the MSS to a value of its own; MTU, replay window and Don't Fragment bit cannot be set.
// Without BGP, Azure takes a range through one connection at a time: activeTunnel says which; deploy again with the other number to fail over.

@description('The region.')
param location string = resourceGroup().location
@description('The name of the virtual network gateway.')
param gatewayName string
@description('The tunnel that carries the traffic.')
@allowed([1, 2])
param activeTunnel int = 1
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
    localNetworkAddressSpace: {
      addressPrefixes: [
        '10.8.2.0/24'
      ]
    }
  }
}

resource connection1 'Microsoft.Network/connections@2023-11-01' = if (activeTunnel == 1) {
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
    enableBgp: false
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
    localNetworkAddressSpace: {
      addressPrefixes: [
        '10.8.2.0/24'
      ]
    }
  }
}

resource connection2 'Microsoft.Network/connections@2023-11-01' = if (activeTunnel == 2) {
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
    enableBgp: false
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
