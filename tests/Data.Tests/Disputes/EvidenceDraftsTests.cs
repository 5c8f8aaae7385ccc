using FinanceIntegrations.Data.Disputes;
using FinanceIntegrations.Data.Integrations;
using FinanceIntegrations.Domain.Operations;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Disputes;

/// <summary>Drafts of evidence: one change after another, and none once it is handed in.</summary>
public sealed class EvidenceDraftsTests(OwnDatabase own) : DatabaseTest(own)
{
    private const string Dispute = "dp_1", By = "alice";
    private static readonly DisputeEvidence Said = new() { Explanation = "She has it", CustomerName = "Ann" };
    private static readonly byte[] Receipt = [.. "%PDF-1.7 receipt"u8];

    private EvidenceDrafts Drafts => new(Source);

    [Fact]
    public async Task A_draft_is_kept_as_it_was_saved_and_every_change_is_another_version()
    {
        var id = await NewDisputeAsync();
        var empty = (await Drafts.FindAsync(id, Dispute, Cancel))!;
        Assert.Equal((0, true, false, 12.34m, "GBP"), (empty.Version, empty.Evidence.SaysNothing, empty.Locked, empty.Amount, empty.Currency));

        var saved = await DoneAsync(Drafts.SaveAsync(id, Dispute, Said, 0, By, Begin, Cancel));
        var file = File(Receipt);
        var added = await Drafts.AddAsync(id, Dispute, new(file, Receipt), saved.Version, "bob", Begin.AddHours(1), Cancel);
        var again = await Drafts.AddAsync(id, Dispute, new(File(Receipt), Receipt), null, By, Begin, Cancel);
        Assert.Equal((file, file, added.Draft!.Version), (added.File, again.File, again.Draft!.Version));

        var seen = (await Drafts.FindAsync(id, Dispute, Cancel))!;
        Assert.Equal((Said.Explanation, Said.CustomerName, "bob", Begin.AddHours(1)), (seen.Evidence.Explanation, seen.Evidence.CustomerName, seen.UpdatedBy, seen.UpdatedAt));
        Assert.Equal(file, Assert.Single(seen.Evidence.Files));
        var stored = (await Drafts.ReadFileAsync(id, Dispute, file.Id, Cancel))!;
        Assert.Equal((file.Name, file.MediaType), (stored.Name, stored.MediaType));
        Assert.Equal(Receipt, stored.Content);
        Assert.Equal(Receipt, (await new OrderFiles(Source).ReadAsync(file.Id, Cancel))!.Value.ToArray());

        Assert.Null(await new OrderFiles(Source).ReadAsync(NewId(), Cancel));

        var removed = await DoneAsync(Drafts.RemoveAsync(id, Dispute, file.Id, seen.Version, By, Begin, Cancel));
        Assert.Empty(removed.Evidence.Files);
        await DoneAsync(Drafts.DeleteAsync(id, Dispute, removed.Version, By, Begin, Cancel));
        var anew = await DoneAsync(Drafts.SaveAsync(id, Dispute, Said, 0, By, Begin, Cancel));
        long[] versions = [0, saved.Version, added.Draft.Version, removed.Version, anew.Version];
        Assert.Equal(versions.Distinct().Order(), versions);   // none comes twice, though the draft was made anew
    }

    [Fact]
    public async Task A_change_of_what_the_caller_has_not_seen_is_refused_and_changes_nothing()
    {
        var id = await NewDisputeAsync();
        Assert.Equal(DraftRefusals.Stale, (await Drafts.SaveAsync(id, Dispute, Said, 7, By, Begin, Cancel)).Refusal);
        Assert.Equal(0, (await Drafts.FindAsync(id, Dispute, Cancel))!.Version);
        var first = await DoneAsync(Drafts.SaveAsync(id, Dispute, Said, null, By, Begin, Cancel));
        var second = await DoneAsync(Drafts.SaveAsync(id, Dispute, Said with { CustomerName = "Bea" }, first.Version, By, Begin, Cancel));
        Assert.Equal(DraftRefusals.Stale, (await Drafts.SaveAsync(id, Dispute, Said, first.Version, By, Begin, Cancel)).Refusal);
        Assert.Equal(DraftRefusals.Stale, (await Drafts.AddAsync(id, Dispute, new(File(Receipt), Receipt), first.Version, By, Begin, Cancel)).Refusal);
        Assert.Equal(DraftRefusals.Stale, (await Drafts.TakeAsync(id, Dispute, NewId(), first.Version, Cancel)).Refusal);
        Assert.Equal(DraftRefusals.Stale, (await Drafts.DeleteAsync(id, Dispute, first.Version, By, Begin, Cancel)).Refusal);
        var seen = (await Drafts.FindAsync(id, Dispute, Cancel))!;
        Assert.Equal((second.Version, "Bea"), (seen.Version, seen.Evidence.CustomerName));
    }

