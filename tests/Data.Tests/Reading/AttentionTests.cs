using FinanceIntegrations.Data.Attention;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Attention;
using FinanceIntegrations.Domain.Integrations;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Reading;

public sealed class AttentionTests(OwnDatabase own) : DatabaseTest(own)
{
    private static readonly AttentionFilter Any = new(null, null, null);

    private AttentionReader Reader => new(Source);

    [Fact]
    public async Task A_list_is_the_owners_over_all_integrations_newest_first_and_page_by_page()
    {
        var owner = $"owner {NewId()}";
        var (one, two) = (await RaisedAsync(owner, 0, 2, 4), await RaisedAsync(owner, 1, 3));
        await RaisedAsync("somebody else", 5);

        var all = await Reader.ListAsync(owner, Any, Positions.NewestGuid, 10, Cancel);
        Assert.Equal([4, 3, 2, 1, 0], all.Select(item => (int)(item.RaisedAt - Begin).TotalMinutes));
        var page = await Reader.ListAsync(owner, Any, new(all[1].RaisedAt, all[1].Id), 2, Cancel);
        Assert.Equal(all.Skip(2).Take(2).Select(item => item.Id), page.Select(item => item.Id));
        Assert.Equal(3, (await Reader.ListAsync(owner, Any with { Integration = one.Id }, Positions.NewestGuid, 10, Cancel)).Count);
        Assert.Equal((3, 2), (await Reader.CountOpenAsync(one.Id, Cancel), await Reader.CountOpenAsync(two.Id, Cancel)));
        Assert.Null(await Reader.FindAsync(all[0].Id, "somebody else", Cancel));
        Assert.Equal("Look at it.", Assert.Single((await Reader.FindAsync(all[0].Id, owner, Cancel))!.Choices).Label);
    }

    [Fact]
    public async Task Settled_items_are_shown_with_who_decided_what_and_the_grain_sees_the_same()
    {
        var owner = $"owner {NewId()}";
        var state = await RaisedAsync(owner, 0, 1);
        var settlement = new AttentionSettlement { Key = "key 1", Choice = "look", By = "alice", Note = "Seen.", At = Begin.AddHours(1) };
        await Source.WriteStateAsync(state with { Outbox = new() { AttentionSettled = [settlement] } }, 1, Cancel);

        var resolved = Assert.Single(await Reader.ListAsync(owner, Any with { Open = false }, Positions.NewestGuid, 10, Cancel));
        Assert.Equal(("resolved", "look", "alice", "Seen."), (resolved.Status, resolved.Choice, resolved.ResolvedBy, resolved.Note));
        var open = Assert.Single(await Reader.ListAsync(owner, Any with { Open = true, Kind = "rows_parked" }, Positions.NewestGuid, 10, Cancel));
        Assert.Empty(await Reader.ListAsync(owner, Any with { Kind = "consent_needed" }, Positions.NewestGuid, 10, Cancel));

        var items = new OpenItems(Source);
        var seen = await items.FindAsync(state.Id, resolved.Id, Cancel);
        Assert.Equal(("key 1", "alice", "look"), (seen!.Key, seen.SettledBy, seen.Choice));
        Assert.Equal(["look"], seen.Choices);
        Assert.Null((await items.FindAsync(state.Id, open.Id, Cancel))!.SettledBy);
        Assert.Null(await items.FindAsync(NewId(), open.Id, Cancel));
    }

    [Fact]
    public async Task A_deleted_integration_asks_for_nothing()
    {
        var owner = $"owner {NewId()}";
        var state = await RaisedAsync(owner, 0);
        await Source.WriteStateAsync(Lifecycle.Deleted(state with { Outbox = new() }, purge: false, "Revoked.", Begin), 1, Cancel);
        Assert.Empty(await Reader.ListAsync(owner, Any, Positions.NewestGuid, 10, Cancel));
    }

    private async Task<IntegrationState> RaisedAsync(string owner, params int[] minutes)
    {
        var state = NewState(owner: owner);
        await Source.WriteStateAsync(state with { Outbox = new() { AttentionRaised = [.. minutes.Select(Item)] } }, null, Cancel);
        return state;
    }

    private static AttentionItem Item(int minute) => new()
    {
        Id = NewId(),
        Key = $"key {minute}",
        Kind = AttentionKinds.RowsParked,
        WhatHappened = "Rows do not fit.",
        AtStake = "They are missing.",
        Choices = [new("look", "Look at it.")],
        RaisedAt = Begin.AddMinutes(minute),
    };
}
