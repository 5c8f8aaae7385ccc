using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;

namespace FinanceIntegrations.Grains.Sync;

/// <summary>A run that is to be made, or gone on with.</summary>
internal sealed record RunTask(IConnector Connector, IAccessSource Access, Guid Integration, RunInProgress Run)
{
    /// <summary>At the provider: whose calls its budgets count.</summary>
    public required string? Account { get; init; }

    /// <summary>The breaker is half-open: the provider gets one call, once, and the others only where it answers that.</summary>
    public bool Probes { get; init; }

    /// <summary>A run over history gives way when it says so; others do not ask.</summary>
    public required Pause Pause { get; init; }

    /// <summary>Told how far history is, after each of its pages.</summary>
    public required Action<HistoryReading> Report { get; init; }
}
