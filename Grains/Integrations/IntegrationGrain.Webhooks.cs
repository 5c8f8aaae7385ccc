using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;

namespace FinanceIntegrations.Grains.Integrations;

/// <summary>Webhook deliveries: taken in the background, in order, in batches; a change of the grain itself is a turn of its own.</summary>
internal sealed partial class IntegrationGrain
{
    /// <summary>While events keep coming, the next batch gathers for so long: each costs PostgreSQL fixed work. A lone event never waits.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(100);

    private Task? _pump;
    private CancellationTokenSource? _pumpCancel;
    private bool _hinted;

    public Task TakeWebhooks()
    {
        if (_published.Purge)
        {
            KeepPurging();   // what was taken in beside the deletion goes with the rest
            return Task.CompletedTask;
        }
        _hinted = true;
        if (_pump is null or { IsCompleted: true })
        {
            _pumpCancel?.Dispose();
            _pumpCancel = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            _pump = Pump(_pumpCancel.Token);
        }
        return Task.CompletedTask;
    }

    /// <summary>When it returns, no delivery that was taken before is applied any more.</summary>
    private async Task StopPump()
    {
        if (_pumpCancel is { } cancel) await cancel.CancelAsync();
        if (_pump is { } pump)   // cancelled, it waits for no turn of this grain
            await pump.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    public async Task ConsentWithdrawn(long eventId, DateTimeOffset at)
    {
        var next = Lifecycle.ConsentWithdrawn(State, at, clock.GetUtcNow());
        await Commit(next with { Outbox = next.Outbox with { DeliveriesDone = [.. next.Outbox.DeliveriesDone, eventId] } });
        if (State.Tokens is null) CancelRun();
    }

    public async Task<bool> RecordsChanged(long[] eventIds, bool disputes, bool payouts)
    {
        var next = disputes ? await DisputesLooked(State) : State;
        if (payouts) next = await PayoutsLooked(next);
        if (ReferenceEquals(next, State)) return false;
        await CommitWithReminder(next with { Outbox = next.Outbox with { DeliveriesDone = [.. next.Outbox.DeliveriesDone, .. eventIds] } });
        return true;
    }

    public async Task StreamsAsked(long[] eventIds, string[] streams)
    {
        var now = clock.GetUtcNow();
        var next = Lifecycle.StreamsAsked(State, streams, now);
        next = next with { Outbox = next.Outbox with { DeliveriesDone = [.. next.Outbox.DeliveriesDone, .. eventIds] } };
        // Without a run that may begin, the wish stays in the state: the next run reads these streams, whatever begins it.
        if (next.Run is null && Lifecycle.MayReadAsked(next, now) && await SwitchedOff() is null) await BeginAsked(next, now);
        else await Commit(next);
        if (State.Run is { IsHistory: true } && Lifecycle.MayReadAsked(State, now)) _pause?.AfterThePage();   // its end begins what was asked for
    }

    private async Task Pump(CancellationToken cancel)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.ContinueOnCapturedContext);
        try
        {
            while (_hinted && !cancel.IsCancellationRequested)
            {
                _hinted = false;
                var connection = _published;
                var webhooks = ProviderId.TryParse(connection.Provider, out var provider) ? providers.Webhooks(provider) : null;
                if (webhooks is null) return;
                await deliveries.DrainAsync(Id, provider, webhooks, this.AsReference<IIntegrationRuns>(), cancel);
                if (_hinted) await Task.Delay(Gather, clock, cancel);   // under load: few large batches instead of many small ones
            }
        }
        catch (Exception failure) when (!cancel.IsCancellationRequested)
        {
            LogPumpStopped(failure, Id);   // the database is away, or a bug: deliveries stay pending, and the sweep hints again
        }
        catch (OperationCanceledException)
        {
            // The activation ends; what is pending stays pending.
        }
    }
}
