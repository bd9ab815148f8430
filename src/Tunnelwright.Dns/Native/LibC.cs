using System.Runtime.InteropServices;

namespace Tunnelwright.Dns.Native;

/// <summary>The system calls of the UDP path, under their own names (section 2 and 7 manual pages of Linux).</summary>
internal static unsafe partial class LibC
{
    internal const int FamilyIpv4 = 2;
    internal const int FamilyIpv6 = 10;
    internal const int Datagram = 2;
    internal const int CloseOnExec = 0x80000;
    internal const int NonBlocking = 0x800;

    internal const int LevelSocket = 1;
    internal const int OptionReuseAddress = 2;
    internal const int OptionError = 4;
    internal const int OptionSendBuffer = 7;
    internal const int OptionReceiveBuffer = 8;
    internal const int OptionReusePort = 15;
    internal const int LevelIpv4 = 0;
    internal const int OptionPacketInfo = 8;
    internal const int OptionMtuDiscover = 10;
    internal const int MtuDiscoverOmit = 5;
    internal const int LevelIpv6 = 41;
    internal const int OptionIpv6Only = 26;
    internal const int OptionIpv6ReceivePacketInfo = 49;
    internal const int Ipv6PacketInfo = 50;

    internal const int MessageDoNotWait = 0x40;
    internal const int MessageTruncated = 0x20;

    internal const int PollIn = 1;
    internal const int PollAdd = 1;
    internal const int PollRemove = 2;

    internal const int Interrupted = 4;
    internal const int TryAgain = 11;
    internal const int AddressInUse = 98;
    internal const int ConnectionRefused = 111;
    internal const int HostUnreachable = 113;
    internal const int NetworkUnreachable = 101;

    /// <summary>struct epoll_event is packed on x86-64 only (epoll_ctl(2)).</summary>
    internal static readonly int PollEventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    internal static readonly int PollEventData = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    internal static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    internal static partial int Bind(int socket, byte* address, int length);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    internal static partial int Connect(int socket, byte* address, int length);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    internal static partial int GetSocketName(int socket, byte* address, int* length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    internal static partial int SetSocketOption(int socket, int level, int option, int* value, int length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    internal static partial int ReceiveMessages(int socket, MultiMessage* messages, uint count, int flags, void* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    internal static partial int SendMessages(int socket, MultiMessage* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    internal static partial int CreatePoll(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    internal static partial int ControlPoll(int poll, int operation, int descriptor, byte* pollEvent);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    internal static partial int WaitPoll(int poll, byte* events, int count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    internal static partial int CreateEvent(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(int descriptor, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int descriptor, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    internal static partial nint MapMemory(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    internal static partial int UnmapMemory(nint address, nuint length);

    /// <summary>Sets an integer option.</summary>
    /// <returns>Whether the kernel took it.</returns>
    internal static bool Set(int socket, int level, int option, int value) => SetSocketOption(socket, level, option, &value, sizeof(int)) == 0;
}

/// <summary>struct iovec (readv(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public byte* Base;
    public nuint Length;
}

/// <summary>struct mmsghdr with its struct msghdr (recvmmsg(2), recvmsg(2)) of 64-bit Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MultiMessage
{
    public byte* Name;
    public uint NameLength;
    public IoVector* Vectors;
    public nuint VectorCount;
    public byte* Control;
    public nuint ControlLength;
    public int Flags;
    private readonly uint _endOfHeader;
    public uint Length;
    private readonly uint _end;
}
