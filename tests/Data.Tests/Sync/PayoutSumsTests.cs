using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Data.Reading.Records;
using FinanceIntegrations.Data.Sync;
using FinanceIntegrations.Data.Webhooks;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Sync;

/// <summary>A payout is its entries together: judged once they are all read, whoever told them.</summary>
public sealed class PayoutSumsTests(OwnDatabase own) : DatabaseTest(own)
{
    private PayoutSums Sums => new(Source);

    [Fact]
    public async Task Entries_that_come_to_the_amount_are_in_order_and_others_are_told_with_both_sums()
    {
        var integration = await NewIntegrationAsync();
        await HoldAsync(integration, Sample.Payout("po_1", 30m), Sample.Payout("po_2", 30m));
        await ReadAsync(integration, ["po_1", "po_2"], Sample.Entry("po_1", "t1", 40m), Sample.Entry("po_1", "t2", -10m), Sample.Entry("po_2", "t3", 29.99m));
        var found = await JudgeAsync(integration);
        Assert.Equal(new PayoutFinding("po_2", "payout_entries", "GBP", 30m, 29.99m), Assert.Single(found.Payouts));
        Assert.Equal(1, found.Count);

        await ReadAsync(integration, ["po_2"], Sample.Entry("po_2", "t4", 0.01m));
        Assert.Empty((await JudgeAsync(integration)).Payouts);
    }

    [Fact]
    public async Task A_payout_whose_entries_are_not_all_read_is_not_judged_and_one_without_entries_is()
    {
        var integration = await NewIntegrationAsync();
        await HoldAsync(integration, Sample.Payout("po_1", 30m), Sample.Payout("po_2", 30m));
        await ReadAsync(integration, ["po_2"], Sample.Entry("po_1", "t1", 10m));
        Assert.Equal(("po_2", 0m), (await JudgeAsync(integration)).Payouts.Select(p => (p.Payout, p.Net)).Single());
        var (unread, empty) = (await SumOfAsync(integration, "po_1"), await SumOfAsync(integration, "po_2"));
        Assert.Equal((1, 10m, null, null), (unread.Count, unread.Net, unread.AddsUp, unread.ReadAt));
        Assert.Equal((0, 0m, false, (DateTimeOffset?)Begin), (empty.Count, empty.Net, empty.AddsUp, empty.ReadAt));
    }

    [Fact]
    public async Task Only_what_is_paid_by_the_providers_own_schedule_is_judged()
    {
        var integration = await NewIntegrationAsync();
        await HoldAsync(integration,
            Sample.Payout("transit", 30m) with { Status = "in_transit" }, Sample.Payout("failed", 30m) with { Status = "failed" },
            Sample.Payout("manual", 30m) with { Automatic = false }, Sample.Payout("unsaid", 30m) with { Automatic = null });
        await ReadAsync(integration, ["transit", "failed", "manual", "unsaid", "unknown"]);
        Assert.Empty((await JudgeAsync(integration)).Payouts);
        Assert.Null((await SumOfAsync(integration, "transit")).AddsUp);

        await HoldAsync(integration, Sample.Payout("transit", 30m, second: 5));   // paid by now: nobody read its entries again
        Assert.Equal("transit", Assert.Single((await JudgeAsync(integration)).Payouts).Payout);
        await HoldAsync(integration, Sample.Payout("transit", 30m, second: 9) with { Status = "failed" });
        Assert.Empty((await JudgeAsync(integration)).Payouts);
    }

    [Fact]
    public async Task A_payout_whose_amount_changes_is_held_against_its_entries_again()
    {
        var integration = await NewIntegrationAsync();
        await HoldAsync(integration, Sample.Payout("po_1", 30m));
        await ReadAsync(integration, ["po_1"], Sample.Entry("po_1", "t1", 30m));
        Assert.Empty((await JudgeAsync(integration)).Payouts);
        await HoldAsync(integration, Sample.Payout("po_1", 31m, second: 5));
        Assert.Equal(-1m, Assert.Single((await JudgeAsync(integration)).Payouts).Difference);
    }

    [Fact]
    public async Task Entries_that_name_another_currency_or_are_deleted_do_not_count()
    {
        var integration = await NewIntegrationAsync();
        await HoldAsync(integration, Sample.Payout("po_1", 30m));
        await ReadAsync(integration, ["po_1"], Sample.Entry("po_1", "t1", 30m),
            Sample.Entry("po_1", "t2", 5m) with { Currency = "USD" }, Sample.Entry("po_1", "t3", 5m) with { Deleted = true });
        Assert.Empty((await JudgeAsync(integration)).Payouts);
        Assert.True((await SumOfAsync(integration, "po_1")).AddsUp);
        Assert.DoesNotContain("t3", (await EntriesAsync(integration, "po_1")).Select(entry => entry.TransactionId));
    }

