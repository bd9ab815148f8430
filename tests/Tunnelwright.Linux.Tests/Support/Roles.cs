namespace Tunnelwright.Linux.Tests;

/// <summary>This program, started with a role in its environment, is not a test run but a process that a test looks at from outside.</summary>
internal static class Roles
{
    internal const string Variable = "TWT_ROLE";
    private const string Starter = "starter";
    private const string LockHolder = "lock-holder";

    internal static string Program => Environment.ProcessPath ?? throw new InvalidOperationException("This program has no path.");

    /// <summary>Starts a service with the given mark, prints its process id, and waits to be killed.</summary>
    internal static Dictionary<string, string?> StarterOf(string mark) => new() { [Variable] = $"{Starter} {mark}" };

    /// <summary>Takes the lock, prints "held", and waits to be killed.</summary>
    internal static Dictionary<string, string?> HolderOf(string path) => new() { [Variable] = $"{LockHolder} {path}" };

    private static async Task<int> Main(string[] arguments)
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split(' ', 2) is not [var role, var argument])
            return await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(arguments);
        if (role == Starter)
        {
            var started = await ServiceProcess.StartAsync(new ServiceProcessSpec { Program = "sleep", Arguments = ["60"], MarkValue = argument });
            Console.WriteLine(started.Pid);
        }
        else if (role == LockHolder)
        {
            Console.WriteLine(FileLock.TryAcquire(argument) is null ? "refused" : "held");
        }

        await Task.Delay(TimeSpan.FromSeconds(60));
        return 1;
    }
}
