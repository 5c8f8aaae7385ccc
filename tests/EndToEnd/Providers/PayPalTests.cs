using System.Globalization;
using System.Net;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.Providers;

/// <summary>PayPal from the log-in to the books, through the whole product.</summary>
public sealed class PayPalTests(SharedCluster shared) : ProductTest(shared)
{
    [Fact]
    public async Task Connecting_brings_every_row_of_the_books_to_the_cent()
    {
        var account = await Sandbox.NewPayPalAccountAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.PayPalConnectedAsync(account, Cancel);

        await AgreesWithPayPalAsync(user, id, account);
        var books = await Sandbox.PayPalBooksAsync(account, Cancel);
        Assert.Equal(150, books.Transactions.Count);
        var rows = await user.ListAsync($"/{id}/transactions", cancel: Cancel);
        foreach (var (currency, total) in books.Totals)
            Assert.Equal(
                decimal.Parse(total, CultureInfo.InvariantCulture),
                rows.Where(row => (string?)row["currency"] == currency && (string?)row["status"] == "posted").Sum(row => decimal.Parse((string)row["net"]!, CultureInfo.InvariantCulture)));

        var status = (await user.GetAsync($"/{id}/status", Cancel)).MustBeOk("status").Json!;
        Assert.Equal(("active", "valid", account), ((string?)status["status"], (string?)status["token"]!["state"], (string?)status["external_account_id"]));
        var test = (await user.PostAsync($"/{id}/test", cancel: Cancel)).MustBeOk("test").Json!;
        Assert.True((bool)test["success"]!);
        Assert.Equal(["read_balance", "read_transactions", "read_disputes"], test["checks"]!.AsArray().Select(check => (string)check!["name"]!));
    }

    [Fact]
    public async Task A_second_sync_takes_every_kind_of_change()
    {
        var account = await Sandbox.NewPayPalAccountAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.PayPalConnectedAsync(account, Cancel);
        foreach (var kind in new[] { "sale", "pending_sale", "refund", "withdrawal", "dispute", "dispute_resolved", "dispute" })
            await Sandbox.AdvancePayPalAsync(account, kind, cancel: Cancel);
        Assert.Equal("succeeded", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);
        await AgreesWithPayPalAsync(user, id, account);

        await Sandbox.AdvancePayPalAsync(account, "settle", 3, Cancel);
        Assert.Equal("succeeded", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);
        await AgreesWithPayPalAsync(user, id, account);
    }

    [Fact]
    public async Task Signed_events_do_what_they_say_and_no_other_is_believed()
    {
        var account = await Sandbox.NewPayPalAccountAsync(60, Cancel);
        var user = NewUser();
        var id = await user.PayPalConnectedAsync(account, Cancel);

        var (_, opened) = await Sandbox.AdvancePayPalAsync(account, "dispute", cancel: Cancel);
        Assert.Equal(1, (await SendAsync(account, opened[^1], webhookId: "another")).Statuses["400"]);
        var asked = await Sandbox.PayPalRequestsAsync(account, "/v1/customer/disputes", Cancel);
        Assert.Equal(2, (await SendAsync(account, opened[^1], duplicate: 2)).Statuses["200"]);
        await ProcessedAsync(opened[^1]);
        var books = await Sandbox.PayPalBooksAsync(account, Cancel);
        Assert.Equal(books.Lines("disputes"), PayPalBooks.Seen("disputes", await user.ListAsync($"/{id}/disputes", cancel: Cancel)));
        Assert.Equal(asked, await Sandbox.PayPalRequestsAsync(account, "/v1/customer/disputes", Cancel));

        var (sold, told) = await Sandbox.AdvancePayPalAsync(account, "sale", cancel: Cancel);
        Assert.Equal(1, (await SendAsync(account, told[^1])).Statuses["200"]);
        await Eventually.HoldsAsync("the sale is read", () => user.ListAsync($"/{id}/transactions", cancel: Cancel),
            rows => rows.Any(row => ((string)row["id"]!).StartsWith(sold[0], StringComparison.Ordinal)), cancel: Cancel);
    }

    [Fact]
    public async Task While_a_new_certificate_cannot_be_had_the_event_is_to_be_sent_again()
    {
        var account = await Sandbox.NewPayPalAccountAsync(20, Cancel);
        var user = NewUser();
        await user.PayPalConnectedAsync(account, Cancel);
        var (_, told) = await Sandbox.AdvancePayPalAsync(account, "dispute", cancel: Cancel);
        await Sandbox.RotatePayPalCertificateAsync(Cancel);

        await using (await Sandbox.FaultAsync(new { provider = "paypal", path = "/v1/notifications/certs", kind = "malformed", times = -1 }, Cancel))
            Assert.Equal(1, (await SendAsync(account, told[^1])).Statuses["503"]);
        Assert.Equal(1, (await SendAsync(account, told[^1])).Statuses["200"]);
        await ProcessedAsync(told[^1]);
    }

