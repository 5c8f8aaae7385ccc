using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Grains.Abstractions;
using FinanceIntegrations.Providers.Transport;

namespace FinanceIntegrations.Grains.Integrations;

/// <summary>Look-ups for a person who waits: one call, a short time, beside whatever else goes on. They read the published state and change nothing.</summary>
internal sealed partial class IntegrationGrain
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public async Task<Reply<LiveBalancesView>> ReadBalances(CancellationToken cancel)
    {
        if (Lifecycle.RefusesLook(_published, clock.GetUtcNow()) is { } reason) return Words.RefusalOfRun(reason, null);
        if (await SwitchedOff() is { } off) return off;
        if (Connector() is not IReadsBalances provider) return new Refusal("live_not_offered", "This provider cannot be asked for balances alone.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel, _stopping.Token);
        limit.CancelAfter(Patience);
        try
        {
            var answer = await Once(provider, limit.Token);
            return answer.Error is { } error
                ? RefusalOf(error)
                : new LiveBalancesView(clock.GetUtcNow(), [.. answer.Value.OrderBy(b => b.ExternalId, StringComparer.Ordinal).Select(View)]);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return RefusalOf(new(ErrorClass.Network, "timeout", "The provider did not answer in time."));
        }
    }

    private async Task<ProviderResult<IReadOnlyList<Balance>>> Once(IReadsBalances provider, CancellationToken cancel)
    {
        using var attempts = Attempts.One();
        return await new Access(this, Lane.Person, vault, clock).CallAsync(provider.ReadBalancesAsync, cancel);
    }

    private static LiveBalanceView View(Balance balance) => new()
    {
        Id = balance.ExternalId,
        AccountId = balance.AccountId,
        Currency = balance.Currency,
        Available = balance.Available,
        Pending = balance.Pending,
        Reserved = balance.Reserved,
        AsOf = balance.AsOf,
    };
}
