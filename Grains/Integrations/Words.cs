using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Grains.Abstractions;

namespace FinanceIntegrations.Grains.Integrations;

/// <summary>Domain's values in the words of the API.</summary>
internal static class Words
{
    public static IntegrationType? TypeOf(string word) => word switch
    {
        "bank" => IntegrationType.Bank,
        "accounting" => IntegrationType.Accounting,
        "payment_processor" => IntegrationType.PaymentProcessor,
        "tax_authority" => IntegrationType.TaxAuthority,
        "custom" => IntegrationType.Custom,
        _ => null,
    };

    public static string Of(IntegrationStatus status) => status switch
    {
        IntegrationStatus.Inactive => "inactive",
        IntegrationStatus.Active => "active",
        IntegrationStatus.Error => "error",
        _ => "expired",
    };

    public static Refusal RefusalOfRun(string reason, DateTimeOffset? due) => new(reason, reason switch
    {
        "switched_off" => "The integration is switched off.",
        "authorization_expired" => "The user has to authorize the connection again.",
        Lifecycle.ProviderIsOff => "This deployment has switched the provider off.",
        "not_connected" => "The account is not connected yet.",
        "circuit_open" => "Calls are suspended after repeated failures; one probe goes out when the pause ends.",
        "not_due" => $"Not due before {due:u}; force starts it now.",
        _ => "No such integration.",
    });
}
