using FinanceIntegrations.Domain.Incidents;

namespace FinanceIntegrations.Grains.Incidents;

/// <summary>The open incidents, as this silo saw them last. Read at every status and every run's end, so it lies in memory.</summary>
internal sealed class ProviderTrouble
{
    private volatile IReadOnlyList<ProviderIncident> _open = [];

    public void Publish(IReadOnlyList<ProviderIncident> open) => _open = open;

    /// <summary>Null: the provider has no trouble of that kind.</summary>
    public ProviderIncident? Of(string provider, string? errorClass)
    {
        foreach (var incident in _open)
            if (incident.Provider == provider && incident.ErrorClass == errorClass) return incident;
        return null;
    }
}
