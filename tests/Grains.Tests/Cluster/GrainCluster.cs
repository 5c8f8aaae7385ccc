using FinanceIntegrations.Data;
using FinanceIntegrations.Data.KeyRings;
using FinanceIntegrations.Data.Migrations;
using FinanceIntegrations.Providers;
using FinanceIntegrations.Silo;
using FinanceIntegrations.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans.Reminders;
using Orleans.TestingHost;
using Xunit;

namespace FinanceIntegrations.Grains.Tests.Cluster;

/// <summary>Two silos in this process, set up as the Silo is, over a PostgreSQL of their own and a clock that stands still.</summary>
public class GrainCluster : IAsyncLifetime
{
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(60);

    private static readonly Dictionary<string, string?> AdoNet = new()
    {
        ["ProviderType"] = ResourceNames.OrleansProvider,
        ["Invariant"] = ResourceNames.OrleansInvariant,
        ["ConnectionName"] = ResourceNames.Database,
    };

    private PostgresFixture? _postgres;
    private InProcessTestCluster? _silos;
    private NpgsqlDataSource? _database;
    private SharedClock? _clock;

    private readonly Switches _switches = new();

    public ScriptedProvider Provider { get; } = new(ScriptedProvider.Id, "transactions");

    public ScriptedProvider ProviderOfHistory { get; } = new(ScriptedProvider.OfHistory, "transactions", "fees");

    public ScriptedProvider ProviderOfTwoStreams { get; } = new(ScriptedProvider.OfTwoStreams, "transactions", "fees");

    public Turns Turns { get; } = new();

    public SharedClock Clock => _clock ?? throw NotStarted();

    public InProcessTestCluster Silos => _silos ?? throw NotStarted();

    /// <summary>The tests' own way into the database.</summary>
    public NpgsqlDataSource Database => _database ?? throw NotStarted();

    public async ValueTask InitializeAsync()
    {
        _postgres = await PostgresFixture.StartAsync(connection => Migrator.MigrateAsync(connection));
        var plain = await _postgres.CreateDatabaseAsync();
        _database = NpgsqlDataSource.Create(plain);
        (_clock, var connection) = await SharedClock.InstallAsync(plain, _database);

        var builder = new InProcessTestClusterBuilder(2);
        builder.Options.ServiceId = ResourceNames.Orleans;
        builder.ConfigureSiloHost((_, host) => Configure(host, connection));
        builder.ConfigureSilo((_, silo) => SiloSetup.Configure(silo));
        _silos = builder.Build();
        await _silos.DeployAsync().WaitAsync(Start);
    }

    /// <summary>The scripted provider, or one of its streams, is switched off until what this answers is disposed.</summary>
    public IDisposable SwitchedOff(string? stream = null) => _switches.Off($"provider_{ScriptedProvider.Id}{(stream is null ? "" : "_" + stream)}");

    /// <summary>That kind of write is switched on.</summary>
    public void SwitchOn(string kind) => _switches.On($"provider_{ScriptedProvider.Id}_{kind}");

    /// <summary>Kills the silo that a grain lives on and starts another, so that there are two again.</summary>
    public async Task KillSiloOfAsync(IAddressable grain)
    {
        await Silos.KillSiloAsync(Silos.GetSiloForAddress(SiloOf(grain))!);
        await Silos.StartAdditionalSiloAsync();
        await Silos.WaitForLivenessToStabilizeAsync(didKill: true);
    }

    public SiloAddress OtherSiloThanOf(IAddressable grain)
    {
        var own = SiloOf(grain);
        return Silos.Silos.Select(silo => silo.SiloAddress).First(silo => !silo.Equals(own));
    }

    public async ValueTask DisposeAsync()
    {
        if (_silos is not null) await _silos.StopAllSilosAsync();
        if (_silos is not null) await _silos.DisposeAsync();
        if (_database is not null) await _database.DisposeAsync();
        if (_postgres is not null) await _postgres.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>What this cluster is told beyond what all are.</summary>
    protected virtual IReadOnlyDictionary<string, string?> MoreSettings => new Dictionary<string, string?>();

    private SiloAddress SiloOf(IAddressable grain) => Silos.TryGetGrainContext(grain.GetGrainId(), out var context)
        ? context.Address.SiloAddress!
        : throw new InvalidOperationException($"{grain} is not active.");

    private static InvalidOperationException NotStarted() => new("The cluster is not started.");

    /// <summary>What Silo/Program.cs composes, with the scripted provider beside the real ones and our clock.</summary>
    private void Configure(IHostApplicationBuilder host, string connection)
    {
        Settings(host, connection);
        host.Configuration.AddInMemoryCollection(MoreSettings);
        host.Configuration.Sources.Add(_switches);
        host.Services.AddPostgres(host.Configuration);
        host.Services.AddTokenKeyRing(host.Configuration, host.Environment);
        host.Services.AddProviders(host.Configuration);
        host.Services.AddIntegrationGrains();
        Provider.Register(host.Services);
        ProviderOfTwoStreams.Register(host.Services);
        ProviderOfHistory.Register(host.Services);

        host.Services.AddSingleton<IIncomingGrainCallFilter>(Turns).AddSingleton<IOutgoingGrainCallFilter>(Turns);

        TimeProvider clock = Clock.Provider;
        host.Services.AddSingleton(clock);                                                   // what grains and their timers see
        host.Services.UseTimeProviderForBackgroundAreas(TimeProvider.System);                // the silo's own loops
        host.Services.AddKeyedSingleton(ReminderTimeProviderNames.Reminders, clock);         // reminders follow the clock too
        host.Logging.SetMinimumLevel(LogLevel.Warning);
    }

    /// <summary>What the environment says to a silo. Membership and grain directory are the test host's; it allows no other.</summary>
    private static void Settings(IHostApplicationBuilder host, string connection) => host.Configuration.AddInMemoryCollection(
        new Dictionary<string, string?>(
            from provider in new[] { "Reminders", $"GrainStorage:{ResourceNames.GrainStorage}" }
            from setting in AdoNet
            select KeyValuePair.Create($"Orleans:{provider}:{setting.Key}", setting.Value))
        {
            [$"ConnectionStrings:{ResourceNames.Database}"] = connection,
            ["Tokens:CallerWait"] = "00:00:05",   // by the machine's clock: ours stands still
            ["DataProtection:TokenMasterKey"] = Convert.ToBase64String(new byte[32]),
        });
}

[CollectionDefinition(Name)]
public sealed class ClusterCollection : ICollectionFixture<GrainCluster>
{
    public const string Name = "cluster";
}
