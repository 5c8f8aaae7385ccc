using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Grains.Sync;

namespace FinanceIntegrations.Grains.Integrations;

/// <summary>History in the background: a run that gives way to every other, and goes on afterwards from where it was.</summary>
internal sealed partial class IntegrationGrain
{
    private Pause? _pause;
    private Task<RunOutcome>? _work;

    /// <summary>As the run under way has last told; null: none has.</summary>
    private double? _historyShare;

    private async Task BeginHistory()
    {
        await BeginRun(State, RunInProgress.HistoryTrigger, [], full: false);
        await SetReminder(State);   // wakes us for the next sync, whatever history does
    }

    /// <summary>Ends the run over history where it is, at once: what it has committed stays, and the page under way is asked for again.</summary>
    private async Task PauseHistory()
    {
        var run = State.Run!;
        if (_run is null or { IsCompleted: true }) StartInBackground(run);   // taken over from a silo that died: it ends by the same way
        _pause!.AtOnce();
        var outcome = await _work!;
        if (State.Run?.Id == run.Id) await End(run, outcome);
    }

    /// <summary>A tick while history is read: what is due, or asked for, begins when the page under way is written.</summary>
    private Task YieldOrWait(DateTimeOffset now)
    {
        if (Lifecycle.NextRunAt(State, now) - now > Early || Lifecycle.RefusesRun(State, force: true, now) is not null) return SetReminder(State);
        _pause?.AfterThePage();
        return Task.CompletedTask;
    }
}
