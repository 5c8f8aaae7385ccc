using System.Text.Json.Nodes;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.Records;

/// <summary>Reads always answer, and say how old the answer is.</summary>
public sealed class FreshnessTests(SharedCluster shared) : ProductTest(shared)
{
    [Fact]
    public async Task Records_stay_readable_while_the_provider_is_away_and_say_that_they_are_stale()
    {
        var account = await Sandbox.NewAccountAsync(60, Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        var before = await AgesAsync(user, id);
        Assert.All(before.Values, age => Assert.True(age is { AsOf: not null, Stale: false }, age.ToString()));

        await using (await Sandbox.FaultAsync(new { kind = "status", status = 503, path = "/v1/", times = -1 }, Cancel))
            Assert.Equal("failed", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);
        var away = await AgesAsync(user, id);
        foreach (var (kind, age) in away) Assert.Equal(before[kind] with { Stale = true }, age);
        await AgreesWithBooksAsync(user, id, account);

        Assert.Equal("succeeded", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);
        foreach (var (kind, age) in await AgesAsync(user, id)) Assert.True(!age.Stale && age.AsOf > before[kind].AsOf, $"{kind}: {age}");
    }

    [Fact]
    public async Task What_was_not_read_for_longer_than_twice_the_schedule_is_stale_alone()
    {
        var account = await Sandbox.NewAccountAsync(60, Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, frequency: 60, Cancel);
        await Product.ExecuteAsync(
            "update sync_cursors set as_of = as_of - interval '121 minutes' where integration_id = $1 and stream = 'refunds'", Cancel, Guid.Parse(id));

        foreach (var (kind, age) in await AgesAsync(user, id)) Assert.Equal(kind == "payments", age.Stale);   // payments are charges and refunds
    }

    [Fact]
    public async Task Payouts_are_as_fresh_as_the_sync_where_none_was_ordered_that_would_have_to_be_followed()
    {
        var user = NewUser();
        var id = await user.PayPalConnectedAsync(await Sandbox.NewPayPalAccountAsync(20, Cancel), Cancel);
        var before = await AgeAsync(user, id, "payouts");
        Assert.True(before is { AsOf: not null, Stale: false }, before.ToString());
        await Eventually.HoldsAsync("no run is open", async () => (await user.GetAsync($"/{id}/status", Cancel)).Json!["current_run"], run => run is null, cancel: Cancel);
        Assert.Equal("succeeded", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);
        var after = await AgeAsync(user, id, "payouts");
        Assert.True(!after.Stale && after.AsOf > before.AsOf, after.ToString());
    }

    [Fact]
    public async Task What_was_never_read_to_its_end_has_no_date_and_is_stale()
    {
        var user = NewUser();
        var id = await user.CreateStripeAsync(cancel: Cancel);
        Assert.All((await AgesAsync(user, id)).Values, age => Assert.Equal(new Age(null, true), age));
    }

    [Fact]
    public async Task A_hundred_people_who_want_the_balance_of_now_cost_one_call()
    {
        var account = await Sandbox.NewAccountAsync(60, Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        await Sandbox.AdvanceAsync(account, "charge", 3, cancel: Cancel);
        var books = await Sandbox.BooksAsync(account, Cancel);
        var since = await Sandbox.LastSequenceAsync(Cancel);

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => LiveAsync(user, id)));

        Assert.All(answers, answer =>
        {
            Assert.Equal(books.Lines("balances"), StripeBooks.Seen("balances", Items(answer)));
            Assert.Equal((false, null), ((bool)answer["stale"]!, (string?)answer["stale_because"]));
        });
        Assert.Equal("/v1/balance", Assert.Single(await Sandbox.RequestsAsync(account, since, Cancel)).Path);
        Assert.NotEqual(books.Lines("balances"), StripeBooks.Seen("balances", await user.ListAsync($"/{id}/balances", cancel: Cancel)));   // stored by syncs
    }

    [Fact]
    public async Task Where_the_provider_does_not_answer_its_last_answer_stands_in_with_the_reason()
    {
        var account = await Sandbox.NewAccountAsync(60, Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        await Sandbox.AdvanceAsync(account, "charge", 3, cancel: Cancel);
        var good = await LiveAsync(user, id);
        var since = await Sandbox.LastSequenceAsync(Cancel);

        await using (await Sandbox.FaultAsync(new { kind = "status", status = 503, path = "/v1/balance", times = -1 }, Cancel))
        {
            var stale = await Eventually.HoldsAsync("the look-up says that it is stale", () => LiveAsync(user, id), answer => (bool)answer["stale"]!, cancel: Cancel);
            Assert.Equal("provider_unavailable", (string?)stale["stale_because"]);
            Assert.Equal(good["items"]!.ToJsonString(), stale["items"]!.ToJsonString());   // newer than what the last sync stored
            Assert.Equal((string?)good["as_of"], (string?)stale["as_of"]);
            Assert.Single(await Sandbox.RequestsAsync(since: since, cancel: Cancel), call => call.Path == "/v1/balance");   // one attempt
        }
        await Eventually.HoldsAsync("the look-up is of now again", () => LiveAsync(user, id), answer => !(bool)answer["stale"]!, cancel: Cancel);
    }

    [Fact]
    public async Task Where_the_provider_never_answered_what_is_stored_stands_in()
    {
        var account = await Sandbox.NewAccountAsync(60, Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        await using (await Sandbox.FaultAsync(new { kind = "hang", path = "/v1/balance", times = -1 }, Cancel))
        {
            var stale = await LiveAsync(user, id);
            Assert.Equal((true, "network"), ((bool)stale["stale"]!, (string?)stale["stale_because"]));
            Assert.Equal((await Sandbox.BooksAsync(account, Cancel)).Lines("balances"), StripeBooks.Seen("balances", Items(stale)));
        }
        var switchedOff = (await user.SendAsync(HttpMethod.Put, $"/{id}", new { is_active = false }, Cancel)).MustBeOk("switch off");
        Assert.False((bool)switchedOff.Json!["is_active"]!);
        await Eventually.HoldsAsync("nothing is asked of what is switched off", () => LiveAsync(user, id),
            answer => (string?)answer["stale_because"] == "switched_off", cancel: Cancel);
    }

    private static async Task<Dictionary<string, Age>> AgesAsync(ApiUser user, string id)
    {
        var ages = new Dictionary<string, Age>();
        foreach (var kind in StripeBooks.Kinds) ages[kind] = await AgeAsync(user, id, kind);
        return ages;
    }

    private static async Task<Age> AgeAsync(ApiUser user, string id, string kind)
    {
        var page = (await user.GetAsync($"/{id}/{kind}?limit=1", Cancel)).MustBeOk(kind).Json!;
        return new((DateTimeOffset?)page["as_of"], (bool)page["stale"]!);
    }

    private static async Task<JsonNode> LiveAsync(ApiUser user, string id) =>
        (await user.GetAsync($"/{id}/balances?live=true", Cancel)).MustBeOk("live balances").Json!;

    private static IEnumerable<JsonNode> Items(JsonNode page) => page["items"]!.AsArray().OfType<JsonNode>();

    private sealed record Age(DateTimeOffset? AsOf, bool Stale);
}
