using Tunnelwright.Linux.Native;

namespace Tunnelwright.Linux;

/// <summary>Tells files that hold content from FIFOs, sockets and devices, which an open or a read may wait for without end.</summary>
public static class RegularFile
{
    private const int SizeOfStatx = 256;
    private const int PlaceOfMode = 28;
    private const int TypeMask = 0xf000;
    private const int TypeRegular = 0x8000;

    /// <summary>Whether a path leads, also through links, to a regular file (statx(2), inode(7)); false when there is none or it may not be looked at.</summary>
    public static unsafe bool Is(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var buffer = stackalloc byte[SizeOfStatx];
        return LibC.StatX(LibC.CurrentFolder, path, 0, LibC.StatXType, buffer) == 0 && (*(ushort*)(buffer + PlaceOfMode) & TypeMask) == TypeRegular;
    }
}
