using FinanceIntegrations.Data;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Grains.Abstractions;
using FinanceIntegrations.Grains.Sync;
using FinanceIntegrations.Grains.Tokens;

namespace FinanceIntegrations.Grains.Integrations;

/// <summary>Sync runs: a turn commits the run and starts it in the background; its end is a turn of its own.</summary>
internal sealed partial class IntegrationGrain
{
    private const string ReminderName = "sync";

    /// <summary>Orleans leaves out a first tick that has gone by when it sets its timer, which is after the row is written (#9385).</summary>
    private static readonly TimeSpan Soonest = TimeSpan.FromSeconds(3);

    private const string LeftMessage = "Cancelled: the integration was switched off, left or deleted.";
    private const string OffMessage = "Cancelled: the operator has switched the provider off. What was read stays, and the rest is read when it is on again.";

    private static readonly TimeSpan StandStillFor = TimeSpan.FromMinutes(10);

    /// <summary>A tick that comes so early is taken for the one that is due.</summary>
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan WhileKeeping = TimeSpan.FromMinutes(1);

    private Task? _run;
    private CancellationTokenSource? _runCancel;
    private (Guid Run, RunOutcome Outcome)? _finished;

    public async Task<Reply<SyncTicket>> StartSync(StartSync command, CancellationToken cancel)
    {
        if (State.Run is { IsHistory: false } open)
        {
            if (command.Full && !open.Full) return new Refusal("sync_running", "A sync is running that does not read everything again: ask when it has ended.");
            if (!open.IsWhole) await Commit(Lifecycle.RunWidened(State, clock.GetUtcNow()));   // its end finds streams left, and goes on
            if (_run is null or { IsCompleted: true }) StartInBackground(State.Run);
            return new SyncTicket { RunId = open.Id, AlreadyRunning = true };
        }
        if (await SwitchedOff() is { } off) return off;
        if (Lifecycle.RefusesRun(State, command.Force, clock.GetUtcNow()) is { } reason) return Words.RefusalOfRun(reason, State.NextSyncAt);
        if (State.Run is not null) await PauseHistory();   // nobody waits for history, and somebody for this
        return await BeginRun(State, command.Trigger, [], command.Full);
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (State.PurgePending)
        {
            KeepPurging();   // the reminder ticks each minute until it is done
            return;
        }
        var now = clock.GetUtcNow();
        await WarnOfConsent(now);
        await WarnOfDisputes(now);
        var off = await SwitchedOff() is not null;
        if (!off && Lifecycle.TokensNeedAt(State) - now <= Early) KeepAhead();
        KeepWrites();
        if (State.Run is { } open)
        {
            if (_run is null or { IsCompleted: true }) StartInBackground(open);
            else if (open.IsHistory) await YieldOrWait(now);
            return;
        }
        if (off && Lifecycle.NextWakeAt(State, now) is not null)
        {
            await StandStill(now);
            return;
        }
        // A tick may come twice, or early: what is due stands in the state.
        if (Lifecycle.NextRunAt(State, now) is not { } due || due - now > Early || Lifecycle.RefusesRun(State, force: true, now) is not null) await SetReminder(State);
        else
        {
            await BeginNext(now);
            if (State.Run is null) await SetReminder(State);
        }
    }

    /// <summary>Looks again from time to time: the switch is the operator's, and nobody tells the grain.</summary>
    private async Task StandStill(DateTimeOffset now)
    {
        var next = Lifecycle.ProviderSwitchedOff(State, now);
        if (!ReferenceEquals(next, State)) await Commit(next);
        await WakeIn(StandStillFor * (0.5 + (Random.Shared.NextDouble() / 2)), State);
    }

    public async Task RunEnded(Guid runId)
    {
        if (_finished is not { } finished || finished.Run != runId || State.Run?.Id != runId) return;
        if (!await End(State.Run, finished.Outcome)) return;
        DelayDeactivation(TimeSpan.Zero);
        await BeginNext(clock.GetUtcNow());
    }

    /// <summary>Stores the run's end. False: the run goes on, since it was widened meanwhile.</summary>
    private async Task<bool> End(RunInProgress run, RunOutcome outcome)
    {
        if (run.IsWhole && outcome is { IsWhole: false, Status: not "cancelled" })
        {
            _finished = null;
            StartInBackground(run);   // widened meanwhile: the streams that it has read to their end are not read again
            return false;
        }
        var now = clock.GetUtcNow();
        var end = new RunEnd
        {
            Id = run.Id,
            Status = outcome.Status,
            Message = outcome.Message,
            SyncedRecords = outcome.SyncedRecords,
            Streams = outcome.Streams,
            Reasons = outcome.Reasons,
            Cleared = outcome.Cleared,
            Payouts = outcome.Payouts,
            EndedAt = now,
            FirstStreamDue = outcome.FirstStreamDue,
            Scarce = outcome.Scarce,
        };
        var policies = new RunPolicies(breakers.Of(State.Provider), schedule.Value.Policy, TrustIn(outcome.Worst));
        var next = run.IsHistory
            ? Lifecycle.HistoryRunEnded(State, end, outcome.Worst, policies, Random.Shared.NextDouble())
            : Lifecycle.RunEnded(State, end, outcome.Worst, policies, Random.Shared.NextDouble());
        if (outcome.History is { } history) next = Lifecycle.HistoryFound(next, history, now);
        await CommitWithReminder(await PayoutsLooked(await DisputesLookedAfterRun(next)));
        _finished = null;
        telemetry.RunEnded(State.Provider, end.Status, now - run.StartedAt);
        LogRunEnded(Id, run.Id, end.Status, end.Message);
        return true;
    }

