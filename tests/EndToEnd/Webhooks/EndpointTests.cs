using System.Net;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.Webhooks;

/// <summary>An integration's own webhook endpoints.</summary>
public sealed class EndpointTests(SharedCluster shared) : ProductTest(shared)
{
    [Fact]
    public async Task An_endpoint_is_made_listed_changed_and_deleted()
    {
        var user = NewUser();
        var id = await user.CreateStripeAsync(cancel: Cancel);
        var made = (await user.PostAsync($"/{id}/webhook-endpoints", new { description = "Payouts" }, Cancel)).MustBeOk("create");
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.StartsWith("whsec_", made["secret"], StringComparison.Ordinal);
        var path = $"/{id}/webhook-endpoints/{made["id"]}";

        Assert.Equal(made["id"], (string?)Assert.Single(
            await NewUser(admin: true).ListAsync($"/audit-log?integration={id}&action=webhook_endpoint_created", cancel: Cancel))["subject"]);

        var listed = Assert.Single(await user.ListAsync($"/{id}/webhook-endpoints", cancel: Cancel));
        Assert.Equal((made["id"], "Payouts", made["url"]), ((string)listed["id"]!, (string)listed["description"]!, (string)listed["url"]!));
        Assert.Null((await user.GetAsync(path, Cancel)).Json!["secret"]);

        var changed = (await user.SendAsync(HttpMethod.Put, path, new { description = "Disputes", event_types = new[] { "charge.dispute.created" } }, Cancel))
            .MustBeOk("change");
        Assert.Equal(("Disputes", "charge.dispute.created"), (changed["description"], (string?)changed.Json!["event_types"]![0]));

        Assert.Equal(HttpStatusCode.NoContent, (await user.SendAsync(HttpMethod.Delete, path, cancel: Cancel)).Status);
        var gone = await user.GetAsync(path, Cancel);
        Assert.Equal((HttpStatusCode.NotFound, "webhook_endpoint_not_found"), (gone.Status, gone.Code));
    }

    [Fact]
    public async Task During_the_overlap_both_secrets_are_taken_and_after_it_only_the_new_one()
    {
        var (user, id, account, made) = await EndpointAsync(new { });
        var old = made["secret"];
        Assert.Equal("200", await SendAsync(made, account, old));

        var rotated = (await user.PostAsync($"/{id}/webhook-endpoints/{made["id"]}/rotate-secret", new { overlap_hours = 1 }, Cancel)).MustBeOk("rotate");
        var fresh = rotated["secret"];
        Assert.NotEqual(old, fresh);
        Assert.Equal(("200", "200"), (await SendAsync(made, account, old), await SendAsync(made, account, fresh)));

        // The overlap's end, which a test does not wait for.
        await Product.ExecuteAsync("update webhook_endpoints set previous_secret_expires_at = now() - interval '1 second' where id = $1", Cancel, Guid.Parse(made["id"]));
        await Eventually.HoldsAsync("the old secret is refused", async () => await SendAsync(made, account, old) == "400", cancel: Cancel);
        Assert.Equal("200", await SendAsync(made, account, fresh));
    }

    /// <summary>As when the answer was lost.</summary>
    [Fact]
    public async Task A_rotation_that_is_sent_again_does_not_cut_the_provider_off()
    {
        const string old = "whsec_given_by_the_provider", next = "whsec_given_next_by_it";
        var (user, id, account, made) = await EndpointAsync(new { secret = old });
        var path = $"/{id}/webhook-endpoints/{made["id"]}/rotate-secret";

        var until = (await user.PostAsync(path, new { secret = next }, Cancel)).MustBeOk("rotate")["previous_secret_expires_at"];
        Assert.Equal(until, (await user.PostAsync(path, new { secret = next }, Cancel)).MustBeOk("the same again")["previous_secret_expires_at"]);
        var refused = await user.PostAsync(path, cancel: Cancel);
        Assert.Equal((HttpStatusCode.Conflict, "rotation_under_way"), (refused.Status, refused.Code));
        Assert.Contains(until[..19], refused["detail"], StringComparison.Ordinal);
        Assert.Equal(("200", "200"), (await SendAsync(made, account, old), await SendAsync(made, account, next)));

        var instead = (await user.PostAsync(path, new { replaces_last = true }, Cancel)).MustBeOk("in its place")["secret"];
        Assert.Equal(("200", "400", "200"), (await SendAsync(made, account, old), await SendAsync(made, account, next), await SendAsync(made, account, instead)));
    }