    [Fact]
    public async Task Movements_that_name_their_payout_themselves_are_its_entries()
    {
        var integration = await NewIntegrationAsync();
        await HoldAsync(integration, Sample.Payout("po_1", 30m), Sample.Payout("po_2", 5m));
        await ReadAsync(integration, ["po_1", "po_2"], Sample.Transaction("t1", 20m) with { PayoutId = "po_1", OccurredAt = Sample.Day.AddHours(1) },
            Sample.Transaction("t2", 10m) with { PayoutId = "po_1" }, Sample.Transaction("t3", 5m));
        Assert.Equal("po_2", Assert.Single((await JudgeAsync(integration)).Payouts).Payout);
        Assert.Equal(["t1", "t2"], (await EntriesAsync(integration, "po_1")).Select(entry => entry.TransactionId));
        Assert.True((await SumOfAsync(integration, "po_1")).AddsUp);
    }

    [Fact]
    public async Task An_accepted_difference_is_not_told_again_until_it_is_another()
    {
        var integration = await NewIntegrationAsync();
        await HoldAsync(integration, Sample.Payout("po_1", 30m));
        await ReadAsync(integration, ["po_1"], Sample.Entry("po_1", "t1", 20m));
        Assert.False(await Sums.AcceptAsync(integration, "po_1", Cancel));   // nobody has looked at it yet
        Assert.Single((await JudgeAsync(integration)).Payouts);
        Assert.True(await Sums.AcceptAsync(integration, "po_1", Cancel));
        Assert.Empty((await JudgeAsync(integration)).Payouts);
        await ReadAsync(integration, ["po_1"], Sample.Entry("po_1", "t1", 20m));
        Assert.Empty((await JudgeAsync(integration)).Payouts);
        await ReadAsync(integration, ["po_1"], Sample.Entry("po_1", "t2", 1m));
        Assert.Single((await JudgeAsync(integration)).Payouts);
        Assert.False(await Sums.AcceptAsync(integration, "po_9", Cancel));
    }

    [Fact]
    public async Task Of_many_the_newest_are_told_and_those_that_a_person_knows_of_before_them()
    {
        var integration = await NewIntegrationAsync();
        var payouts = Enumerable.Range(0, 30).Select(n => Sample.Payout($"po_{n:00}", 30m) with { OccurredAt = Sample.Day.AddDays(n) }).ToArray();
        await HoldAsync(integration, payouts);
        await ReadAsync(integration, [.. payouts.Select(payout => payout.ExternalId)]);
        await Source.ExecuteAsync($"""
            insert into attention_items (id, integration_id, owner_id, key, kind, what_happened, at_stake, choices, raised_at, updated_at)
            values ('{NewId()}', '{integration}', 'alice', 'payout_mismatch:po_03', 'payout_mismatch', 'w', 's', '[]', now(), now())
            """, Cancel);
        var found = await JudgeAsync(integration);
        Assert.Equal((30, Trust.MostPayoutItems), (found.Count, found.Payouts.Count));
        Assert.Equal(["po_03", "po_29", "po_28"], found.Payouts.Take(3).Select(p => p.Payout));
    }

    [Fact]
    public async Task Entries_are_listed_newest_first_and_page_by_page_and_of_their_payout_alone()
    {
        var integration = await NewIntegrationAsync();
        await HoldAsync(integration, Sample.Payout("po_1", 30m));
        var entries = Enumerable.Range(0, 10).Select(n => Sample.Entry("po_1", $"t{n}", n) with { OccurredAt = Sample.Day.AddMinutes(n / 3) }).ToArray();
        await ReadAsync(integration, ["po_1"], [.. entries, Sample.Entry("po_2", "foreign", 1m)]);
        var seen = new List<string>();
        for (var after = Positions.NewestText; await new PayoutEntryReader(Source).ListAsync(integration, "po_1", after, 4, Cancel) is { Count: > 0 } page; after = PayoutEntryReader.PlaceOf(page[^1]))
            seen.AddRange(page.Select(entry => entry.TransactionId));
        Assert.Equal(entries.OrderByDescending(entry => (entry.OccurredAt, entry.TransactionId)).Select(entry => entry.TransactionId), seen);
        Assert.Null(await new PayoutReader(Source).FindAsync(integration, "po_9", Cancel));
    }

    /// <summary>By a webhook, which reads no entries.</summary>
    private Task HoldAsync(Guid integration, params UnifiedRecord[] records) =>
        new DeliveryQueue(Source, Clock).CompleteAsync(integration, new() { Records = records }, Cancel);

    /// <summary>A page of the stream that tells entries, as a run of its own.</summary>
    private async Task ReadAsync(Guid integration, string[] payouts, params UnifiedRecord[] records)
    {
        var kind = records is [Transaction, ..] ? RecordKind.Transaction : RecordKind.PayoutEntry;
        var store = new SyncStore(Source, Clock);
        var key = new StreamKey(integration, "entries", NewId());
        Assert.NotNull(await store.CommitAsync(key, await store.OpenAsync(key, Cancel), kind, Sample.Page("c", records) with { PayoutsRead = payouts, EndOfPass = true }, 1, Cancel));
    }

    private Task<PayoutFindings> JudgeAsync(Guid integration) => Sums.JudgeAsync(integration, "payout_entries", Cancel);

    private async Task<PayoutEntrySum> SumOfAsync(Guid integration, string payout) => (await new PayoutReader(Source).FindAsync(integration, payout, Cancel))!.Entries!;

    private Task<IReadOnlyList<PayoutEntryItem>> EntriesAsync(Guid integration, string payout) =>
        new PayoutEntryReader(Source).ListAsync(integration, payout, Positions.NewestText, 50, Cancel);
}
