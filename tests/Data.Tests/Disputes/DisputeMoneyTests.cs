using FinanceIntegrations.Data.Disputes;
using FinanceIntegrations.Domain.Attention;
using FinanceIntegrations.Domain.Integrations;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Disputes;

/// <summary>What disputes are about, and which of them somebody is to be told of.</summary>
public sealed class DisputeMoneyTests(OwnDatabase own) : DatabaseTest(own)
{
    [Fact]
    public async Task The_money_is_summed_per_currency_by_what_became_of_it()
    {
        var (id, other) = (await NewIntegrationAsync(), await NewIntegrationAsync());
        await DisputeAsync(id, "a", "needs_response", 10.10m, "GBP", Begin.AddDays(3));
        await DisputeAsync(id, "b", "warning_needs_response", 0.05m, "GBP", Begin.AddDays(2));
        await DisputeAsync(id, "c", "under_review", 5m, "GBP", null);
        await DisputeAsync(id, "d", "won", 7m, "GBP", Begin.AddDays(1));
        await DisputeAsync(id, "e", "lost", 9m, "GBP", null);
        await DisputeAsync(id, "f", "warning_closed", 100m, "GBP", null);
        await DisputeAsync(id, "g", "some_newer_word", 3m, "JPY", null);
        await DisputeAsync(id, "h", "needs_response", 1_000m, "GBP", Begin, deleted: true);
        await DisputeAsync(other, "a", "needs_response", 1_000m, "GBP", Begin);

        var sums = await new DisputeMoney(Source).SumsAsync(id, Cancel);
        Assert.Equal(
            [
                new() { Currency = "GBP", Open = new(3, 15.15m), NeedsResponse = new(2, 10.15m), Won = new(1, 7m), Lost = new(1, 9m), NextDueAt = Begin.AddDays(2) },
                new() { Currency = "JPY", Open = new(1, 3m), NeedsResponse = new(0, 0), Won = new(0, 0), Lost = new(0, 0) },
            ], sums);
    }

    [Fact]
    public async Task Those_that_wait_are_seen_nearest_first_with_what_was_told_and_those_that_do_not_any_more()
    {
        var state = NewState();
        var id = state.Id;
        state = Lifecycle.DisputesLooked(state,
            [new("a", "r", 1, "GBP", Begin.AddDays(2), null), new("c", "r", 1, "GBP", Begin.AddDays(2), null)], [], DisputeMargins.Default, Begin);
        Assert.Equal(1, await Source.WriteStateAsync(state, null, Cancel));
        await DisputeAsync(id, "a", "needs_response", 10m, "GBP", Begin.AddDays(2));
        await DisputeAsync(id, "b", "warning_needs_response", 5m, "GBP", Begin.AddDays(1));
        await DisputeAsync(id, "c", "under_review", 5m, "GBP", Begin.AddDays(1));
        await DisputeAsync(id, "d", "needs_response", 5m, "GBP", null);

        var seen = await new DisputeWatch(Source).LookAsync(id, Cancel);
        Assert.Equal(["b", "a"], seen.Waiting.Select(dispute => dispute.Id));
        Assert.Null(seen.Waiting[0].Told);
        Assert.Equal(new DisputeNotice(Begin.AddDays(2), Begin, null, null), seen.Waiting[1].Told);
        Assert.Equal(["c"], seen.Answered);
    }

    [Fact]
    public async Task A_verdict_is_logged_once_with_its_money_and_one_from_before_we_looked_is_not()
    {
        var id = await NewIntegrationAsync();
        await DisputeAsync(id, "old", "won", 7m, "GBP", null);
        await DisputeAsync(id, "new", "under_review", 12.34m, "GBP", null);
        for (var times = 0; times < 2; times++)
            await Source.ExecuteAsync("update disputes set status = 'won' where integration_id = $1 and external_id = 'new'", Cancel, id);
        Assert.Equal(["Dispute new (fraudulent) is won: 12.34 GBP stay with you."], await Source.ListAsync<string>(
            "select message from integration_logs where integration_id = $1 and event like 'dispute%'", Cancel, id));
    }

    private Task<int> DisputeAsync(Guid integration, string id, string status, decimal amount, string currency, DateTimeOffset? due, bool deleted = false) => Source.ExecuteAsync("""
        insert into disputes (integration_id, external_id, status, reason, amount, currency, occurred_at, evidence_due_at, as_of, rank, content_hash, raw, deleted, first_seen_at, last_seen_at)
        values ($1, $2, $3, 'fraudulent', $4, $5, $6, $7, $6, 0, '', '{}', $8, $6, $6)
        """, Cancel, integration, id, status, amount, currency, Begin, (object?)due ?? DBNull.Value, deleted);
}
