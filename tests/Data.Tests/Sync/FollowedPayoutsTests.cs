using FinanceIntegrations.Data.Integrations;
using FinanceIntegrations.Data.Sync;
using FinanceIntegrations.Data.Webhooks;
using FinanceIntegrations.Domain.Attention;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Sync;

/// <summary>Payouts that were ordered here are followed to their end, whoever dies in between, and one that did not arrive is found once.</summary>
public sealed class FollowedPayoutsTests(OwnDatabase own) : DatabaseTest(own)
{
    private FollowedPayouts Payouts => new(Source, Clock);

    [Fact]
    public async Task A_payout_is_followed_from_the_very_write_that_says_it_was_made()
    {
        var integration = await NewIntegrationAsync();
        var order = NewId();
        await OrderAsync(integration, order, "create_payout", "sending", null);
        Assert.Empty(await TakeAsync(integration));
        await OrderAsync(integration, order, "create_payout", "succeeded", "B1");
        await OrderAsync(integration, NewId(), "create_payout", "succeeded", null);   // a person only said so
        await OrderAsync(integration, NewId(), "create_payout", "failed", "B2");
        await OrderAsync(integration, NewId(), "submit_evidence", "succeeded", "dp_1");
        Assert.Equal(new FollowedPayout("B1", Begin, CalledBack: false, Clock.GetUtcNow().AddMinutes(2)), Assert.Single(await TakeAsync(integration)));
    }

    [Fact]
    public async Task What_was_taken_is_nobody_elses_until_whoever_took_it_must_be_dead()
    {
        var integration = await NewIntegrationAsync();
        await Payouts.FollowAsync(integration, Enumerable.Range(0, 70).Select(n => $"B{n}"), Cancel);
        var (first, second) = (await TakeAsync(integration), await TakeAsync(integration));
        Assert.Equal((PayoutFollowing.PageSize, 20), (first.Count, second.Count));
        Assert.Equal(70, first.Concat(second).Select(one => one.Id).Distinct().Count());
        Assert.Empty(await TakeAsync(integration));
        Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(PayoutFollowing.PageSize, (await TakeAsync(integration)).Count);
    }

    [Fact]
    public async Task It_is_due_again_when_it_was_noted_to_be_and_never_where_it_has_ended()
    {
        var integration = await NewIntegrationAsync();
        await Payouts.FollowAsync(integration, ["B1", "B2"], Cancel);
        var taken = await TakeAsync(integration);
        await Payouts.NoteAsync(integration, [.. taken.Select(one => (one, one.Id == "B1" ? Clock.GetUtcNow().AddHours(1) : (DateTimeOffset?)null))], Cancel);
        Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Empty(await TakeAsync(integration));
        Clock.Advance(TimeSpan.FromDays(400));
        Assert.Equal(["B1"], (await TakeAsync(integration)).Select(one => one.Id));
    }

    [Fact]
    public async Task News_that_come_while_it_is_being_read_have_it_read_again()
    {
        var integration = await NewIntegrationAsync();
        await Payouts.FollowAsync(integration, ["B1"], Cancel);
        var taken = await TakeAsync(integration);
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Payouts.FollowAsync(integration, ["B1"], Cancel);   // a webhook
        await Payouts.NoteAsync(integration, [(taken[0], Clock.GetUtcNow().AddDays(1))], Cancel);
        Assert.Equal(("B1", Begin), Assert.Single(await TakeAsync(integration)) is var again ? (again.Id, again.Since) : default);
    }

    [Theory]
    [InlineData("sending", true)]
    [InlineData("outcome_unknown", true)]
    [InlineData("succeeded", true)]
    [InlineData("failed", false)]
    public async Task An_ordered_cancellation_is_known_before_the_provider_has_it(string status, bool calledBack)
    {
        var integration = await NewIntegrationAsync();
        await Payouts.FollowAsync(integration, ["B1"], Cancel);
        await OrderAsync(integration, NewId(), "cancel_payout", status, status == "succeeded" ? "B1" : null, subject: "B1");
        Assert.Equal(calledBack, Assert.Single(await TakeAsync(integration)).CalledBack);
    }

    [Fact]
    public async Task A_cancellation_has_its_payout_read_again_at_once()
    {
        var integration = await NewIntegrationAsync();
        await Payouts.FollowAsync(integration, ["B1"], Cancel);
        await Payouts.NoteAsync(integration, [.. (await TakeAsync(integration)).Select(one => (one, (DateTimeOffset?)Clock.GetUtcNow().AddDays(1)))], Cancel);
        await OrderAsync(integration, NewId(), "cancel_payout", "succeeded", "B1", subject: "B1");
        Assert.Equal("B1", Assert.Single(await TakeAsync(integration)).Id);
    }

