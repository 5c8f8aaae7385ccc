using FinanceIntegrations.Domain.Attention;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Grains.Abstractions;

namespace FinanceIntegrations.Grains.Integrations;

/// <summary>What a person decides: does it, and commits who decided what.</summary>
internal sealed partial class IntegrationGrain
{
    public async Task<Reply<SettledView>> Resolve(ResolveAttention command, CancellationToken cancel)
    {
        if (!State.Exists) return NotFound;
        if (await items.FindAsync(Id, command.Item, cancel) is not { } item) return new Refusal("attention_item_not_found", "There is no such item.");
        if (!item.Choices.Contains(command.Choice)) return new Refusal("choice_unknown", $"The item's choices are {string.Join(", ", item.Choices)}.");
        if (item.SettledBy is not null)
            return item.SettledBy == command.By && item.Choice == command.Choice
                ? new SettledView(null)   // the same answer again
                : new Refusal("already_resolved", "Somebody has decided already, or the reason went away.");
        var settlement = new AttentionSettlement { Key = item.Key, Choice = command.Choice, By = command.By, Note = command.Note, At = clock.GetUtcNow() };
        return command.Choice switch
        {
            "retry" => await SettledByRun(settlement, full: false),
            "full_read" => await SettledByRun(settlement, full: true),
            "remap" => await SettledByRemap(settlement, item.Stream!, cancel),
            "accept" when Lifecycle.PayoutOfKey(item.Key) is { } payout => await SettledByAcceptedPayout(settlement, payout),
            "accept" when Connector()?.Info.Streams.FirstOrDefault(s => s.Id == item.Stream) is { } stream => await SettledByAcceptance(settlement, stream),
            "authorize" => new Refusal("authorization_needed",
                "Send the user through POST /oauth/authorize; the item is settled when they have authorized."),
            "look_again" when Lifecycle.WriteOfKey(item.Key) is { } write => await SettledByLook(settlement, write),
            "happened" or "did_not_happen" when Lifecycle.WriteOfKey(item.Key) is { } write =>
                await SettledByPerson(settlement, write, happened: command.Choice == "happened"),
            "dismiss" when item is { Kind: AttentionKinds.RowsParked, Stream: { } stream } => await SettledByDismissal(settlement, stream),
            _ => await Settled(settlement),
        };
    }

    public async Task<Reply<RemapView>> Remap(RemapParked command, CancellationToken cancel)
    {
        if (!State.Exists) return NotFound;
        if (Connector() is not { } connector) return new Refusal("provider_not_configured", "This deployment cannot connect this provider.");
        if (connector is not IMapsRows mapping) return new Refusal("not_supported", "This provider's rows cannot be mapped again.");
        if (connector.Info.Streams.FirstOrDefault(s => s.Id == command.Stream) is not { } stream)
            return new Refusal("stream_unknown", $"The streams are {string.Join(", ", connector.Info.Streams.Select(s => s.Id))}.");
        var outcome = await remapping.RunAsync(mapping, Id, State.ExternalAccountId, stream, command.After, cancel);
        if (outcome.Next is null && !(await parked.WaitingAsync(Id, [stream], cancel)).ContainsKey(stream.Id))
        {
            var next = Lifecycle.ParkedRowsMapped(State, stream.Id, command.By, command.Note, clock.GetUtcNow());
            if (next != State) await Commit(next);
        }
        return new RemapView(outcome.Mapped, outcome.Unfit, outcome.Next);
    }

    private async Task<Reply<SettledView>> Settled(AttentionSettlement settlement)
    {
        await Commit(Lifecycle.Settled(State, settlement));
        return new SettledView(null);
    }

    /// <summary>The run opens with the very write that settles the item.</summary>
    private async Task<Reply<SettledView>> SettledByRun(AttentionSettlement settlement, bool full)
    {
        if (State.Run is { IsHistory: false } open)
        {
            if (full && !open.Full) return new Refusal("sync_running", "A sync is running that does not read everything again: decide when it has ended.");
            await Commit(Lifecycle.Settled(State, settlement));
            return new SettledView(open.Id);
        }
        if (await SwitchedOff() is { } off) return off;
        if (Lifecycle.RefusesRun(State, force: true, clock.GetUtcNow()) is { } reason) return Words.RefusalOfRun(reason, State.NextSyncAt);
        if (State.Run is not null) await PauseHistory();
        return new SettledView((await BeginRun(Lifecycle.Settled(State, settlement), "user", [], full)).RunId);
    }

    /// <summary>Whoever decides so has <see cref="Remap"/> done first: the decision stands once no row waits any more.</summary>
    private async Task<Reply<SettledView>> SettledByRemap(AttentionSettlement settlement, string stream, CancellationToken cancel) =>
        (await parked.WaitingAsync(Id, [], cancel)).TryGetValue(stream, out var waiting)
            ? new Refusal("rows_still_parked", $"{waiting} rows of {stream} still do not fit.")
            : await Settled(settlement);

    /// <summary>What the doubted pass did not show is deleted.</summary>
    private async Task<Reply<SettledView>> SettledByAcceptance(AttentionSettlement settlement, StreamInfo stream) =>
        await passes.AcceptAsync(Id, stream, CancellationToken.None) is not null
            ? await Settled(settlement)
            : new Refusal("nothing_to_accept", "No reading of everything stands to be accepted: read everything again first.");

    /// <summary>The payout is right though its entries differ by so much.</summary>
    private async Task<Reply<SettledView>> SettledByAcceptedPayout(AttentionSettlement settlement, string payout) =>
        await sums.AcceptAsync(Id, payout, CancellationToken.None)   // safe to repeat, should the write after it fail
            ? await Settled(settlement)
            : new Refusal("nothing_to_accept", "The payout adds up, or its entries have been read anew and not been looked at since: sync first.");

    private async Task<Reply<SettledView>> SettledByDismissal(AttentionSettlement settlement, string stream)
    {
        await parked.DismissAsync(Id, stream, settlement.By, CancellationToken.None);   // safe to repeat, should the write after it fail
        return await Settled(settlement);
    }
}
