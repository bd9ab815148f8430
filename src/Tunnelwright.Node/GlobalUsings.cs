global using InterfaceAddress = Tunnelwright.Model.InterfaceAddress;
