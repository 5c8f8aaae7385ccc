using FinanceIntegrations.Data.Auditing;
using FinanceIntegrations.Data.Disputes;
using FinanceIntegrations.Data.Endpoints;
using FinanceIntegrations.Data.Incidents;
using FinanceIntegrations.Data.Reading.Records;
using Microsoft.Extensions.DependencyInjection;

namespace FinanceIntegrations.Data.Reading;

public static class ApiStores
{
    /// <summary>The readers and stores behind the API. Needs the data source and, for webhook secrets, the edge key ring.</summary>
    public static IServiceCollection AddApiStores(this IServiceCollection services)
    {
        services.AddSingleton<IntegrationReader>().AddSingleton<RunReader>().AddSingleton<LogReader>().AddSingleton<CandidateReader>();
        services.AddSingleton<AttentionReader>().AddSingleton<ParkedRowReader>();
        services.AddSingleton<CallBudgetReader>().AddSingleton<OperationReader>().AddSingleton<EvidenceDrafts>().AddSingleton<DisputeMoney>();
        services.AddSingleton<AuditStore>();
        services.AddSingleton<FreshnessReader>().AddSingleton<IncidentStore>();
        services.AddSingleton<AccountReader>().AddSingleton<BalanceReader>().AddSingleton<BalanceHistoryReader>().AddSingleton<TransactionReader>();
        services.AddSingleton<PaymentReader>().AddSingleton<PayoutReader>().AddSingleton<PayoutEntryReader>().AddSingleton<DisputeReader>();
        services.AddSingleton<WebhookEventReader>().AddSingleton<WebhookReplay>().AddSingleton<WebhookEndpointStore>();
        services.AddSingleton<WebhookSecrets>().AddSingleton<IdempotencyKeys>();
        return services;
    }
}
