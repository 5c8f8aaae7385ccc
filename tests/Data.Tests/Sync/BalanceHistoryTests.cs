using CsCheck;
using FinanceIntegrations.Data.Integrations;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Data.Reading.Records;
using FinanceIntegrations.Data.Sync;
using FinanceIntegrations.Data.Webhooks;
using FinanceIntegrations.Domain.Records;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Sync;

/// <summary>What the accounts held before: each change of the figures once, by whichever way it came.</summary>
public sealed class BalanceHistoryTests(OwnDatabase own) : DatabaseTest(own)
{
    private static readonly BalanceHistoryFilter Everything = new(null, null, Period.Between(null, null));

    [Fact]
    public async Task In_whatever_order_states_come_the_last_of_the_history_is_the_balance_and_no_two_neighbours_are_the_same() =>
        await Gen.Select(Gen.Int[0, 4], Gen.Int[0, 2], Gen.Int[0, 1], Gen.Bool).Array[1, 12].SampleAsync(async arrivals =>
        {
            var integration = await NewIntegrationAsync();
            var newest = -1;
            var changes = new List<(decimal, decimal)>();
            foreach (var (second, available, pending, byWebhook) in arrivals)
            {
                await ApplyAsync(integration, byWebhook, Balance("GBP", available, pending, second));
                // What is held stays held since when it came to be so: the same figures again are not written, and make it no younger.
                if (second < newest || (changes.Count > 0 && changes[^1] == (available, pending))) continue;
                newest = second;
                changes.Add((available, pending));
            }
            var history = await HistoryAsync(integration, Everything);
            Assert.Equal(changes, history.Reverse().Select(item => (item.Available, item.Pending)));
            var held = Assert.Single(await new BalanceReader(Source).ListAsync(integration, new(null, null, null, Everything.Since), Positions.NewestText, 9, Cancel));
            Assert.Equal((held.Available, held.Pending, held.Reserved), (history[0].Available, history[0].Pending, history[0].Reserved));
        }, iter: 40, threads: 1);

    [Fact]
    public async Task The_same_figures_read_again_add_nothing_though_the_answer_around_them_changed()
    {
        var integration = await NewIntegrationAsync();
        for (var second = 0; second < 3; second++) await ApplyAsync(integration, byWebhook: false, Balance("GBP", 5m, 1m, second, note: $"{second}"));
        var item = Assert.Single(await HistoryAsync(integration, Everything));
        Assert.Equal((5m, 1m, Sample.Day), (item.Available, item.Pending, item.AsOf));   // since then
        await ApplyAsync(integration, byWebhook: true, Balance("GBP", 5m, 1m, 9) with { Reserved = 2m });
        Assert.Equal([2m, null], (await HistoryAsync(integration, Everything)).Select(one => one.Reserved));
    }

    [Fact]
    public async Task It_is_listed_newest_first_by_account_currency_and_time_page_by_page_and_goes_with_a_purge()
    {
        var integration = await NewIntegrationAsync();
        for (var n = 0; n < 6; n++)
            await ApplyAsync(integration, byWebhook: n % 2 == 0,
                Balance("GBP", n, 0, n), Balance("JPY", 10 * n, 0, n), Balance("GBP", 100 * n, 0, n) with { ExternalId = "acct_2:GBP", AccountId = "acct_2" });
        await ApplyAsync(await NewIntegrationAsync(), byWebhook: false, Balance("GBP", 77m, 0, 0));

        var all = await HistoryAsync(integration, Everything);
        Assert.Equal(18, all.Count);
        Assert.Equal(all.Select(item => item.AsOf).OrderDescending(), all.Select(item => item.AsOf));
        var paged = new List<BalanceHistoryItem>();
        for (var after = Positions.NewestNumber; await HistoryAsync(integration, Everything, after, 4) is { Count: > 0 } page; after = BalanceHistoryReader.PlaceOf(page[^1]))
            paged.AddRange(page);
        Assert.Equal(all, paged);
        Assert.Equal([50m, 40m, 30m, 20m, 10m, 0m], (await HistoryAsync(integration, Everything with { Currency = "JPY" })).Select(item => item.Available));
        Assert.Equal([300m, 200m], (await HistoryAsync(integration,
            Everything with { Account = "acct_2", Since = Period.Between(Sample.Day.AddSeconds(2), Sample.Day.AddSeconds(4)) })).Select(item => item.Available));

        await new PurgeStore(Source).PurgeAsync(integration, Cancel);
        Assert.Empty(await HistoryAsync(integration, Everything));
    }

    private static Balance Balance(string currency, decimal available, decimal pending, int second, string note = "") => new()
    {
        ExternalId = $"acct_1:{currency}",
        AccountId = "acct_1",
        Currency = currency,
        Available = available,
        Pending = pending,
        AsOf = Sample.Day.AddSeconds(second),
        Raw = System.Text.Encoding.UTF8.GetBytes($$"""{ "available": "{{available}}", "pending": "{{pending}}", "note": "{{note}}" }"""),
    };

    private async Task ApplyAsync(Guid integration, bool byWebhook, params UnifiedRecord[] records)
    {
        if (byWebhook)
        {
            await new DeliveryQueue(Source, Clock).CompleteAsync(integration, new() { Records = records }, Cancel);
            return;
        }
        var store = new SyncStore(Source, Clock);
        var key = new StreamKey(integration, "balances", NewId());
        Assert.NotNull(await store.CommitAsync(key, await store.OpenAsync(key, Cancel), RecordKind.Balance, Sample.Page("c", records) with { EndOfPass = true }, 1, Cancel));
    }

    private Task<IReadOnlyList<BalanceHistoryItem>> HistoryAsync(Guid integration, BalanceHistoryFilter filter, Position<long>? after = null, int limit = 100) =>
        new BalanceHistoryReader(Source).ListAsync(integration, filter, after ?? Positions.NewestNumber, limit, Cancel);
}
