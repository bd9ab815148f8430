using Npgsql;
using Tunnelwright.Linux;

namespace Tunnelwright.Cloud;

/// <summary>
/// A PostgreSQL of the service's own under its state folder: reachable over a Unix socket by its owner alone. Started by root it runs as the user
/// postgres. Replicas on one host share it: whoever finds it down starts it, the last one that ends stops it.
/// </summary>
internal sealed class PrivateCluster
{
    private const string ServerUser = "postgres";
    private const int LongestSocketPath = 107;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly string _folder;
    private readonly string _programs;
    private readonly bool _root;
    private readonly bool _durable;

    /// <summary>The cluster of a state folder.</summary>
    /// <param name="stateFolder">The folder.</param>
    /// <param name="durable">Whether what is committed outlives a power cut; without it is for tests.</param>
    /// <exception cref="StoreException">PostgreSQL is not installed, or the folder's name is too long for a socket.</exception>
    public PrivateCluster(string stateFolder, bool durable = true)
    {
        _durable = durable;
        _folder = Path.Combine(Path.GetFullPath(stateFolder), "postgresql");
        _root = Environment.IsPrivilegedProcess;
        _programs = FindPrograms() ?? throw new StoreException("PostgreSQL is not installed", "apt-get install --no-install-recommends postgresql, or give --database");
        if (_folder.Any(c => char.IsWhiteSpace(c) || c is '\'' or '"' or '\\' or '$' or '`')) throw new StoreException($"'{_folder}' holds characters that PostgreSQL's options cannot", "choose a state folder without blanks and quotes");
        if (Path.Combine(SocketFolder, ".s.PGSQL.5432").Length > LongestSocketPath) throw new StoreException($"{_folder} is too long a name for a socket in it", "choose a shorter state folder");
    }

    /// <summary>Where the socket is.</summary>
    public string SocketFolder => Path.Combine(_folder, "run");

    /// <summary>The connection string of the service's database.</summary>
    public string ConnectionString => Of("tunnelwright");

    private string Data => Path.Combine(_folder, "data");

    private string Log => Path.Combine(_folder, "log");

    /// <summary>Makes the cluster when there is none, starts it when it does not run, and makes the database when it is missing. Harmless at any time.</summary>
    /// <returns>Whether it had to be started.</returns>
    public async Task<bool> EnsureRunningAsync(CancellationToken cancellationToken)
    {
        using var held = await FileLock.AcquireAsync(_folder + ".lock", cancellationToken: cancellationToken);
        // Before the first look: whether the server runs is asked as its own user.
        if (_root) StateFolder.Open(Path.GetDirectoryName(_folder)!);
        await using var source = NpgsqlDataSource.Create(Of("postgres"));
        var (started, began) = (false, TimeProvider.System.GetTimestamp());
        NpgsqlConnection? found = null;
        while (found is null)
        {
            // Looked at again in every round: a server that has just been killed may seem to run for a moment.
            if (!await RunsAsync(cancellationToken))
            {
                await StartAsync(cancellationToken);
                started = true;
            }

            found = await TryOpenAsync(source, cancellationToken);
            if (found is not null) break;
            if (TimeProvider.System.GetElapsedTime(began) > Patience) throw new StoreException($"the private PostgreSQL in {_folder} runs and does not answer", $"its log is {Log}");
            await Task.Delay(Pause, cancellationToken);
        }

        await using var connection = found;
        await using var look = new NpgsqlCommand("select 1 from pg_database where datname = 'tunnelwright'", connection);
        if (await look.ExecuteScalarAsync(cancellationToken) is null)
        {
            await using var make = new NpgsqlCommand("create database tunnelwright", connection);
            await make.ExecuteNonQueryAsync(cancellationToken);
        }

        return started;
    }

