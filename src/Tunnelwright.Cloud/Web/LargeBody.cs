using Microsoft.AspNetCore.Http.Metadata;

namespace Tunnelwright.Cloud;

/// <summary>Marks an endpoint that takes more than others do: a report of tens of thousands of tunnels.</summary>
internal sealed class LargeBody : IRequestSizeLimitMetadata
{
    /// <summary>Bytes.</summary>
    public long? MaxRequestBodySize => 32 * 1024 * 1024;
}
