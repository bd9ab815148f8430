namespace Tunnelwright.Dns.Forwarding;

/// <summary>How far a server's response brought the chain.</summary>
internal enum ChainStep
{
    /// <summary>The answer is complete, with or without records.</summary>
    Complete,

    /// <summary>The chain goes on at another name, which has to be asked for.</summary>
    Continue,

    /// <summary>The chain comes back to a name it has been at, or is too long.</summary>
    Loop,

    /// <summary>The response cannot be read, or is to another question.</summary>
    Malformed,

    /// <summary>The server says that it failed, or that it will not.</summary>
    ServerFailed,

    /// <summary>The answer did not fit into the datagram.</summary>
    Truncated,
}