    [Fact]
    public async Task Without_overlap_the_old_secret_is_refused_at_once()
    {
        var (user, id, account, made) = await EndpointAsync(new { secret = "whsec_given_by_the_provider" });
        Assert.Null(made.Json!["secret"]);
        Assert.Equal("200", await SendAsync(made, account, "whsec_given_by_the_provider"));

        (await user.PostAsync($"/{id}/webhook-endpoints/{made["id"]}/rotate-secret", new { secret = "whsec_given_next_by_it", overlap_hours = 0 }, Cancel))
            .MustBeOk("rotate");
        Assert.Equal(("400", "200"),
            (await SendAsync(made, account, "whsec_given_by_the_provider"), await SendAsync(made, account, "whsec_given_next_by_it")));
    }

    [Fact]
    public async Task A_switched_off_endpoint_takes_nothing()
    {
        var (user, id, account, made) = await EndpointAsync(new { });
        (await user.SendAsync(HttpMethod.Put, $"/{id}/webhook-endpoints/{made["id"]}", new { is_active = false }, Cancel)).MustBeOk("off");
        Assert.Equal("404", await SendAsync(made, account, made["secret"]));
        (await user.SendAsync(HttpMethod.Put, $"/{id}/webhook-endpoints/{made["id"]}", new { is_active = true }, Cancel)).MustBeOk("on");
        Assert.Equal("200", await SendAsync(made, account, made["secret"]));
    }

    [Fact]
    public async Task Types_that_an_endpoint_does_not_want_are_kept_and_ignored()
    {
        var (user, id, account, made) = await EndpointAsync(new { event_types = new[] { "payout.paid" } });
        var wanted = await SentAsync(made, account, "payout.paid");
        var unwanted = await SentAsync(made, account, "charge.succeeded");
        await ProcessedAsync(wanted, unwanted);

        Assert.Equal("routed", await RoutingAsync(wanted));
        Assert.Equal("ignored", await RoutingAsync(unwanted));
        Assert.Equal(wanted, (string?)Assert.Single(await user.ListAsync($"/{id}/webhook-events", cancel: Cancel))["provider_event_id"]);
    }

    [Fact]
    public async Task An_endpoint_affects_its_own_integration_whatever_account_the_body_names()
    {
        var (mine, theirs) = (await Sandbox.NewAccountAsync(50, Cancel), await Sandbox.NewAccountAsync(50, Cancel));
        var (user, victim) = (NewUser("mine"), NewUser("theirs"));
        var id = await user.ConnectedAsync(mine, cancel: Cancel);
        var other = await victim.ConnectedAsync(theirs, cancel: Cancel);
        var made = (await user.PostAsync($"/{id}/webhook-endpoints", new { }, Cancel)).MustBeOk("create");

        await ProcessedAsync(await SentAsync(made, theirs, "payout.paid"));
        Assert.Empty(await victim.ListAsync($"/{other}/webhook-events", cancel: Cancel));
        Assert.Single(await user.ListAsync($"/{id}/webhook-events", cancel: Cancel));
    }

    [Theory]
    [InlineData("""{"event_types":[]}""")]
    [InlineData("""{"event_types":["pay out"]}""")]
    [InlineData("""{"secret":"short"}""")]
    public async Task An_endpoint_that_does_not_fit_is_refused(string body)
    {
        var user = NewUser();
        var id = await user.CreateStripeAsync(cancel: Cancel);
        var refused = await user.PostAsync($"/{id}/webhook-endpoints", body, Cancel);
        Assert.Equal((HttpStatusCode.BadRequest, "validation_failed"), (refused.Status, refused.Code));
    }

    private async Task<(ApiUser User, string Id, string Account, ApiAnswer Made)> EndpointAsync(object order)
    {
        var account = await Sandbox.NewAccountAsync(50, Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        return (user, id, account, (await user.PostAsync($"/{id}/webhook-endpoints", order, Cancel)).MustBeOk("create"));
    }

    /// <returns>The status answered.</returns>
    private async Task<string> SendAsync(ApiAnswer endpoint, string account, string secret) =>
        (await Sandbox.SendWebhooksAsync(new { url = endpoint["url"], secret, account, type = "payout.paid", synthesise = true }, Cancel)).Statuses.Keys.Single();

    /// <returns>The event's id.</returns>
    private async Task<string> SentAsync(ApiAnswer endpoint, string account, string type) =>
        (await Sandbox.SendWebhooksAsync(new { url = endpoint["url"], secret = endpoint["secret"], account, type, synthesise = true }, Cancel))
            .AcceptedEventIds.Single();

    private Task<string> RoutingAsync(string eventId) =>
        Product.ScalarAsync<string>("select routing from webhook_events where provider_event_id = $1", Cancel, eventId);
}
