using System.Net;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.MainJob;

public sealed class ConsentTests(SharedCluster shared) : ProductTest(shared)
{
    [Fact]
    public async Task A_user_who_leaves_at_the_provider_expires_the_integration_and_connecting_again_keeps_id_and_data()
    {
        var account = await Sandbox.NewAccountAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        var before = await user.ListAsync($"/{id}/transactions", cancel: Cancel);

        var left = await Sandbox.RevokeAsync(account, Cancel);
        await SendEventAsync(account, left);
        await ProcessedAsync(left);

        var expired = await user.GetAsync($"/{id}", Cancel);
        Assert.Equal(("expired", "consent_withdrawn"), (expired["status"], expired["status_reason"]));
        var refused = await user.PostAsync($"/{id}/sync?force=true", cancel: Cancel);
        Assert.Equal((HttpStatusCode.Conflict, "authorization_expired"), (refused.Status, refused.Code));
        Assert.Equal(before.Count, (await user.ListAsync($"/{id}/transactions", cancel: Cancel)).Count);

        await Sandbox.AdvanceAsync(account, "charge", 3, cancel: Cancel);
        await user.ConnectAsync(id, account, Cancel);
        await user.NewestRunAsync(id, "succeeded", Cancel);
        Assert.Equal("active", (await user.GetAsync($"/{id}", Cancel))["status"]);
        await AgreesWithBooksAsync(user, id, account);
    }

    [Fact]
    public async Task Another_account_cannot_be_connected_in_the_place_of_the_first()
    {
        var (account, other) = (await Sandbox.NewAccountAsync(50, Cancel), await Sandbox.NewAccountAsync(50, Cancel));
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);

        var refused = await user.PostAsync("/oauth/token", await user.ConsentAsync(await user.AuthorizeAsync(id, Cancel), $"sandbox_account={other}", Cancel), Cancel);
        Assert.Equal((HttpStatusCode.Conflict, "other_account"), (refused.Status, refused.Code));
        Assert.Contains(account, refused["detail"], StringComparison.Ordinal);
        Assert.False((bool)(await Sandbox.AccountAsync(other, Cancel))["connected"]!);

        var page = await user.HostedConsentAsync(id, $"sandbox_account={other}", Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Contains($"connect account {other} as an integration of its own", page.Text, StringComparison.Ordinal);

        Assert.True((bool)(await Sandbox.AccountAsync(account, Cancel))["connected"]!);
        await Sandbox.AdvanceAsync(account, "charge", 3, cancel: Cancel);
        Assert.Equal("succeeded", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);
        await AgreesWithBooksAsync(user, id, account);
        Assert.Equal(HttpStatusCode.OK, (await user.HostedConsentAsync(id, $"sandbox_account={account}", Cancel)).Status);   // the same one, again
    }

    [Fact]
    public async Task A_consent_that_is_gone_shows_at_the_next_sync_too()
    {
        var account = await Sandbox.NewAccountAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);

        await Sandbox.RevokeAsync(account, Cancel);
        var run = await user.SyncAsync(id, cancel: Cancel);

        Assert.Equal("failed", (string?)run["status"]);
        Assert.All(run["streams"]!.AsArray(), stream => Assert.Equal("consent", (string?)stream!["error_class"]));
        Assert.Equal("expired", (await user.GetAsync($"/{id}", Cancel))["status"]);
    }

    [Fact]
    public async Task Switched_off_nothing_is_called_and_nothing_is_lost()
    {
        var account = await Sandbox.NewAccountAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);

        (await user.SendAsync(HttpMethod.Put, $"/{id}", new { is_active = false }, Cancel)).MustBeOk("switch off");
        var refused = await user.PostAsync($"/{id}/sync?force=true", cancel: Cancel);
        Assert.Equal((HttpStatusCode.Conflict, "switched_off"), (refused.Status, refused.Code));

        (await user.SendAsync(HttpMethod.Put, $"/{id}", new { is_active = true, name = "Renamed" }, Cancel)).MustBeOk("switch on");
        Assert.Equal("succeeded", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);
        Assert.Equal("Renamed", (await user.GetAsync($"/{id}", Cancel))["name"]);
        await AgreesWithBooksAsync(user, id, account);
    }

    [Fact]
    public async Task Deleting_withdraws_the_consent_at_the_provider_and_hides_the_integration()
    {
        var account = await Sandbox.NewAccountAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);

        var deleted = (await user.SendAsync(HttpMethod.Delete, $"/{id}", cancel: Cancel)).MustBeOk("delete").Json!;

        Assert.True((bool)deleted["revoked"]!);
        Assert.False((bool)(await Sandbox.AccountAsync(account, Cancel))["connected"]!);
        Assert.Equal((HttpStatusCode.NotFound, "integration_not_found"), await StatusAndCodeAsync(user, $"/{id}"));
        Assert.Equal((HttpStatusCode.NotFound, "integration_not_found"), await StatusAndCodeAsync(user, $"/{id}/transactions"));
        Assert.Empty(await user.ListAsync("/", cancel: Cancel));
        Assert.Equal(300, await RowsAsync("transactions", id));
        Assert.Equal(0, await Product.ScalarAsync<long>(
            "select count(*) from orleans_reminders where grain_id like '%' || $1", Cancel, Guid.Parse(id).ToString("N")));
    }

    [Fact]
    public async Task Purging_erases_what_was_read()
    {
        var account = await Sandbox.NewAccountAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        var (_, told) = await Sandbox.AdvanceAsync(account, "payout", cancel: Cancel);
        await SendEventAsync(account, told[^1]);
        await ProcessedAsync(told[^1]);

        (await user.SendAsync(HttpMethod.Delete, $"/{id}?purge=true", cancel: Cancel)).MustBeOk("purge");

        await Eventually.HoldsAsync("the purge is done", () => Product.ScalarAsync<string>(
            "select string_agg(event, ',') from integration_logs where integration_id = $1", Cancel, Guid.Parse(id)), events => events == "integration_purged", cancel: Cancel);
        foreach (var table in new[] { "accounts", "balances", "transactions", "payments", "payouts", "disputes", "sync_runs", "sync_cursors", "webhook_deliveries" })
            Assert.Equal((table, 0L), (table, await RowsAsync(table, id)));
        Assert.Equal(0, await Product.ScalarAsync<long>("select count(*) from webhook_events where provider_event_id = $1", Cancel, told[^1]));
        Assert.DoesNotContain(account, await Product.ScalarAsync<string>("select integrations::text from integrations where id = $1", Cancel, Guid.Parse(id)),
            StringComparison.Ordinal);
    }

    private Task<long> RowsAsync(string table, string id) =>
        Product.ScalarAsync<long>($"select count(*) from {table} where integration_id = $1", Cancel, Guid.Parse(id));

    private static async Task<(HttpStatusCode Status, string? Code)> StatusAndCodeAsync(ApiUser user, string path)
    {
        var answer = await user.GetAsync(path, Cancel);
        return (answer.Status, answer.Code);
    }
}