    [Fact]
    public async Task A_cancellation_that_is_refused_has_its_payout_read_again_at_once()
    {
        var integration = await NewIntegrationAsync();
        var order = NewId();
        await OrderAsync(integration, order, "cancel_payout", "sending", null, subject: "B1");
        await Payouts.FollowAsync(integration, ["B1"], Cancel);
        var taken = Assert.Single(await TakeAsync(integration));
        Assert.True(taken.CalledBack);
        await Payouts.NoteAsync(integration, [(taken, null)], Cancel);   // returned: taken for called back, which is an end
        await OrderAsync(integration, order, "cancel_payout", "failed", null, subject: "B1");
        await OrderAsync(integration, NewId(), "cancel_payout", "failed", null, subject: "nobody's");
        Assert.Equal(("B1", false), Assert.Single(await TakeAsync(integration)) is var again ? (again.Id, again.CalledBack) : default);
    }

    [Fact]
    public async Task The_same_answer_is_kept_anew_where_it_means_something_else_now()
    {
        var integration = await NewIntegrationAsync();
        await HoldAsync(integration, Failed("B1") with { Rank = 7 });
        await HoldAsync(integration, Failed("B1") with { Rank = 8, Status = "canceled" });
        Assert.Equal("canceled", await Source.ScalarAsync<string>("select status from payouts where integration_id = $1", Cancel, integration));
    }

    [Fact]
    public async Task Only_what_was_ordered_here_and_did_not_arrive_is_told_and_once()
    {
        var (integration, other) = (await NewIntegrationAsync(), await NewIntegrationAsync());
        foreach (var ordered in new[] { "B1", "B2", "B3", "gone" }) await OrderAsync(integration, NewId(), "create_payout", "succeeded", ordered);
        await Payouts.FollowAsync(integration, ["B1", "told of"], Cancel);
        await HoldAsync(integration, Failed("B1"), Sample.Payout("B2", 5m), Failed("foreign"), Failed("told of"), Failed("gone") with { Deleted = true });
        await HoldAsync(other, Failed("B3"));
        var seen = await Payouts.LookAsync(integration, Cancel);
        Assert.Equal([new FailedPayout("B1", 30m, "GBP", "RETURNED")], seen.Failed);
        Assert.Empty(seen.Mended);

        await ItemAsync(integration, "B1");
        Assert.Empty((await Payouts.LookAsync(integration, Cancel)).Failed);
        await Source.ExecuteAsync("update attention_items set resolved_at = now(), resolved_by = 'alice', choice = 'handled' where integration_id = $1", Cancel, integration);
        Assert.Empty((await Payouts.LookAsync(integration, Cancel)).Failed);
    }

    [Fact]
    public async Task One_that_arrives_after_all_is_mended_and_told_anew_where_it_fails_again()
    {
        var integration = await NewIntegrationAsync();
        await OrderAsync(integration, NewId(), "create_payout", "succeeded", "B1");
        await HoldAsync(integration, Failed("B1"));
        await ItemAsync(integration, "B1");
        Assert.Empty((await Payouts.LookAsync(integration, Cancel)).Mended);
        await HoldAsync(integration, Sample.Payout("B1", 30m, second: 5));
        Assert.Equal(["B1"], (await Payouts.LookAsync(integration, Cancel)).Mended);
        await Source.ExecuteAsync("update attention_items set resolved_at = now(), resolved_by = 'system', choice = 'gone' where integration_id = $1", Cancel, integration);
        await HoldAsync(integration, Failed("B1", second: 9));
        Assert.Equal("B1", Assert.Single((await Payouts.LookAsync(integration, Cancel)).Failed).Id);
    }

    [Fact]
    public async Task A_purge_follows_nothing_any_more()
    {
        var integration = await NewIntegrationAsync();
        await Payouts.FollowAsync(integration, ["B1"], Cancel);
        await new PurgeStore(Source).PurgeAsync(integration, Cancel);
        Assert.Empty(await TakeAsync(integration));
    }

    private static Payout Failed(string id, int second = 0) => Sample.Payout(id, 30m, second) with { Status = "failed", FailureCode = "RETURNED" };

    private Task<IReadOnlyList<FollowedPayout>> TakeAsync(Guid integration) => Payouts.TakeAsync(integration, Clock.GetUtcNow(), Cancel);

    private Task HoldAsync(Guid integration, params UnifiedRecord[] records) =>
        new DeliveryQueue(Source, Clock).CompleteAsync(integration, new() { Records = records }, Cancel);

    private Task<int> OrderAsync(Guid integration, Guid id, string kind, string status, string? made, string? subject = null) => Source.ExecuteAsync("""
        insert into operations (id, integration_id, owner_id, kind, subject_id, wanted, reference, requested_by, status, external_id, created_at, updated_at, settled_at)
        values ($1, $2, 'alice', $3, nullif($4, ''), '{}', $1::text, 'alice', $5, nullif($6, ''), $7, $7, case when $5 in ('succeeded', 'failed') then $7 end)
        on conflict (id) do update set status = excluded.status, external_id = excluded.external_id, settled_at = excluded.settled_at
        """, Cancel, id, integration, kind, subject ?? "", status, made ?? "", Begin);

    private Task<int> ItemAsync(Guid integration, string payout) => Source.ExecuteAsync("""
        insert into attention_items (id, integration_id, owner_id, key, kind, what_happened, at_stake, choices, raised_at, updated_at)
        values ($1, $2, 'alice', $3, 'payout_failed', 'w', 's', '[]', now(), now())
        """, Cancel, NewId(), integration, PayoutItems.KeyOf(payout));
}
