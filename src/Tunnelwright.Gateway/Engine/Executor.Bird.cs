using Tunnelwright.Linux;

namespace Tunnelwright.Gateway;

internal sealed partial class Executor
{
    private BirdControl Bird => new($"{_paths.BirdFolder}/bird.ctl");

    private async Task StartAsync(StartBird start, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_paths.BirdFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        AtomicFile.Write($"{_paths.BirdFolder}/bird.conf", start.Configuration);
        var socket = $"{_paths.BirdFolder}/bird.ctl";
        File.Delete(socket);
        var process = await ServiceProcess.StartAsync(
            new ServiceProcessSpec
            {
                Program = "bird",
                Arguments = ["-f", "-c", $"{_paths.BirdFolder}/bird.conf", "-s", socket, "-P", $"{_paths.BirdFolder}/bird.pid"],
                MarkValue = GatewayNames.ProcessMark(gateway, "bird"),
                LogFile = $"{_paths.BirdFolder}/output.log",
            },
            cancellationToken);
        await UntilAsync(() => File.Exists(socket), process, $"BIRD did not come up; see {_paths.BirdFolder}/output.log", cancellationToken);
    }

    /// <summary>BIRD reads the new file first; only when it runs on it, the file takes the place of the old one.</summary>
    private async Task ReconfigureAsync(ReconfigureBird reconfigure, CancellationToken cancellationToken)
    {
        var next = $"{_paths.BirdFolder}/bird.conf.next";
        AtomicFile.Write(next, reconfigure.Configuration);
        await Bird.SendAsync($"configure \"{next}\"", cancellationToken);
        File.Move(next, $"{_paths.BirdFolder}/bird.conf", overwrite: true);
    }
}
