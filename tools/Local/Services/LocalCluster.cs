namespace FinanceIntegrations.Local.Services;

/// <summary>
/// The whole product as separate processes: PostgreSQL, Redis, migrator, sandbox, silos, api, started in this order, stopped in reverse.
/// Any of them can be killed, stopped and started again, on the same ports.
/// </summary>
public sealed class LocalCluster : IAsyncDisposable
{
    private static readonly TimeSpan MigrationLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromMinutes(2);

    private readonly LocalClusterOptions _options;
    private readonly string _folder;
    private readonly ProcessJournal _journal;
    private readonly Dictionary<string, LocalProcess> _running = [];
    private readonly HashSet<LocalProcess> _asked = [];
    private readonly Lock _gate = new();
    private PostgresServer? _postgres;

    private LocalCluster(LocalClusterOptions options, string folder)
    {
        _options = options;
        _folder = folder;
        _journal = new(folder);
        Secrets = LocalSecrets.Load(folder);
        Ports = LocalPorts.Load(folder, options.Silos, options.ApiPort ?? (options.Folder is null ? 0 : null));
        Tokens = new(Secrets.SigningKey, options.Clock);
    }

    /// <summary>A process ended that nobody asked to end: its name, id and exit code.</summary>
    public event Action<string, int, int>? EndedByItself;

    public LocalPorts Ports { get; }

    public LocalSecrets Secrets { get; }

    public Tokens Tokens { get; }

    public string ApiUrl => ProcessEnvironment.Url(Ports.Api);

    public string SandboxUrl => ProcessEnvironment.Url(Ports.Sandbox);

    public string PostgresConnectionString =>
        _postgres?.ConnectionString(ResourceNames.DatabaseName) ?? throw new InvalidOperationException("PostgreSQL has not been started");

    public string RedisConnectionString => RedisServer.ConnectionStringFor(Ports.Redis);

    public string LogFolder => Path.Combine(_folder, "logs");

    /// <summary>What can be killed, stopped and started, in the order of a start: postgres, redis, sandbox, silo, silo-2…, api.</summary>
    public IReadOnlyList<string> Names =>
        ["postgres", ResourceNames.Redis, ResourceNames.Sandbox, .. Enumerable.Range(0, _options.Silos).Select(SiloName), ResourceNames.Api];

    /// <summary>The ids of what runs now, by name.</summary>
    public IReadOnlyDictionary<string, int> Processes
    {
        get
        {
            lock (_gate)
                return _running.ToDictionary(pair => pair.Key, pair => pair.Value.Id);
        }
    }