    /// <summary>Stops the cluster unless another replica uses it.</summary>
    public async Task StopUnlessUsedAsync()
    {
        using var held = await FileLock.AcquireAsync(_folder + ".lock");
        if (!await RunsAsync(CancellationToken.None)) return;
        await using (var source = NpgsqlDataSource.Create(Of("postgres")))
        {
            // One that is recovering is left alone: whoever starts next finds it.
            await using var connection = await TryOpenAsync(source, CancellationToken.None);
            if (connection is null) return;
            await using var look = new NpgsqlCommand("select count(*) from pg_stat_activity where application_name = $1", connection) { Parameters = { new() { Value = Database.ApplicationName } } };
            if ((long)(await look.ExecuteScalarAsync())! > 0) return;
        }

        await RunAsync("pg_ctl", ["stop", "-w", "-t", "60", "-s", "-m", "fast", "-D", Data], CancellationToken.None);
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await MakeFoldersAsync(cancellationToken);
        if (!File.Exists(Path.Combine(Data, "PG_VERSION"))) await InitializeAsync(cancellationToken);

        // Options on the command line: the cluster's own files stay as initdb made them.
        string[] options =
        [
            "-c", "listen_addresses=", "-c", $"unix_socket_directories={SocketFolder}", "-c", "unix_socket_permissions=0700", "-c", "max_connections=120",
            "-c", "shared_buffers=64MB", "-c", "dynamic_shared_memory_type=mmap", "-c", "log_min_error_statement=panic", "-c", "log_parameter_max_length=0",
            .. _durable ? Array.Empty<string>() : ["-c", "fsync=off", "-c", "full_page_writes=off"],
        ];
        await RunAsync("pg_ctl", ["start", "-w", "-t", "60", "-s", "-D", Data, "-l", Log, "-o", string.Join(' ', options)], cancellationToken);
    }

    /// <summary>A connection; null while the server is not there or is still recovering.</summary>
    private static async Task<NpgsqlConnection?> TryOpenAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        try
        {
            return await source.OpenConnectionAsync(cancellationToken);
        }
        catch (NpgsqlException problem) when (problem is not PostgresException { SqlState: not PostgresErrorCodes.CannotConnectNow })
        {
            return null;
        }
    }

    private static string? FindPrograms()
    {
        const string installed = "/usr/lib/postgresql";
        var folders = Directory.Exists(installed) ? Directory.EnumerateDirectories(installed) : [];
        return folders.Where(folder => File.Exists($"{folder}/bin/initdb") && int.TryParse(Path.GetFileName(folder), out _)).OrderBy(folder => int.Parse(Path.GetFileName(folder))).Select(folder => $"{folder}/bin").LastOrDefault()
            ?? (ProgramFinder.TryFind("initdb") is { } found ? Path.GetDirectoryName(found) : null);
    }

    private string Of(string database) => new NpgsqlConnectionStringBuilder { Host = SocketFolder, Database = database, Username = ServerUser }.ConnectionString;

    private async Task<bool> RunsAsync(CancellationToken cancellationToken) =>
        Directory.Exists(Data) && (await RunAsync("pg_ctl", ["status", "-D", Data], cancellationToken, mayFail: true)).Succeeded;

    private async Task MakeFoldersAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_folder);
        Directory.CreateDirectory(SocketFolder);
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.SetUnixFileMode(SocketFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (!_root) return;

        await CommandRunner.Shared.RunAsync("chown", ["-R", $"{ServerUser}:", _folder], cancellationToken: cancellationToken);
        var reached = await CommandRunner.Shared.RunAsync("runuser", ["-u", ServerUser, "--", "test", "-w", SocketFolder], new CommandOptions { ThrowOnFailure = false, WorkingDirectory = "/" }, cancellationToken);
        if (!reached.Succeeded) throw new StoreException($"the user {ServerUser} cannot get to {_folder}", "the folders above the state folder need the execute bit for others, or choose another --state-folder");
    }

    private async Task InitializeAsync(CancellationToken cancellationToken)
    {
        // Half a cluster of a run that was ended: initdb wants an empty folder.
        if (Directory.Exists(Data)) Directory.Delete(Data, recursive: true);
        await RunAsync("initdb", ["--pgdata", Data, "--auth=trust", "--encoding=UTF8", "--locale=C", "--username", ServerUser, "--no-instructions", .. _durable ? Array.Empty<string>() : ["--no-sync"]], cancellationToken);
    }

    private async Task<CommandResult> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken, bool mayFail = false)
    {
        var options = new CommandOptions { Timeout = Patience, WorkingDirectory = "/", ThrowOnFailure = !mayFail };
        var path = $"{_programs}/{program}";
        try
        {
            // util-linux's runuser: no session, no PAM prompts, the server's own user.
            return _root
                ? await CommandRunner.Shared.RunAsync("runuser", ["-u", ServerUser, "--", path, .. arguments], options, cancellationToken)
                : await CommandRunner.Shared.RunAsync(path, arguments, options, cancellationToken);
        }
        catch (CommandFailedException problem)
        {
            throw new StoreException($"the private PostgreSQL in {_folder}: {problem.Message}", $"its log is {Log}", problem);
        }
    }
}
