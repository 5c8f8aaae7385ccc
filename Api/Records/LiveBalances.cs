using FinanceIntegrations.Api.Cluster;
using FinanceIntegrations.Api.Live;
using FinanceIntegrations.Data.Reading.Records;
using FinanceIntegrations.Grains.Abstractions;

namespace FinanceIntegrations.Api.Records;

/// <summary>What the accounts hold now, by the provider; else by the newest that we know.</summary>
internal sealed class LiveBalances(LiveLookup lookup, IntegrationGrains grains)
{
    /// <param name="held">What is stored: shown where the provider does not answer and never answered later than that.</param>
    /// <param name="currency">Null: any.</param>
    public async Task<RecordPage<BalanceItem>> OverAsync(Guid integration, RecordPage<BalanceItem> held, string? currency, CancellationToken cancel)
    {
        var answer = await lookup.AskAsync(integration, "balances", token => grains.Get(integration).ReadBalances(token), cancel);
        if (answer.Value is not { } live || (answer.Because is not null && held.AsOf >= live.AsOf))
            return held with { Stale = true, StaleBecause = answer.Because };
        BalanceItem[] items = [.. live.Balances.Where(b => currency is null || b.Currency == currency).Select(Item)];
        return new(items, NextCursor: null, live.AsOf, Stale: answer.Because is not null) { StaleBecause = answer.Because };
    }

    private static BalanceItem Item(LiveBalanceView balance) => new()
    {
        Id = balance.Id,
        AccountId = balance.AccountId,
        Currency = balance.Currency,
        Available = balance.Available,
        Pending = balance.Pending,
        Reserved = balance.Reserved,
        AsOf = balance.AsOf,
    };
}
