using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Webhooks;
using Microsoft.Extensions.Configuration;

namespace FinanceIntegrations.Providers;

/// <summary>
/// Signing secrets of this deployment's own endpoint at each provider: <c>{PROVIDER}_WEBHOOK_SECRET</c>, several separated by commas while
/// one is being rolled. A provider without one: every event is refused. <c>{PROVIDER}_WEBHOOK_URL</c> is the endpoint's address as it was
/// entered at the provider, for those that sign it along.
/// </summary>
public sealed class WebhookSecretOptions
{
    private readonly Dictionary<ProviderId, WebhookSecret[]> _secrets = [];

    /// <summary>Empty where none is set.</summary>
    public ReadOnlySpan<WebhookSecret> For(ProviderId provider) => _secrets.GetValueOrDefault(provider);

    /// <param name="provider">Whose.</param>
    /// <param name="commaSeparated">Blank parts are left out.</param>
    /// <param name="url">The endpoint's address as it was entered at the provider.</param>
    public void Set(ProviderId provider, string? commaSeparated, string? url = null)
    {
        var parts = (commaSeparated ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var address = string.IsNullOrWhiteSpace(url) ? null : url.Trim();
        _secrets[provider] = [.. parts.Select(part => WebhookSecret.FromText(part) with { Url = address })];
    }

    internal void Take(IConfiguration configuration)
    {
        foreach (var provider in ProviderId.All)
        {
            var prefix = provider.Value.ToUpperInvariant();
            Set(provider, configuration[$"{prefix}_WEBHOOK_SECRET"], configuration[$"{prefix}_WEBHOOK_URL"]);
        }
    }
}
