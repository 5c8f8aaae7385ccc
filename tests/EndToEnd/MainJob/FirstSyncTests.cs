using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.MainJob;

public sealed class FirstSyncTests(SharedCluster shared) : ProductTest(shared)
{
    [Fact]
    public async Task Connecting_brings_every_row_of_the_books_once_and_to_the_penny()
    {
        var account = await Sandbox.NewAccountAsync(900, Cancel);
        var user = NewUser();

        var created = await user.PostAsync("/", ApiUser.StripeIntegration("Harbour Lane", 15), Cancel);
        Assert.Equal(System.Net.HttpStatusCode.Created, created.Status);
        var id = created["id"];
        Assert.Equal(("inactive", "not_connected"), (created["status"], created["status_reason"]));
        Assert.Equal($"/api/integrations/{id}", created.Headers.Location?.ToString());

        await user.ConnectAsync(id, account, Cancel);
        await user.HistoryReadAsync(id, Cancel);
        var runs = await user.ListAsync($"/{id}/syncs", cancel: Cancel);   // newest first
        Assert.Equal(["backfill", "connected"], runs.Select(run => (string?)run["trigger"]).Distinct());
        Assert.All(runs, run => Assert.True((bool?)run["success"]));
        Assert.All(runs[^1]["streams"]!.AsArray(), stream => Assert.Contains((string?)stream!["mode"], (string[])["recent", "full"]));

        await AgreesWithBooksAsync(user, id, account);
        var books = await Sandbox.BooksAsync(account, Cancel);
        Assert.Equal(900, books.Rows("balance_transactions").Count);
        Assert.Equal(["gbp", "jpy", "usd"], books.Rows("balance_transactions").Select(row => (string)row["currency"]!).Distinct().Order());
        var written = StripeBooks.Kinds.Sum(kind => books.Lines(kind).Count) + books.Entries().Sum(payout => payout.Value.Count);
        Assert.Equal(written, runs.Sum(run => (long)run["synced_records"]!));
        var window = TimeProvider.System.GetUtcNow().AddDays(-90).ToUnixTimeSeconds();
        Assert.Equal(books.Rows("balance_transactions").Count(row => (long)row["created"]! >= window), runs[^1]["streams"]!.AsArray()
            .Where(stream => (string?)stream!["stream"] == "transactions").Sum(stream => (long)stream!["seen"]!));
    }

    [Fact]
    public async Task Yen_have_no_decimals_and_pounds_have_two()
    {
        var account = await Sandbox.NewAccountAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);

        var rows = await user.ListAsync($"/{id}/transactions", cancel: Cancel);
        Assert.All(rows.Where(row => (string)row["currency"]! == "JPY"), row => Assert.Matches(@"^-?\d+$", (string)row["amount"]!));
        Assert.All(rows.Where(row => (string)row["currency"]! == "GBP"), row => Assert.Matches(@"^-?\d+\.\d\d$", (string)row["amount"]!));
    }

    [Fact]
    public async Task The_status_document_and_the_logs_tell_what_happened()
    {
        var account = await Sandbox.NewAccountAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);

        var status = (await user.GetAsync($"/{id}/status", Cancel)).MustBeOk("status").Json!;
        Assert.Equal("active", (string?)status["status"]);
        Assert.Equal(1.0, (double)status["health_score"]!);
        Assert.Equal("healthy", (string?)status["health"]);
        Assert.Empty(status["health_losses"]!.AsArray());
        Assert.Equal("valid", (string?)status["token"]!["state"]);
        Assert.Equal("closed", (string?)status["circuit_breaker"]!["state"]);
        Assert.Equal(account, (string?)status["external_account_id"]);
        Assert.NotNull(status["last_success_at"]);
        Assert.NotNull(status["next_sync_at"]);

        var events = (await user.ListAsync($"/{id}/logs", cancel: Cancel)).Select(line => (string)line["event"]!).ToList();
        Assert.Equal(
            ["authorization_begun", "connected", "history_read", "integration_created", "status_changed", "sync_succeeded"], events.Distinct().Order());

        var test = (await user.PostAsync($"/{id}/test", cancel: Cancel)).MustBeOk("test").Json!;
        Assert.True((bool)test["success"]!);
        Assert.All(test["checks"]!.AsArray(), check => Assert.True((bool)check!["success"]!));
    }

    [Fact]
    public async Task Lists_come_newest_first_and_page_by_page_without_a_gap()
    {
        var account = await Sandbox.NewAccountAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);

        var whole = await user.ListAsync($"/{id}/transactions", cancel: Cancel);
        var paged = await user.ListAsync($"/{id}/transactions", limit: 7, cancel: Cancel);
        Assert.Equal(whole.Select(Id), paged.Select(Id));
        Assert.Equal(whole.Select(Time).OrderDescending(), whole.Select(Time));

        var yen = await user.ListAsync($"/{id}/transactions?currency=jpy", cancel: Cancel);
        Assert.Equal(whole.Where(row => (string?)row["currency"] == "JPY").Select(Id), yen.Select(Id));

        static string Id(System.Text.Json.Nodes.JsonNode row) => (string)row["id"]!;
        static DateTimeOffset Time(System.Text.Json.Nodes.JsonNode row) => (DateTimeOffset)row["occurred_at"]!;
    }
}