    [Fact]
    public async Task A_token_that_dies_is_replaced_without_a_refresh_token()
    {
        var account = await Sandbox.NewPayPalAccountAsync(40, Cancel);
        var user = NewUser();
        var id = await user.PayPalConnectedAsync(account, Cancel);

        await Sandbox.ExpirePayPalTokenAsync(cancel: Cancel);
        await Sandbox.AdvancePayPalAsync(account, "sale", cancel: Cancel);
        Assert.Equal("succeeded", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);
        await AgreesWithPayPalAsync(user, id, account);

        await Sandbox.ExpirePayPalTokenAsync(cancel: Cancel);
        await Eventually.HoldsAsync("a refresh on demand is not answered by a token of just now",
            async () => (await user.PostAsync($"/{id}/oauth/refresh", cancel: Cancel)).MustBeOk("refresh").Json!,
            seen => (bool?)seen["refreshed"] == true, cancel: Cancel);
        Assert.True((bool)(await user.PostAsync($"/{id}/test", cancel: Cancel)).MustBeOk("test").Json!["success"]!);
        Assert.Equal("active", (await user.GetAsync($"/{id}", Cancel))["status"]);
    }

    [Fact]
    public async Task A_fresh_token_that_is_refused_ends_no_merchants_consent()
    {
        var account = await Sandbox.NewPayPalAccountAsync(20, Cancel);
        var user = NewUser();
        var id = await user.PayPalConnectedAsync(account, Cancel);

        await using (await Sandbox.FaultAsync(new { provider = "paypal", path = "/v1/reporting", kind = "status", status = 401, times = -1 }, Cancel))
            Assert.Contains((string?)(await user.SyncAsync(id, cancel: Cancel))["status"], (string[])["failed", "partial"]);
        Assert.NotEqual("expired", (await user.GetAsync($"/{id}", Cancel))["status"]);
    }

    [Fact]
    public async Task A_merchant_who_withdraws_expires_the_integration_and_logging_in_again_mends_it()
    {
        var account = await Sandbox.NewPayPalAccountAsync(60, Cancel);
        var user = NewUser();
        var id = await user.PayPalConnectedAsync(account, Cancel);
        var before = await user.ListAsync($"/{id}/transactions", cancel: Cancel);

        var left = await Sandbox.RevokePayPalAsync(account, Cancel);
        await SendAsync(account, left);
        await ProcessedAsync(left);
        var expired = await user.GetAsync($"/{id}", Cancel);
        Assert.Equal(("expired", "consent_withdrawn"), (expired["status"], expired["status_reason"]));
        var refused = await user.PostAsync($"/{id}/sync?force=true", cancel: Cancel);
        Assert.Equal((HttpStatusCode.Conflict, "authorization_expired"), (refused.Status, refused.Code));
        Assert.Equal(before.Count, (await user.ListAsync($"/{id}/transactions", cancel: Cancel)).Count);

        await Sandbox.AdvancePayPalAsync(account, "sale", 3, Cancel);
        await user.ConnectAsync(id, account, Cancel);
        await user.NewestRunAsync(id, "succeeded", Cancel);
        Assert.Equal("active", (await user.GetAsync($"/{id}", Cancel))["status"]);
        await AgreesWithPayPalAsync(user, id, account);
    }

    [Fact]
    public async Task A_permission_that_is_gone_shows_at_the_next_sync_too()
    {
        var account = await Sandbox.NewPayPalAccountAsync(40, Cancel);
        var user = NewUser();
        var id = await user.PayPalConnectedAsync(account, Cancel);

        await Sandbox.RevokePayPalAsync(account, Cancel);
        Assert.Equal("failed", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);
        Assert.Equal("expired", (await user.GetAsync($"/{id}", Cancel))["status"]);
    }

    private Task<WebhookOutcome> SendAsync(string account, string eventId, string? webhookId = null, int duplicate = 1) =>
        Sandbox.SendPayPalWebhookAsync(Product.PayPalWebhooks, webhookId ?? Product.PayPalWebhookId, account, eventId, duplicate, Cancel);

    private async Task AgreesWithPayPalAsync(ApiUser user, string id, string account)
    {
        var books = await Sandbox.PayPalBooksAsync(account, Cancel);
        foreach (var kind in PayPalBooks.Kinds)
            Assert.Equal(books.Lines(kind), PayPalBooks.Seen(kind, await user.ListAsync($"/{id}/{kind}", cancel: Cancel)));
    }
}
