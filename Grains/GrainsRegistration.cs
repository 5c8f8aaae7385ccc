using FinanceIntegrations.Data.Attention;
using FinanceIntegrations.Data.Budgets;
using FinanceIntegrations.Data.Disputes;
using FinanceIntegrations.Data.Incidents;
using FinanceIntegrations.Data.Integrations;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Data.Sync;
using FinanceIntegrations.Data.Webhooks;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Grains.Budgets;
using FinanceIntegrations.Grains.Disputes;
using FinanceIntegrations.Grains.Incidents;
using FinanceIntegrations.Grains.Operations;
using FinanceIntegrations.Grains.Storage;
using FinanceIntegrations.Grains.Sync;
using FinanceIntegrations.Grains.Tokens;
using FinanceIntegrations.Grains.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Orleans.Configuration;

namespace FinanceIntegrations.Grains;

public static class GrainsRegistration
{
    /// <summary>The grain storage's name: it stands in rows and configuration, for ever.</summary>
    public const string StorageName = "integrations";

    /// <summary>Name of this room's meter and activity source.</summary>
    public const string TelemetryName = GrainsTelemetry.Name;

    /// <summary>Everything the grains need but PostgreSQL, the token ring and the providers, which the process brings.</summary>
    public static IServiceCollection AddIntegrationGrains(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptionsWithValidateOnStart<SyncOptions, StreamOptionsValidation>().BindConfiguration(SyncOptions.Section).ValidateDataAnnotations();
        services.AddOptionsWithValidateOnStart<ScheduleOptions>().BindConfiguration(ScheduleOptions.Section).ValidateDataAnnotations();
        services.AddOptionsWithValidateOnStart<DeliveryOptions>().BindConfiguration(DeliveryOptions.Section).ValidateDataAnnotations();
        services.AddOptionsWithValidateOnStart<WriteOptions>().BindConfiguration(WriteOptions.Section).ValidateDataAnnotations();
        services.AddOptionsWithValidateOnStart<TrustOptions>().BindConfiguration(TrustOptions.Section).ValidateDataAnnotations();
        services.AddOptionsWithValidateOnStart<TokenOptions, TokenOptionsValidation>().BindConfiguration(TokenOptions.Section).ValidateDataAnnotations();
        services.AddSingleton<GrainsTelemetry>();
        services.AddSingleton<SyncStore>();
        services.AddSingleton<StreamPasts>();
        services.AddSingleton<OpenRuns>();
        services.AddSingleton<ParkedRows>().AddSingleton<Remapping>();
        services.AddSingleton<WholePasses>().AddSingleton<PayoutSums>().AddSingleton<FollowedPayouts>().AddSingleton<StreamReview>();
        services.AddSingleton<OpenItems>();
        services.AddSingleton<DeliveryQueue>();
        services.AddSingleton<PurgeStore>().AddSingleton<AccountHolders>();
        services.AddSingleton<IOrderFiles, OrderFiles>();
        services.AddOptionsWithValidateOnStart<DisputeOptions>().BindConfiguration(DisputeOptions.Section).ValidateDataAnnotations();
        services.AddSingleton<DisputeWatch>();
        services.AddSingleton<CallBudgetStore>().AddSingleton<CallBudgetReader>().AddSingleton<OperationReader>();
        services.AddSingleton<ICallBudgets, CallBudgets>();
        services.AddSingleton<RunPlan>();
        services.AddSingleton<SyncEngine>();
        services.AddSingleton<SyncLimit>();
        services.AddBreakerPolicies();
        services.AddSingleton<DeliveryWorker>();
        services.AddSingleton<TokenVault>();
        services.AddSingleton<RefreshPace>();
        services.AddSingleton<IIncomingGrainCallFilter, StoreFaults>();
        services.AddHostedService<Sweep>();
        services.AddOptionsWithValidateOnStart<IncidentOptions>().BindConfiguration(IncidentOptions.Section).ValidateDataAnnotations();
        services.AddSingleton<IncidentStore>().AddSingleton<ProviderTrouble>().AddHostedService<IncidentWatch>();
        // Storage shares the silo's data source (auto-prepared statements), and writes JSON that psql and our function read.
        services.AddOptions<AdoNetGrainStorageOptions>(StorageName).PostConfigure<NpgsqlDataSource>((storage, database) =>
        {
            storage.ConnectionString = null;   // configuration may name one; exactly one of the two is allowed
            storage.DataSource = database;
            storage.GrainStorageSerializer = new JsonStorageSerializer();
        });
        return services;
    }
}
