namespace Tunnelwright.Linux.Native;

/// <summary>Runs work on a thread of its own, which may change its namespaces as it likes because it ends with the work.</summary>
internal static class NamespaceThread
{
    internal const string Folder = "/run/netns";
    private const int StackSize = 256 * 1024;

    /// <summary>Runs the work on a new thread inside the named network namespace (null: our own).</summary>
    internal static Task<T> RunAsync<T>(string? networkNamespace, Func<T> work)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(
            () =>
            {
                try
                {
                    Enter(networkNamespace);
                    completion.SetResult(work());
                }
                catch (OperationCanceledException exception)
                {
                    completion.SetCanceled(exception.CancellationToken);
                }
                catch (Exception exception)
                {
                    completion.SetException(exception);
                }
            },
            StackSize)
        {
            IsBackground = true,
            Name = "namespace",
        };
        thread.Start();
        return completion.Task;
    }

    /// <summary>Moves the calling thread into the named network namespace; nothing happens for null.</summary>
    internal static void Enter(string? networkNamespace)
    {
        if (networkNamespace is null)
            return;
        var operation = $"enter network namespace {networkNamespace}";
        using var handle = LibC.Check(
            LibC.Open($"{Folder}/{networkNamespace}", LibC.OpenReadOnly | LibC.OpenCloseOnExec, 0), operation);
        LibC.Check(LibC.SetNamespace(handle, LibC.CloneNewNetwork), operation);
    }
}
