using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Storage;

namespace FinanceIntegrations.Data.Tests.OrleansStatements;

/// <summary>Orleans' own ADO.NET providers on a database of ours, without a running silo.</summary>
internal sealed class OrleansProviders : IAsyncDisposable
{
    private const string Invariant = "Npgsql";
    private readonly IHost _silo;
    private readonly IHost _client;

    private OrleansProviders(IHost silo, IHost client) => (_silo, _client) = (silo, client);

    public IMembershipTable Membership => _silo.Services.GetRequiredService<IMembershipTable>();

    public IReminderTable Reminders => _silo.Services.GetRequiredService<IReminderTable>();

    public IGatewayListProvider Gateways => _client.Services.GetRequiredService<IGatewayListProvider>();

    public IGrainStorage Storage => _silo.Services.GetRequiredKeyedService<IGrainStorage>("integrations");

    public static async Task<OrleansProviders> StartAsync(
        OwnDatabase database, string service = "finance", string cluster = "main", bool deleteOnClear = false)
    {
        var silo = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        silo.UseOrleans(s => s
            .Configure<ClusterOptions>(o => (o.ServiceId, o.ClusterId) = (service, cluster))
            .UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (Invariant, database.ConnectionString))
            .UseAdoNetReminderService(o => (o.Invariant, o.ConnectionString) = (Invariant, database.ConnectionString))
            .AddAdoNetGrainStorage("integrations", o =>
            {
                (o.Invariant, o.DataSource) = (Invariant, database.Source);   // as the silo does
                (o.DeleteStateOnClear, o.GrainStorageSerializer) = (deleteOnClear, new PlainJson());
            }));
        var client = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        client.UseOrleansClient(c => c
            .Configure<ClusterOptions>(o => (o.ServiceId, o.ClusterId) = (service, cluster))
            .UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (Invariant, database.ConnectionString)));

        var providers = new OrleansProviders(silo.Build(), client.Build());
        var lifecycle = new Lifecycle();
        ((ILifecycleParticipant<ISiloLifecycle>)providers.Storage).Participate(lifecycle);
        await lifecycle.OnStart(CancellationToken.None);
        return providers;
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        _silo.Dispose();
        return ValueTask.CompletedTask;
    }

    private sealed class Lifecycle() : LifecycleSubject(NullLogger.Instance), ISiloLifecycle
    {
        public int HighestCompletedStage => 0;

        public int LowestStoppedStage => 0;
    }

    private sealed class PlainJson : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input));

        public T Deserialize<T>(BinaryData input) =>
            JsonSerializer.Deserialize<T>(input.ToMemory().Span) ?? throw new JsonException("A stored state is null.");
    }
}