    /// <summary>What may begin now: what webhooks asked for while a run may have read past it, what the schedule wants, and then history.</summary>
    private async Task BeginNext(DateTimeOffset now)
    {
        if (await SwitchedOff() is not null) return;
        if (Lifecycle.MayReadAsked(State, now)) await BeginAsked(State, now);
        else if (State.NextSyncAt - now <= Early && Lifecycle.RefusesRun(State, force: true, now) is null) await BeginRun(State, "schedule", [], full: false);
        else if (Lifecycle.MayReadHistory(State, now)) await BeginHistory();
    }

    /// <summary>While the provider itself is in trouble its thousand failures are one incident, and no thousand items for a person.</summary>
    private TrustPolicy TrustIn(ProviderError? worst) => worst is not null && trouble.Of(State.Provider, ErrorClasses.Name(worst.Class)) is not null
        ? trust.Value.Policy with { FailuresBeforeAttention = int.MaxValue }
        : trust.Value.Policy;

    /// <summary>Reads what webhooks asked for; where the schedule is due anyway, everything, or it would wait for as long as they ask.</summary>
    private Task<SyncTicket> BeginAsked(IntegrationState from, DateTimeOffset now) => from.NextSyncAt <= now
        ? BeginRun(from, "schedule", [], full: false)
        : BeginRun(from, "webhook", from.StreamsAsked, full: false);

    /// <param name="from">The state to begin from, with what else is to be stored by the same write.</param>
    /// <param name="streams">Empty: all.</param>
    private async Task<SyncTicket> BeginRun(IntegrationState from, string trigger, IReadOnlyList<string> streams, bool full)
    {
        var now = clock.GetUtcNow();
        var run = new RunInProgress { Id = Guid.CreateVersion7(now), Trigger = trigger, Streams = streams, Full = full, StartedAt = now };
        await Commit(Lifecycle.RunStarted(from, run));
        if (trigger == "schedule" && from.NextSyncAt is { } due) telemetry.ScheduledRunBegan(from.Provider, now - due);
        StartInBackground(State.Run!);
        return new() { RunId = run.Id };
    }

    private void StartInBackground(RunInProgress run)
    {
        DelayDeactivation(TimeSpan.FromDays(1));   // our outgoing calls do not count as activity
        _runCancel?.Dispose();
        _runCancel = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        _pause?.Dispose();
        _pause = new();
        _work = OutcomeOf(run, State.Breaker.Probe == run.Id, _pause, _runCancel.Token);
        _run = RunInBackground(run, _work);   // the turn ends here: every other call stays quick
    }

    private async Task RunInBackground(RunInProgress run, Task<RunOutcome> work)
    {
        try
        {
            _finished = (run.Id, await work);
            // A turn that waits behind the end of this activation never comes: the next one resumes the run and ends it.
            await this.AsReference<IIntegrationRuns>().RunEnded(run.Id).WaitAsync(_stopping.Token);
        }
        catch (Exception interruption)
        {
            // The database is away, the silo stops, or a bug: the run stays open in the database, and the sweep wakes a fresh activation.
            if (!_stopping.IsCancellationRequested) LogRunInterrupted(interruption, Id, run.Id);
            DeactivateOnIdle();
        }
    }

