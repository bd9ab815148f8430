using System.Runtime.InteropServices;

namespace Tunnelwright.Dns.Native;

/// <summary>Zeroed memory straight from the kernel, which gives it page by page as it is written. No large pages: the kernel would look for one, and clear it, while a thread waits, milliseconds at a time.</summary>
internal sealed unsafe class MappedMemory : IDisposable
{
    private const int ReadAndWrite = 3;
    private const int PrivateAnonymous = 0x22;
    private const int WithoutReserve = 0x4000;
    private readonly nuint _length;

    /// <exception cref="IOException">The kernel has none.</exception>
    public MappedMemory(long length)
    {
        _length = (nuint)length;
        var address = LibC.MapMemory(0, _length, ReadAndWrite, PrivateAnonymous | WithoutReserve, -1, 0);
        if (address == -1) throw new IOException($"{length} bytes for the cache: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        Address = (byte*)address;
    }

    public byte* Address { get; }

    public void Dispose() => _ = LibC.UnmapMemory((nint)Address, _length);
}
