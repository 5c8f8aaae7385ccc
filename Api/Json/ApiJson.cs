using System.Text.Json;
using System.Text.Json.Serialization;
using FinanceIntegrations.Api.Admin;
using FinanceIntegrations.Api.Attention;
using FinanceIntegrations.Api.Budgets;
using FinanceIntegrations.Api.Disputes;
using FinanceIntegrations.Api.Integrations;
using FinanceIntegrations.Api.Lists;
using FinanceIntegrations.Api.OAuth;
using FinanceIntegrations.Api.Operations;
using FinanceIntegrations.Api.ParkedRows;
using FinanceIntegrations.Api.Providers;
using FinanceIntegrations.Api.Records;
using FinanceIntegrations.Api.WebhookEndpoints;
using FinanceIntegrations.Api.WebhookEvents;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Data.Reading.Records;
using FinanceIntegrations.Grains.Abstractions;

namespace FinanceIntegrations.Api.Json;

/// <summary>What crosses the API's border. The rules stand in <see cref="JsonRules"/>: they hold for framework types too.</summary>
[JsonSerializable(typeof(IntegrationDocument))]
[JsonSerializable(typeof(Page<IntegrationDocument>))]
[JsonSerializable(typeof(CreateIntegrationRequest))]
[JsonSerializable(typeof(UpdateIntegrationRequest))]
[JsonSerializable(typeof(IntegrationStatusView))]
[JsonSerializable(typeof(DeletionView))]
[JsonSerializable(typeof(ConnectionTestView))]
[JsonSerializable(typeof(RefreshView))]
[JsonSerializable(typeof(SweepProgress))]
[JsonSerializable(typeof(Run))]
[JsonSerializable(typeof(Page<Run>))]
[JsonSerializable(typeof(Page<IntegrationLog>))]
[JsonSerializable(typeof(AttentionEntry))]
[JsonSerializable(typeof(Page<AttentionEntry>))]
[JsonSerializable(typeof(ResolveRequest))]
[JsonSerializable(typeof(ResolvedItem))]
[JsonSerializable(typeof(CreatePayoutRequest))]
[JsonSerializable(typeof(SubmitEvidenceRequest))]
[JsonSerializable(typeof(SaveEvidenceRequest))]
[JsonSerializable(typeof(EvidenceDocument))]
[JsonSerializable(typeof(AddedFile))]
[JsonSerializable(typeof(DisputeSummary))]
[JsonSerializable(typeof(Operation))]
[JsonSerializable(typeof(Page<Operation>))]
[JsonSerializable(typeof(Page<ParkedRow>))]
[JsonSerializable(typeof(ParkedRowDocument))]
[JsonSerializable(typeof(RemapAnswer))]
[JsonSerializable(typeof(AuthorizeRequest))]
[JsonSerializable(typeof(AuthorizeAnswer))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(RecordPage<AccountItem>))]
[JsonSerializable(typeof(RecordPage<BalanceItem>))]
[JsonSerializable(typeof(RecordPage<BalanceHistoryItem>))]
[JsonSerializable(typeof(RecordPage<TransactionItem>))]
[JsonSerializable(typeof(RecordPage<PaymentItem>))]
[JsonSerializable(typeof(RecordPage<PayoutItem>))]
[JsonSerializable(typeof(PayoutItem))]
[JsonSerializable(typeof(RecordPage<PayoutEntryItem>))]
[JsonSerializable(typeof(RecordPage<DisputeItem>))]
[JsonSerializable(typeof(Page<ProviderDocument>))]
[JsonSerializable(typeof(WebhookEndpointRequest))]
[JsonSerializable(typeof(CreateWebhookEndpointRequest))]
[JsonSerializable(typeof(RotateSecretRequest))]
[JsonSerializable(typeof(WebhookEndpointDocument))]
[JsonSerializable(typeof(Page<WebhookEndpointDocument>))]
[JsonSerializable(typeof(Page<WebhookEvent>))]
[JsonSerializable(typeof(WebhookEventDocument))]
[JsonSerializable(typeof(ReplayRequest))]
[JsonSerializable(typeof(ReplayAnswer))]
[JsonSerializable(typeof(SweepAnswer))]
[JsonSerializable(typeof(Page<CallBudgetDocument>))]
internal sealed partial class ApiJson : JsonSerializerContext;

internal static class JsonRules
{
    public static void Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DictionaryKeyPolicy = null;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
        options.Converters.Add(new AmountConverter());
        options.Converters.Add(new UtcConverter());
        options.TypeInfoResolverChain.Insert(0, ApiJson.Default);
    }
}
