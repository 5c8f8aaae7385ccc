using FinanceIntegrations.Data.Endpoints;
using FinanceIntegrations.Data.Tests.Webhooks;
using FinanceIntegrations.Data.Webhooks;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Endpoints;

/// <summary>What the webhook front end sees of an endpoint, and the secrets it takes over a rotation.</summary>
public sealed class EndpointLookupTests(OwnDatabase own) : DatabaseTest(own)
{
    private static readonly string[] Providers =
        ["stripe", "paypal", "square", "quickbooks", "xero", "sage", "hsbc", "barclays", "lloyds", "santander", "kra_itax"];

    private EndpointLookup Lookup => new(Source, Clock);

    private WebhookEndpointStore Store => new(Source);

    [Fact]
    public async Task Every_provider_has_an_endpoint_of_the_app_and_an_unknown_one_has_none()
    {
        foreach (var provider in Providers)
        {
            var facts = await Lookup.OfAppAsync(provider, Cancel);
            Assert.Equal((provider, 0, null), (facts!.Provider, facts.SealedSecrets.Count, facts.EventTypes));
        }
        foreach (var unknown in new[] { "nobody", "", "Stripe", "stripe' or true --" })
            Assert.Null(await Lookup.OfAppAsync(unknown, Cancel));
    }

    [Fact]
    public async Task An_integrations_endpoint_is_found_with_its_secret_and_its_filter()
    {
        var endpoint = await NewEndpointAsync(await NewIntegrationAsync(), ["payout.paid", "payout.failed"]);
        var facts = await Lookup.FindAsync(endpoint, Cancel);
        Assert.Equal((endpoint, "stripe"), (facts!.Id, facts.Provider));
        Assert.Equal(["first"], facts.SealedSecrets);
        Assert.Equal(["payout.paid", "payout.failed"], facts.EventTypes!);
    }

    [Fact]
    public async Task One_that_is_off_or_unknown_or_the_apps_or_of_a_deleted_integration_is_not_found()
    {
        var state = NewState();
        await Source.WriteStateAsync(state, null, Cancel);
        var (off, orphan) = (await NewEndpointAsync(state.Id), await NewEndpointAsync(state.Id));
        await Store.UpdateAsync(state.Id, off, new("", null, false), Begin, Cancel);
        Assert.Null(await Lookup.FindAsync(off, Cancel));
        Assert.Null(await Lookup.FindAsync(NewId(), Cancel));
        Assert.Null(await Lookup.FindAsync(await new Inbox(Source, Clock).AppEndpointAsync(Cancel), Cancel));

        Assert.NotNull(await Lookup.FindAsync(orphan, Cancel));
        await Source.WriteStateAsync(state with { DeletedAt = Begin, Outbox = new() }, 1, Cancel);
        Assert.Null(await Lookup.FindAsync(orphan, Cancel));
    }

    [Fact]
    public async Task Over_a_rotation_both_secrets_live_the_newest_first_until_the_overlap_ends()
    {
        var integration = await NewIntegrationAsync();
        var endpoint = await NewEndpointAsync(integration);
        var row = await Store.RotateAsync(integration, endpoint, new("second", Begin.AddHours(24)), Begin, Cancel);
        Assert.Equal(Begin.AddHours(24), row!.PreviousSecretExpiresAt);
        Assert.Equal(["second", "first"], await SecretsAsync(endpoint));

        Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(["second", "first"], await SecretsAsync(endpoint));
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["second"], await SecretsAsync(endpoint));
    }

    [Fact]
    public async Task Without_overlap_the_old_secret_ends_at_once_and_is_not_kept()
    {
        var integration = await NewIntegrationAsync();
        var endpoint = await NewEndpointAsync(integration);
        await Store.RotateAsync(integration, endpoint, new("second", Begin), Begin, Cancel);
        Assert.Equal(["second"], await SecretsAsync(endpoint));
        Assert.Equal(0, await Source.ScalarAsync<long>(
            "select count(*) from webhook_endpoints e where id = $1 and e::text like '%first%'", Cancel, endpoint));
    }

    [Fact]
    public async Task A_second_rotation_within_the_overlap_is_refused_and_after_it_done()
    {
        var integration = await NewIntegrationAsync();
        var endpoint = await NewEndpointAsync(integration);
        await Store.RotateAsync(integration, endpoint, new("second", Begin.AddHours(24)), Begin, Cancel);
        Assert.Null(await Store.RotateAsync(integration, endpoint, new("third", Begin.AddHours(25)), Begin.AddHours(1), Cancel));
        Assert.Equal(["second", "first"], await SecretsAsync(endpoint));
        Assert.Equal("second", await Store.SecretAsync(integration, endpoint, Cancel));

        Clock.Advance(TimeSpan.FromHours(24));
        Assert.NotNull(await Store.RotateAsync(integration, endpoint, new("third", Begin.AddHours(48)), Begin.AddHours(24), Cancel));
        Assert.Equal(["third", "second"], await SecretsAsync(endpoint));
    }

    [Fact]
    public async Task One_in_place_of_the_last_keeps_the_secret_that_the_provider_signs_with()
    {
        var integration = await NewIntegrationAsync();
        var endpoint = await NewEndpointAsync(integration);
        await Store.RotateAsync(integration, endpoint, new("lost", Begin.AddHours(24)), Begin, Cancel);
        foreach (var secret in new[] { "lost too", "third" })
            Assert.NotNull(await Store.RotateAsync(integration, endpoint, new(secret, Begin.AddHours(25), ReplacesLast: true), Begin.AddHours(1), Cancel));
        Assert.Equal(["third", "first"], await SecretsAsync(endpoint));
        Clock.Advance(TimeSpan.FromHours(24.5));
        Assert.Equal(["third", "first"], await SecretsAsync(endpoint));
    }

    [Fact]
    public async Task Without_overlap_every_older_secret_ends_also_during_another_rotations()
    {
        var integration = await NewIntegrationAsync();
        var endpoint = await NewEndpointAsync(integration);
        await Store.RotateAsync(integration, endpoint, new("second", Begin.AddHours(24)), Begin, Cancel);
        Assert.NotNull(await Store.RotateAsync(integration, endpoint, new("third", Begin), Begin, Cancel));
        Assert.Equal(["third"], await SecretsAsync(endpoint));
    }

    private async Task<Guid> NewEndpointAsync(Guid integration, string[]? types = null) =>
        (await Store.CreateAsync(NewId(), integration, "stripe", new("", types, true), "first", Begin, Cancel)).Id;

    private async Task<IReadOnlyList<string>> SecretsAsync(Guid endpoint) => (await Lookup.FindAsync(endpoint, Cancel))!.SealedSecrets;
}
