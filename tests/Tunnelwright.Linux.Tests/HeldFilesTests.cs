using System.Net.Sockets;

namespace Tunnelwright.Linux.Tests;

/// <summary>What a process holds open, seen on this very process.</summary>
public sealed class HeldFilesTests
{
    [Fact]
    public void A_process_tells_where_it_listens_and_what_it_writes()
    {
        var folder = Directory.CreateTempSubdirectory("tunnelwright-held");
        try
        {
            var (socket, written, read) = (Path.Combine(folder.FullName, "control"), Path.Combine(folder.FullName, "log"), Path.Combine(folder.FullName, "read"));
            File.WriteAllText(read, "");
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(socket));
            Assert.DoesNotContain(socket, HeldFiles.ListeningSockets(Environment.ProcessId));
            listener.Listen();
            using var log = new FileStream(written, FileMode.Create, FileAccess.Write);
            using var other = new FileStream(read, FileMode.Open, FileAccess.Read);
            Assert.Contains(socket, HeldFiles.ListeningSockets(Environment.ProcessId));
            var files = HeldFiles.WrittenFiles(Environment.ProcessId);
            Assert.Contains(written, files);
            Assert.DoesNotContain(read, files);
            Assert.Empty(HeldFiles.ListeningSockets(int.MaxValue));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Only_files_with_content_are_regular()
    {
        var folder = Directory.CreateTempSubdirectory("tunnelwright-regular");
        try
        {
            var (file, link, pipe) = (Path.Combine(folder.FullName, "file"), Path.Combine(folder.FullName, "link"), Path.Combine(folder.FullName, "pipe"));
            File.WriteAllText(file, "");
            File.CreateSymbolicLink(link, file);
            await CommandRunner.Shared.RunAsync("mkfifo", [pipe], cancellationToken: TestContext.Current.CancellationToken);
            Assert.True(RegularFile.Is(file));
            Assert.True(RegularFile.Is(link));
            Assert.All([pipe, folder.FullName, "/dev/null", Path.Combine(folder.FullName, "none")], path => Assert.False(RegularFile.Is(path)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("pos:\t0\nflags:\t02100001\nmnt_id:\t26\n", true)]
    [InlineData("flags:\t0100002\n", true)]
    [InlineData("flags:\t0100000\n", false)]
    [InlineData("flags:\tnonsense\n", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Flags_tell_whether_a_descriptor_writes(string? information, bool expected) => Assert.Equal(expected, HeldFiles.IsWritten(information));
}
