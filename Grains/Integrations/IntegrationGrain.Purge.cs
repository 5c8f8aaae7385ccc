using FinanceIntegrations.Domain.Integrations;

namespace FinanceIntegrations.Grains.Integrations;

/// <summary>
/// Erasing what a deleted integration has brought in: asked for by the write that deletes it, done in the background however long it takes, and begun
/// again by the next tick or activation where it was cut short.
/// </summary>
internal sealed partial class IntegrationGrain
{
    private Task? _purge;

    public async Task Purged()
    {
        if (State.PurgePending)
        {
            await CommitWithReminder(Lifecycle.Purged(State, clock.GetUtcNow()));
            LogPurged(Id);
        }
        DeactivateOnIdle();
    }

    private void KeepPurging()
    {
        if (_purge is { IsCompleted: false }) return;
        DelayDeactivation(TimeSpan.FromDays(1));   // our statements do not count as activity
        _purge = PurgeInBackground();
    }

    private async Task PurgeInBackground()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.ContinueOnCapturedContext);
        try
        {
            await StopPump();
            if (_run is { } run) await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);   // cancelled
            await purges.PurgeAsync(Id, _stopping.Token);
            await this.AsReference<IIntegrationRuns>().Purged().WaitAsync(_stopping.Token);
        }
        catch (Exception interruption)
        {
            if (!_stopping.IsCancellationRequested) LogPurgeInterrupted(interruption, Id);   // the next tick goes on
        }
    }
}
