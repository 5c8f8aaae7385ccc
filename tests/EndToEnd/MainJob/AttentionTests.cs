using System.Net;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.MainJob;

/// <summary>What is not simply right is shown, decided on, and repaired, through the api.</summary>
public sealed class AttentionTests(SharedCluster shared) : ProductTest(shared)
{
    [Fact]
    public async Task A_half_failed_run_is_shown_in_status_runs_and_attention_and_settled_by_the_next_good_one()
    {
        var account = await Sandbox.NewAccountAsync(50, Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        await using (await Sandbox.FaultAsync(new { kind = "status", status = 503, path = "/v1/events", times = -1 }, Cancel))
            Assert.Equal("partial", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);

        var run = await user.NewestRunAsync(id, "partial", Cancel);
        Assert.All(run["reasons"]!.AsArray(), reason => Assert.Equal("stream_failed", (string?)reason!["code"]));
        var status = (await user.GetAsync($"/{id}/status", Cancel)).MustBeOk("status").Json!;
        Assert.Equal(run["reasons"]!.ToJsonString(), status["last_run"]!["reasons"]!.ToJsonString());
        var items = await user.AttentionAsync(id, cancel: Cancel);
        Assert.Equal(run["reasons"]!.AsArray().Select(reason => (string?)reason!["stream"]).Order(), items.Select(item => (string?)item["stream"]).Order());
        Assert.Equal((await user.ListAsync($"/attention?integration={id}", cancel: Cancel)).Count, (int)status["open_attention_items"]!);

        Assert.Equal("succeeded", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);
        Assert.Empty(await user.AttentionAsync(id, cancel: Cancel));
        var settled = await user.AttentionAsync(id, "resolved", Cancel);
        Assert.All(settled, item => Assert.Equal(("gone", "system"), ((string?)item["choice"], (string?)item["resolved_by"])));
        Assert.Equal(items.Count, settled.Count);
        await AgreesWithBooksAsync(user, id, account);
    }

    [Fact]
    public async Task Rows_that_an_older_version_parked_are_repaired_from_what_was_kept_with_the_provider_switched_off()
    {
        var account = await Sandbox.NewAccountAsync(50, Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        var lost = await ParkAsync(id, "transactions", 3);
        await using var away = await Sandbox.FaultAsync(new { kind = "status", status = 503, path = "", times = -1 }, Cancel);
        var since = await Sandbox.LastSequenceAsync(Cancel);

        var parked = await user.ListAsync($"/{id}/parked-rows", cancel: Cancel);
        Assert.Equal(lost.Order(), parked.Select(row => (string)row["external_id"]!).Order());
        var one = (await user.GetAsync($"/{id}/parked-rows/{parked[0]["id"]}", Cancel)).MustBeOk("parked row").Json!;
        Assert.Equal((string?)one["external_id"], (string?)one["raw"]!["id"]);
        var answer = (await user.PostAsync($"/{id}/parked-rows/remap", cancel: Cancel)).MustBeOk("remap").Json!;

        Assert.Equal((3, 0), ((int)answer["mapped"]!, (int)answer["still_parked"]!));
        Assert.Empty(await user.ListAsync($"/{id}/parked-rows", cancel: Cancel));
        Assert.Empty(await Sandbox.RequestsAsync(account, since, Cancel));
        await AgreesWithBooksAsync(user, id, account);
    }

    [Theory]
    [InlineData("empty_list", "/v1/balance_transactions", "implausible_zero")]
    [InlineData("totals", "/v1/balance", "total_disagrees")]
    [InlineData("odd_rows", "/v1/balance_transactions", "rows_parked")]
    public async Task What_is_well_formed_and_wrong_is_partial_with_its_reason_and_mended_by_a_run_that_finds_it_right(string kind, string path, string reason)
    {
        var account = await Sandbox.NewAccountAsync(60, Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        var query = path == "/v1/balance" ? "" : "limit=";   // not that of a payout's entries
        await using (await Sandbox.FaultAsync(new { kind, path, query, times = -1 }, Cancel))
        {
            var run = await user.SyncAsync(id, full: true, Cancel);
            Assert.Equal(("partial", false), ((string?)run["status"], (bool)run["success"]!));
            Assert.Equal([$"{reason} transactions"], run["reasons"]!.AsArray().Select(one => $"{one!["code"]} {one["stream"]}"));
        }
        var status = (await user.GetAsync($"/{id}/status", Cancel)).MustBeOk("status").Json!;
        Assert.Equal((reason, reason), ((string?)status["status_reason"], (string?)status["last_run"]!["reasons"]![0]!["code"]));
        Assert.Equal("transactions", (string?)Assert.Single(await user.AttentionAsync(id, cancel: Cancel))["stream"]);
        var books = await Sandbox.BooksAsync(account, Cancel);   // nothing that was held is lost or overwritten
        Assert.Equal(books.Lines("transactions"), StripeBooks.Seen("transactions", await user.ListAsync($"/{id}/transactions", cancel: Cancel)));

        // Of when an answer is, is known to the second, less the time that it took: a slow one right behind may count as older than what was parked.
        await Eventually.HoldsAsync("a run that finds it right has settled it", async () =>
        {
            Assert.Equal("succeeded", (string?)(await user.SyncAsync(id, full: true, Cancel))["status"]);
            return string.Join(", ", (await user.AttentionAsync(id, cancel: Cancel)).Select(item => item.ToJsonString()));
        }, open => open.Length == 0, cancel: Cancel);
        await AgreesWithBooksAsync(user, id, account);
    }

    [Fact]
    public async Task A_decision_is_taken_once_by_the_owner_and_kept()
    {
        var account = await Sandbox.NewAccountAsync(50, Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        await using (await Sandbox.FaultAsync(new { kind = "status", status = 503, path = "/v1/balance_transactions", times = -1 }, Cancel))
            await user.SyncAsync(id, cancel: Cancel);
        var item = Assert.Single(await user.ListAsync($"/attention?kind=stream_failed&integration={id}", cancel: Cancel));
        var path = $"/attention/{item["id"]}";

        var bob = NewUser("bob");
        Assert.Equal((HttpStatusCode.NotFound, "attention_item_not_found"), await RefusedAsync(bob, new { choice = "retry" }));
        Assert.Equal(HttpStatusCode.NotFound, (await bob.GetAsync(path, Cancel)).Status);
        Assert.Empty(await bob.ListAsync("/attention?status=all", cancel: Cancel));
        Assert.Equal((HttpStatusCode.BadRequest, "choice_unknown"), await RefusedAsync(user, new { choice = "burn" }));
        Assert.Equal((HttpStatusCode.BadRequest, "validation_failed"), await RefusedAsync(user, new { note = "no choice" }));

        var resolved = (await user.PostAsync($"{path}/resolve", new { choice = "retry", note = "It was a hiccup." }, Cancel)).MustBeOk("resolve").Json!;
        Assert.Equal(("resolved", "retry", "It was a hiccup."),
            ((string?)resolved["item"]!["status"], (string?)resolved["item"]!["choice"], (string?)resolved["item"]!["note"]));
        Assert.Equal("succeeded", (string?)(await user.EndOfRunAsync(id, (string)resolved["run_id"]!, Cancel))["status"]);
        Assert.Equal((HttpStatusCode.Conflict, "already_resolved"), await RefusedAsync(user, new { choice = "dismiss" }));
        (await user.PostAsync($"{path}/resolve", new { choice = "retry" }, Cancel)).MustBeOk("the same again");

        async Task<(HttpStatusCode, string?)> RefusedAsync(ApiUser who, object decision)
        {
            var refused = await who.PostAsync($"{path}/resolve", decision, Cancel);
            return (refused.Status, refused.Code);
        }
    }

    /// <summary>Leaves rows as a version would whose mapping had no place for them: kept raw, and on no list.</summary>
    private Task<IReadOnlyList<string>> ParkAsync(string id, string stream, int rows) => Product.ColumnAsync<string>("""
        with lost as (
            delete from transactions where integration_id = $1 and external_id in (
                select external_id from transactions where integration_id = $1 order by external_id limit $3)
            returning external_id, raw, as_of)
        insert into parked_rows (integration_id, stream, external_id, code, reason, raw, content_hash, run_id, parked_at, as_of)
        select $1, $2, external_id, 'unknown_currency', 'Not known then.', convert_to(raw::text, 'UTF8'), sha256(convert_to(raw::text, 'UTF8')), $1, now(), as_of
        from lost returning external_id
        """, Cancel, Guid.Parse(id), stream, rows);
}
