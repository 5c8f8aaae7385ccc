using FinanceIntegrations.Data.Endpoints;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Data.Tests.Webhooks;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Endpoints;

public sealed class WebhookEndpointStoreTests(OwnDatabase own) : DatabaseTest(own)
{
    private WebhookEndpointStore Store => new(Source);

    [Fact]
    public async Task An_endpoint_is_made_read_changed_and_deleted()
    {
        var integration = await NewIntegrationAsync();
        var made = await CreateAsync(integration, "Payouts", ["payout.paid"]);
        Assert.Equal((integration, "stripe", "Payouts", true, null, Begin, Begin),
            (made.IntegrationId, made.Provider, made.Description, made.IsActive, made.PreviousSecretExpiresAt, made.CreatedAt,
                made.UpdatedAt));
        Assert.Equal(["payout.paid"], made.EventTypes!);
        Assert.Equivalent(made, await Store.FindAsync(integration, made.Id, Cancel));

        var changed = await Store.UpdateAsync(integration, made.Id, new("All", null, false), Begin.AddMinutes(1), Cancel);
        Assert.Equal(("All", null, false, Begin, Begin.AddMinutes(1)),
            (changed!.Description, changed.EventTypes, changed.IsActive, changed.CreatedAt, changed.UpdatedAt));
        Assert.Equal("sealed", await Source.ScalarAsync<string>("select secret from webhook_endpoints where id = $1", Cancel, made.Id));

        Assert.True(await Store.DeleteAsync(integration, made.Id, Cancel));
        Assert.False(await Store.DeleteAsync(integration, made.Id, Cancel));
        Assert.Null(await Store.FindAsync(integration, made.Id, Cancel));
    }

    [Fact]
    public async Task Another_integrations_endpoint_and_the_apps_own_are_out_of_reach()
    {
        var (mine, theirs) = (await NewIntegrationAsync(), await NewIntegrationAsync(owner: "bob"));
        var endpoint = (await CreateAsync(theirs)).Id;
        var app = await new Inbox(Source, Clock).AppEndpointAsync(Cancel);
        foreach (var foreign in new[] { endpoint, app, NewId() })
        {
            Assert.Null(await Store.FindAsync(mine, foreign, Cancel));
            Assert.Null(await Store.UpdateAsync(mine, foreign, new("mine now", null, false), Begin, Cancel));
            Assert.Null(await Store.RotateAsync(mine, foreign, new("taken", Begin), Begin, Cancel));
            Assert.False(await Store.DeleteAsync(mine, foreign, Cancel));
        }
        Assert.Equal("", (await Store.FindAsync(theirs, endpoint, Cancel))!.Description);
        Assert.Equal(0, await Source.ScalarAsync<long>("select count(secret) from webhook_endpoints where id = $1", Cancel, app));
    }

    [Fact]
    public async Task Pages_newest_first_hold_each_endpoint_once_though_many_are_of_one_moment()
    {
        var integration = await NewIntegrationAsync();
        var made = new List<Guid>();
        for (var n = 0; n < 9; n++) made.Add((await CreateAsync(integration, at: Begin.AddMinutes(n / 3))).Id);

        var (seen, after) = (new List<WebhookEndpointRow>(), Positions.NewestGuid);
        while (await Store.ListAsync(integration, after, 2, Cancel) is { Count: > 0 } page)
        {
            seen.AddRange(page);
            after = new(page[^1].CreatedAt, page[^1].Id);
        }
        Assert.Equal(made.Order(), seen.Select(e => e.Id).Order());
        Assert.Equal(seen.Select(e => e.CreatedAt).OrderDescending(), seen.Select(e => e.CreatedAt));
    }

    [Fact]
    public async Task A_deleted_endpoint_takes_its_events_and_leaves_the_others()
    {
        var account = $"acct_{NewId():N}";
        var integration = await NewIntegrationAsync(account);
        var endpoint = (await CreateAsync(integration)).Id;
        var inbox = new Inbox(Source, Clock);
        await inbox.StoreAsync(Cancel, await inbox.EventAsync("app's", account, Cancel),
            (await inbox.EventAsync("own", account, Cancel)) with { EndpointId = endpoint });

        await Store.DeleteAsync(integration, endpoint, Cancel);
        Assert.Equal(["app's"], await Source.ListAsync<string>("select provider_event_id from webhook_events where account = $1", Cancel,
            account));
        Assert.Equal(1, await Source.ScalarAsync<long>("select count(*) from webhook_deliveries where integration_id = $1", Cancel,
            integration));
    }

    [Fact]
    public async Task However_many_events_an_endpoint_has_no_statement_deletes_many_of_them()
    {
        var integration = await NewIntegrationAsync();
        var endpoint = (await CreateAsync(integration)).Id;
        await Source.ExecuteAsync("""
            with stored as (
                insert into webhook_events (endpoint_id, provider, provider_event_id, event_type, received_at, routing, open_deliveries, processed)
                select $1, 'stripe', 'evt_' || n, 'payout.paid', now(), 'routed', 1, false from generate_series(1, 2500) n returning id)
            insert into webhook_deliveries (event_id, integration_id, status, next_attempt_at) select id, $2, 'pending', now() from stored
            """, Cancel, endpoint, integration);
        await Source.ExecuteAsync("""
            create table deleted_at_once (events bigint);
            create function count_deleted() returns trigger language plpgsql as $$
            begin
                insert into deleted_at_once select count(*) from gone;
                return null;
            end $$;
            create trigger count_deleted after delete on webhook_events referencing old table as gone for each statement execute function count_deleted();
            """, Cancel);
        try
        {
            Assert.True(await Store.DeleteAsync(integration, endpoint, Cancel));
            Assert.Equal([1_000, 1_000, 500], await Source.ListAsync<long>("select events from deleted_at_once where events > 0", Cancel));
        }
        finally
        {
            await Source.ExecuteAsync("drop trigger count_deleted on webhook_events; drop function count_deleted; drop table deleted_at_once", Cancel);
        }
        Assert.Equal(0, await Source.ScalarAsync<long>("select count(*) from webhook_deliveries where integration_id = $1", Cancel, integration));
        Assert.False(await Store.DeleteAsync(integration, endpoint, Cancel));
    }

    private Task<WebhookEndpointRow> CreateAsync(Guid integration, string description = "", string[]? types = null,
        DateTimeOffset? at = null) =>
        Store.CreateAsync(NewId(), integration, "stripe", new(description, types, true), "sealed", at ?? Begin, Cancel);
}