    [Fact]
    public async Task Many_at_once_change_one_after_another_and_what_may_be_there_once_is_there_once()
    {
        var id = await NewDisputeAsync();
        var first = await Task.WhenAll(Enumerable.Range(0, 8).Select(n =>
            Drafts.SaveAsync(id, Dispute, new() { CustomerName = $"{n}" }, 0, By, Begin, Cancel)));
        Assert.Single(first, outcome => outcome.Refusal is null);
        Assert.All(first.Where(outcome => outcome.Refusal is not null), outcome => Assert.Equal(DraftRefusals.Stale, outcome.Refusal));

        var files = await Task.WhenAll(Enumerable.Range(0, 8).Select(n =>
        {
            byte[] content = [.. Receipt, (byte)n];
            return Drafts.AddAsync(id, Dispute, new(File(content), content), null, By, Begin, Cancel);
        }));
        Assert.Single(files, outcome => outcome.Refusal is null);
        Assert.All(files.Where(outcome => outcome.Refusal is not null), outcome => Assert.Equal("evidence_purpose_taken", outcome.Refusal));
    }

    [Fact]
    public async Task A_draft_that_is_handed_in_is_locked_until_that_fails()
    {
        var (id, operation) = (await NewDisputeAsync(), NewId());
        Assert.Equal(DraftRefusals.Empty, (await Drafts.TakeAsync(id, Dispute, operation, null, Cancel)).Refusal);
        var saved = await DoneAsync(Drafts.SaveAsync(id, Dispute, Said, null, By, Begin, Cancel));
        var taken = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => Drafts.TakeAsync(id, Dispute, n == 0 ? operation : NewId(), null, Cancel)));
        var winner = Assert.Single(taken, outcome => outcome.Refusal is null);
        Assert.Equal(Said.Explanation, winner.Draft!.Evidence.Explanation);
        Assert.All(taken.Where(outcome => outcome.Refusal is not null), outcome => Assert.Equal(DraftRefusals.Locked, outcome.Refusal));

        var mine = await Source.ScalarAsync<Guid>("select operation_id from evidence_drafts where integration_id = $1", Cancel, id);
        Assert.Null((await Drafts.TakeAsync(id, Dispute, mine, null, Cancel)).Refusal);   // whoever did not hear of it asks again
        await RefusedAsync(id);
        foreach (var status in new[] { "sending", "outcome_unknown", "succeeded" })
        {
            await OperationAsync(id, mine, status);
            await Source.ExecuteAsync("update evidence_drafts set claimed_at = now() - interval '1 hour' where integration_id = $1", Cancel, id);
            await RefusedAsync(id);
            var seen = (await Drafts.FindAsync(id, Dispute, Cancel))!;
            Assert.Equal((true, mine, status, saved.Version), (seen.Locked, seen.OperationId, seen.OperationStatus, seen.Version));
            Assert.Null((await Drafts.TakeAsync(id, Dispute, mine, null, Cancel)).Refusal);
        }
        await OperationAsync(id, mine, "failed");
        Assert.False((await Drafts.FindAsync(id, Dispute, Cancel))!.Locked);
        await DoneAsync(Drafts.SaveAsync(id, Dispute, Said with { CustomerName = "Bea" }, saved.Version, By, Begin, Cancel));
        Assert.Null((await Drafts.TakeAsync(id, Dispute, NewId(), null, Cancel)).Refusal);
    }

    [Fact]
    public async Task A_draft_whose_handing_in_never_began_is_free_again()
    {
        var (id, operation) = (await NewDisputeAsync(), NewId());
        await DoneAsync(Drafts.SaveAsync(id, Dispute, Said, null, By, Begin, Cancel));
        await Drafts.TakeAsync(id, Dispute, operation, null, Cancel);
        await Drafts.LeaveAsync(id, Dispute, NewId(), Cancel);   // another's
        Assert.True((await Drafts.FindAsync(id, Dispute, Cancel))!.Locked);
        await Drafts.LeaveAsync(id, Dispute, operation, Cancel);
        Assert.False((await Drafts.FindAsync(id, Dispute, Cancel))!.Locked);

        await Drafts.TakeAsync(id, Dispute, operation, null, Cancel);   // and whoever took it died
        await Source.ExecuteAsync("update evidence_drafts set claimed_at = now() - interval '121 seconds' where integration_id = $1", Cancel, id);
        Assert.False((await Drafts.FindAsync(id, Dispute, Cancel))!.Locked);
        Assert.Null((await Drafts.TakeAsync(id, Dispute, NewId(), null, Cancel)).Refusal);
    }

    [Fact]
    public async Task Only_a_dispute_that_is_held_has_a_draft_and_nobody_reads_anothers_files()
    {
        var (id, other) = (await NewDisputeAsync(), await NewDisputeAsync());
        Assert.Null(await Drafts.FindAsync(id, "dp_2", Cancel));
        Assert.Equal(DraftRefusals.NotHeld, (await Drafts.SaveAsync(id, "dp_2", Said, null, By, Begin, Cancel)).Refusal);
        Assert.Equal(DraftRefusals.NotHeld, (await Drafts.TakeAsync(id, "dp_2", NewId(), null, Cancel)).Refusal);
        var gone = await NewDisputeAsync();
        await Source.ExecuteAsync("update disputes set deleted = true where integration_id = $1", Cancel, gone);
        Assert.Null(await Drafts.FindAsync(gone, Dispute, Cancel));
        Assert.Equal(DraftRefusals.NotHeld, (await Drafts.SaveAsync(gone, Dispute, Said, null, By, Begin, Cancel)).Refusal);
        var file = File(Receipt);
        await DoneAsync(Drafts.AddAsync(id, Dispute, new(file, Receipt), null, By, Begin, Cancel));
        Assert.Null(await Drafts.ReadFileAsync(other, Dispute, file.Id, Cancel));
        Assert.Equal(DraftRefusals.FileUnknown, (await Drafts.RemoveAsync(other, Dispute, file.Id, null, By, Begin, Cancel)).Refusal);
        Assert.NotNull(await Drafts.ReadFileAsync(id, Dispute, file.Id, Cancel));
    }

    [Fact]
    public async Task A_purge_takes_drafts_files_and_what_was_handed_in_with_it_and_leaves_the_audit_log()
    {
        var (id, other) = (await NewDisputeAsync(), await NewDisputeAsync());
        foreach (var one in new[] { id, other })
        {
            await DoneAsync(Drafts.AddAsync(one, Dispute, new(File(Receipt), Receipt), null, By, Begin, Cancel));
            await OperationAsync(one, NewId(), "failed");
        }
        await new PurgeStore(Source).PurgeAsync(id, Cancel);
        Assert.Equal(1, await Source.ScalarAsync<long>("select count(*) from audit_log where integration_id = $1", Cancel, id));
        foreach (var table in new[] { "evidence_drafts", "evidence_files", "operations" })
            Assert.Equal([other], await Source.ListAsync<Guid>($"select integration_id from {table} where integration_id = any ($1)", Cancel, new[] { id, other }));
    }

    private async Task<Guid> NewDisputeAsync()
    {
        var id = await NewIntegrationAsync();
        await Source.ExecuteAsync("""
            insert into disputes (integration_id, external_id, status, reason, amount, currency, occurred_at, as_of, rank, content_hash, raw, deleted, first_seen_at, last_seen_at)
            values ($1, $2, 'needs_response', 'fraudulent', 12.34, 'GBP', $3, $3, 0, '', '{}', false, $3, $3)
            """, Cancel, id, Dispute, Begin);
        return id;
    }

    private Task<int> OperationAsync(Guid integration, Guid id, string status) => Source.ExecuteAsync("""
        insert into operations (id, integration_id, owner_id, kind, subject_id, wanted, reference, requested_by, status, created_at, updated_at)
        values ($1, $2, 'alice', 'submit_evidence', $3, '{}', $1::text, 'alice', $4, $5, $5) on conflict (id) do update set status = excluded.status
        """, Cancel, id, integration, Dispute, status, Begin);

    private async Task RefusedAsync(Guid id)
    {
        Assert.Equal(DraftRefusals.Locked, (await Drafts.SaveAsync(id, Dispute, Said, null, By, Begin, Cancel)).Refusal);
        Assert.Equal(DraftRefusals.Locked, (await Drafts.AddAsync(id, Dispute, new(File(Receipt), Receipt), null, By, Begin, Cancel)).Refusal);
        Assert.Equal(DraftRefusals.Locked, (await Drafts.DeleteAsync(id, Dispute, null, By, Begin, Cancel)).Refusal);
        Assert.Equal(DraftRefusals.Locked, (await Drafts.TakeAsync(id, Dispute, NewId(), null, Cancel)).Refusal);
    }

    private static async Task<EvidenceDraft> DoneAsync(Task<DraftOutcome> change)
    {
        var outcome = await change;
        Assert.Null(outcome.Refusal);
        return outcome.Draft!;
    }

    private static EvidenceFile File(byte[] content) =>
        new(NewId(), EvidencePurposes.Receipt, "receipt.pdf", "application/pdf", content.Length, EvidenceRules.Hash(content));
}