    /// <summary>Starts everything and answers when the api is ready. On failure, what was started is stopped.</summary>
    public static async Task<LocalCluster> StartAsync(LocalClusterOptions options, ISteps? steps = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        steps ??= new SilentSteps();
        var folder = options.Folder ?? await TemporaryFolder.CreateAsync(cancel);
        Directory.CreateDirectory(folder);
        var cluster = new LocalCluster(options, folder);
        try
        {
            await cluster._journal.EndLeftoversAsync(cancel);
            foreach (var name in cluster.Names)
            {
                await steps.RunAsync(name, async _ => await cluster.StartAsync(name, cancel));
                if (name == "postgres")
                    await steps.RunAsync(ResourceNames.Migrator, async _ => await cluster.MigrateAsync(cancel));
            }
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one that does not run, and waits until it is ready. Answers where it listens.</summary>
    public async Task<string> StartAsync(string name, CancellationToken cancel = default)
    {
        if (Find(name) is not null)
            throw new InvalidOperationException($"{name} runs already");
        switch (name)
        {
            case "postgres":
                RequireFree(name, Ports.Postgres);
                _postgres = await PostgresServer.StartAsync(_folder, LogFolder, Ports.Postgres, cancel);
                Track(_postgres.Process);
                return $"127.0.0.1:{Ports.Postgres}";
            case ResourceNames.Redis:
                RequireFree(name, Ports.Redis);
                Track((await RedisServer.StartAsync(LogFolder, Ports.Redis, cancel)).Process);
                return $"127.0.0.1:{Ports.Redis}";
            case ResourceNames.Sandbox:
                return await StartAsync(name, "tools/Sandbox", Ports.Sandbox, Environment().Sandbox(), cancel);
            case ResourceNames.Api:
                return await StartAsync(name, "Api", Ports.Api, Environment().Api(), cancel);
            default:
                var index = Enumerable.Range(0, _options.Silos).First(number => SiloName(number) == name);
                return await StartAsync(name, "Silo", Ports.Silos[index].Http, Environment().Silo(index), cancel);
        }
    }

    /// <summary>kill -9.</summary>
    public Task KillAsync(string name) => EndAsync(name, process => process.KillAsync());

    /// <summary>A clean stop.</summary>
    public Task StopAsync(string name) => EndAsync(name, process => process.StopAsync());

    public async ValueTask DisposeAsync()
    {
        foreach (var name in Names.Reverse().Where(name => Find(name) is not null))
            await StopAsync(name);
        if (_options.Folder is null)
        {
            PostgresFolder.Forget(_folder);
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static string SiloName(int index) => index == 0 ? ResourceNames.Silo : $"{ResourceNames.Silo}-{index + 1}";

    private static void RequireFree(string name, int port)
    {
        if (!FreePorts.IsFree(port))
            throw new LocalStartException($"port {port}, kept for {name}, is taken by another program: end it, or choose again (--port or --reset)");
    }

    private async Task<string> StartAsync(string name, string room, int port, Dictionary<string, string> environment, CancellationToken cancel)
    {
        RequireFree(name, port);
        var process = LocalProcess.Start(Plan(name, room, environment));
        Track(process);
        var address = ProcessEnvironment.Url(port);
        try
        {
            await Readiness.AwaitHealthyAsync(process, new(address + EndpointPaths.Ready), ReadyLimit, cancel);
        }
        catch
        {
            Untrack(process);
            throw;
        }
        return address;
    }

    private async Task<string> MigrateAsync(CancellationToken cancel)
    {
        await using var migrator = LocalProcess.Start(Plan(ResourceNames.Migrator, "tools/Migrator", Environment().Migrator()));
        var code = await migrator.Exited.WaitAsync(MigrationLimit, _options.Clock, cancel);
        return code == 0
            ? "database is up to date"
            : throw new LocalStartException($"{ResourceNames.Migrator} ended with code {code}:\n{migrator.LogTail()}");
    }

    private ProcessPlan Plan(string name, string room, Dictionary<string, string> environment)
    {
        foreach (var (key, value) in _options.Environment.Concat(_options.EnvironmentOf.GetValueOrDefault(name) ?? _options.Environment))
            environment[key] = value;
        var command = Builds.Command(_options, room);
        return new()
        {
            Name = name,
            Command = command,
            LogPath = Path.Combine(LogFolder, name + ".log"),
            Environment = environment,
            // The content root, where a web process looks for its appsettings.json.
            WorkingDirectory = Path.GetDirectoryName(command[^1]),
        };
    }

    private ProcessEnvironment Environment() => new(Ports, Secrets, PostgresConnectionString, Path.Combine(_folder, ResourceNames.Sandbox));

    private LocalProcess? Find(string name)
    {
        lock (_gate)
            return _running.GetValueOrDefault(name);
    }

    private void Track(LocalProcess process)
    {
        lock (_gate)
            _running[process.Name] = process;
        _journal.Add(process);
        _ = WatchAsync(process);
    }

    /// <summary>From now on its end is no news.</summary>
    private void Untrack(LocalProcess process)
    {
        lock (_gate)
        {
            _asked.Add(process);
            _running.Remove(process.Name);
        }
        _journal.Remove(process);
    }

    private async Task WatchAsync(LocalProcess process)
    {
        var code = await process.Exited;
        lock (_gate)
        {
            if (!_asked.Add(process))
                return;
        }
        Untrack(process);
        EndedByItself?.Invoke(process.Name, process.Id, code);
    }

    private async Task EndAsync(string name, Func<LocalProcess, Task> end)
    {
        var process = Find(name) ?? throw new InvalidOperationException($"{name} does not run");
        lock (_gate)
            _asked.Add(process);
        await end(process);
        Untrack(process);
        await process.DisposeAsync();
    }
}