    private async Task<RunOutcome> OutcomeOf(RunInProgress run, bool probes, Pause pause, CancellationToken cancel)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.ContinueOnCapturedContext);
        LogRunStarts(Id, run.Id, run.Trigger);
        try
        {
            if (_published is { Enabled: false } or { Tokens: null } or { Status: IntegrationStatus.Expired }) return Cancelled(run, LeftMessage);
            if (await SwitchedOff() is not null) return Cancelled(run, OffMessage);
            using var slot = await EnterAsync(run, pause, cancel);
            if (slot is null) return RunOutcome.Of(run, [], new(1, State.History?.Progress ?? 0), trust.Value.PolicyOf);   // it had not begun
            return Connector() is { } connector
                ? await engine.RunAsync(
                    new(connector, new Access(this, run.Lane, vault, clock, patient: true), Id, run)
                    {
                        Account = _published.ExternalAccountId,
                        Probes = probes,
                        Pause = pause,
                        Report = reading => _historyShare = reading.Progress,
                    },
                    cancel)
                : RunOutcome.Failed(run, new(ErrorClass.Validation, "provider_not_configured", "This deployment cannot connect this provider."));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested && !_stopping.IsCancellationRequested)
        {
            return Cancelled(run, LeftMessage);
        }
        catch (SwitchedOffException)
        {
            return Cancelled(run, OffMessage);
        }
        catch (Exception bug) when (!cancel.IsCancellationRequested && !IsPassing(bug))
        {
            LogRunStopped(bug, Id, run.Id);   // left open it would be read again at every sweep, for ever
            return RunOutcome.Failed(run, new(ErrorClass.Validation, "sync_stopped", "The sync met an error that another try does not mend."));
        }
    }

    /// <summary>Waits for a place among the silo's runs. Null: it was asked to give way before it had one.</summary>
    private async Task<IDisposable?> EnterAsync(RunInProgress run, Pause pause, CancellationToken cancel)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancel, pause.Wanted);
        try
        {
            return await limit.EnterAsync(run.Lane, waiting.Token);
        }
        catch (OperationCanceledException) when (pause.Asked && !cancel.IsCancellationRequested)
        {
            return null;
        }
    }

    private static RunOutcome Cancelled(RunInProgress run, string message) => new("cancelled", message, [], null, run.IsWhole);

    /// <summary>Another activation has the run, the database is away, or a turn of this grain did not answer in time: the run is resumed.</summary>
    private static bool IsPassing(Exception interruption) =>
        interruption is SupersededException or TimeoutException or OrleansException or StoreUnavailableException
        || DatabaseFaults.IsUnavailable(interruption);

    private void CancelRun() => _runCancel?.Cancel();

    /// <summary>A tick too many removes itself, a missing one is missed for ever: set before the state is stored, removed after it.</summary>
    private async Task CommitWithReminder(IntegrationState next)
    {
        var ticks = Lifecycle.NextWakeAt(next, clock.GetUtcNow()) is not null;
        if (ticks) await SetReminder(next);
        await Commit(next);
        if (!ticks) await RemoveReminder();
    }

    private Task SetReminder(IntegrationState state)
    {
        var now = clock.GetUtcNow();
        if (Lifecycle.NextWakeAt(state, now) is not { } due) return RemoveReminder();
        var wait = due - now;
        var soonest = IsKeeping && due == Lifecycle.TokensNeedAt(state) ? WhileKeeping : Soonest;   // it waits for its slot
        return WakeIn(wait > soonest ? wait : soonest, state);
    }

    /// <summary>In whole milliseconds, as Orleans waits: it would spin through what is left of one.</summary>
    private Task<IGrainReminder> WakeIn(TimeSpan wait, IntegrationState state) =>
        this.RegisterOrUpdateReminder(ReminderName, TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Period(state));

    private async Task WarnOfConsent(DateTimeOffset now)
    {
        var warned = Lifecycle.ConsentWarned(State, Rules, now);
        if (ReferenceEquals(warned, State)) return;
        await Commit(warned);
        LogConsentEndsSoon(Id, State.Provider, State.Tokens?.RefreshExpiresAt);
    }

    private async Task RemoveReminder()
    {
        if (await this.GetReminder(ReminderName) is { } reminder) await this.UnregisterReminder(reminder);
    }

    /// <summary>The reminder's own period is a safety net; Orleans allows no less than a minute.</summary>
    private static TimeSpan Period(IntegrationState state) => TimeSpan.FromMinutes(state.PurgePending ? 1 : Math.Max(1, state.SyncFrequencyMinutes));

    /// <summary>A call's credentials. Opened per call and not kept; renewed by a turn of the grain.</summary>
    /// <param name="patient">See <see cref="ProviderAccess.Patient"/>: a run's, which nobody waits for.</param>
    private sealed class Access(IntegrationGrain grain, Lane lane, TokenVault vault, TimeProvider clock, bool patient = false) : IAccessSource
    {
        public async ValueTask<ProviderAccess> GetAsync(CancellationToken cancel)
        {
            var state = grain._published;
            if (state.Tokens is { } tokens && TokenPolicy.IsDue(tokens, clock.GetUtcNow()))
                await grain.AsReference<IIntegrationRuns>().RenewTokens(tokens.ObtainedAt).WaitAsync(cancel);
            return Open();
        }

        public async Task<ProviderResult<ProviderAccess>> RenewAsync(ProviderError refusal, CancellationToken cancel)
        {
            if (grain._published.Tokens is not { } before) return refusal;
            return await grain.AsReference<IIntegrationRuns>().RenewTokens(before.ObtainedAt).WaitAsync(cancel)
                ? Open()
                : grain._refusedRefresh ?? refusal;
        }

        /// <summary>A call that is made once, and once more with other tokens where these are refused: then it has changed nothing.</summary>
        public async Task<ProviderResult<T>> CallAsync<T>(
            Func<ProviderAccess, CancellationToken, Task<ProviderResult<T>>> call, CancellationToken cancel)
        {
            var answer = await call(await GetAsync(cancel), cancel);
            if (answer.Error is not { Class: ErrorClass.Authentication, OwnCredential: false } refusal) return answer;
            var renewed = await RenewAsync(refusal, cancel);
            return renewed.Ok ? await call(renewed.Value, cancel) : renewed.Error!;
        }

        private ProviderAccess Open() => vault.Open(grain._published) with { Lane = lane, Patient = patient };
    }
}
