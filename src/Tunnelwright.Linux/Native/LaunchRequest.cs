using Microsoft.Win32.SafeHandles;

namespace Tunnelwright.Linux.Native;

/// <summary>What <see cref="ProcessLauncher"/> needs to know. Environment entries are NAME=value; without a new session it leads a new process group.</summary>
internal sealed record LaunchRequest(
    string Path,
    string Name,
    IReadOnlyList<string> Arguments,
    IReadOnlyList<string> Environment,
    string? WorkingDirectory,
    SafeFileHandle Input,
    SafeFileHandle Output,
    SafeFileHandle Error,
    bool NewSession);
