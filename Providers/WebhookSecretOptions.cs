using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Webhooks;
using Microsoft.Extensions.Configuration;

namespace FinanceIntegrations.Providers;

/// <summary>
/// Signing secrets of this deployment's own endpoint at each provider: <c>{PROVIDER}_WEBHOOK_SECRET</c>, several separated by commas while
/// one is being rolled. A provider without one: every event is refused.
/// </summary>
public sealed class WebhookSecretOptions
{
    private readonly Dictionary<ProviderId, WebhookSecret[]> _secrets = [];

    /// <summary>Empty where none is set.</summary>
    public ReadOnlySpan<WebhookSecret> For(ProviderId provider) => _secrets.GetValueOrDefault(provider);

    /// <param name="commaSeparated">Blank parts are left out.</param>
    public void Set(ProviderId provider, string? commaSeparated)
    {
        var parts = (commaSeparated ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        _secrets[provider] = [.. parts.Select(WebhookSecret.FromText)];
    }

    internal void Take(IConfiguration configuration)
    {
        foreach (var provider in ProviderId.All) Set(provider, configuration[$"{provider.Value.ToUpperInvariant()}_WEBHOOK_SECRET"]);
    }
}
