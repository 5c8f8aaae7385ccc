using FinanceIntegrations.Domain.Attention;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Grains.Abstractions;
using FinanceIntegrations.Grains.Operations;

namespace FinanceIntegrations.Grains.Integrations;

/// <summary>
/// Writes to the provider: committed, sent once, its answer committed. One of which no answer came, whoever died of it, is looked up by our own
/// reference and never sent again.
/// </summary>
internal sealed partial class IntegrationGrain
{
    /// <summary>Longer waits are left to the reminder.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    private readonly Dictionary<Guid, ProviderResult<WriteReceipt>> _writeAnswers = [];
    private readonly Dictionary<Guid, ProviderResult<WriteSighting>> _sightings = [];
    private readonly Dictionary<Guid, Task> _sending = [];
    private Task? _looking;
    private TaskCompletionSource _lookAgain = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task<Reply<WriteView>> Write(StartWrite command, CancellationToken cancel)
    {
        if (!State.Exists) return NotFound;
        if (State.Writes.Any(open => open.Id == command.Id) || await operations.FindAsync(Id, command.Id, cancel) is not null)
            return new WriteView(command.Id);   // asked again: nothing is sent again
        var order = WriteOrderJson.Read(command.Order);
        if (Writer() is not { } writer || !writer.Kinds.Contains(order.Kind))
            return new Refusal("not_supported", $"{State.Provider} does not let us do that.");
        if (!await features.AllowsWriteAsync(Provider, order.Kind))
            return new Refusal("write_switched_off", "The operator of this service has not switched this on.");
        if (await SwitchedOff() is { } off) return off;
        var now = clock.GetUtcNow();
        if (Lifecycle.RefusesLook(State, now) is { } reason) return Words.RefusalOfRun(reason, null);
        if (State.Writes.Count >= writes.Value.MostOpen) return new Refusal("too_many_writes", "Too many writes of this connection are open already.");
        var reference = command.Id.ToString("N");
        var write = new OpenWrite
        {
            Id = command.Id,
            Order = order,
            Mark = new(reference, $"fi-{reference}", now),
            By = command.By,
            Deadline = now + writes.Value.CallTimeout + TokenPolicy.Spare,
        };
        await CommitWithReminder(Lifecycle.WriteBegun(State, write, now));   // a crash from here on finds an alarm clock at the deadline
        var sent = SendInBackground(writer, write);
        _sending[write.Id] = sent;
        _ = EndInBackground(write.Id, sent);
        return new WriteView(write.Id);
    }

    public async Task EndWrite(Guid id)
    {
        if (!_writeAnswers.Remove(id, out var answer)) return;
        _sending.Remove(id);
        await CommitWithReminder(Lifecycle.WriteAnswered(State, id, answer, writes.Value.Policy, clock.GetUtcNow()));
        await GoOnAfterWrite();
    }

    public async Task EndLook(Guid id)
    {
        if (!_sightings.Remove(id, out var seen)) return;
        await CommitWithReminder(Lifecycle.WriteLooked(State, id, seen, writes.Value.Policy, clock.GetUtcNow()));
        await GoOnAfterWrite();
    }

    /// <summary>A write that this activation does not send, and that is past its deadline: whoever sent it is dead.</summary>
    public async Task AbandonWrite(Guid id)
    {
        var now = clock.GetUtcNow();
        if (_sending.ContainsKey(id) || State.Writes.FirstOrDefault(write => write.Id == id) is not { Unknown: false } open || open.Deadline > now) return;
        await CommitWithReminder(Lifecycle.WriteAbandoned(State, id, writes.Value.Policy, now));
    }

    private async Task<Reply<SettledView>> SettledByLook(AttentionSettlement settlement, Guid write)
    {
        if (!Lifecycle.LooksWritesUp(State)) return Words.RefusalOfRun(Lifecycle.RefusesRun(State, force: true, settlement.At)!, null);
        await CommitWithReminder(Lifecycle.WriteToBeLookedUp(State, settlement, write, writes.Value.Policy));
        KeepWrites();
        return new SettledView(null);
    }

    private async Task<Reply<SettledView>> SettledByPerson(AttentionSettlement settlement, Guid write, bool happened)
    {
        await CommitWithReminder(Lifecycle.WriteDecided(State, write, happened, settlement));
        await GoOnAfterWrite();
        return new SettledView(null);
    }

    /// <summary>The change is read where it shows, and what is still open is looked up.</summary>
    private async Task GoOnAfterWrite()
    {
        if (State.Run is null) await BeginNext(clock.GetUtcNow());
        KeepWrites();
    }

    /// <summary>Before the grain goes or is deleted: calls that are under way are heard to their end, and what they brought is stored.</summary>
    /// <returns>False: the patience has ended before one of them.</returns>
    private async Task<bool> FinishWrites(CancellationToken patience)
    {
        if (_sending.Count == 0) return true;
        var sent = Task.WhenAll(_sending.Values);
        await sent.WaitAsync(patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        var next = _writeAnswers.Aggregate(State, (state, answer) => Lifecycle.WriteAnswered(state, answer.Key, answer.Value, writes.Value.Policy, clock.GetUtcNow()));
        foreach (var ended in _writeAnswers.Keys) _sending.Remove(ended);
        _writeAnswers.Clear();
        if (!ReferenceEquals(next, State)) await Commit(next);   // the reminder stands at the deadline
        return sent.IsCompleted;
    }

    /// <summary>Ends with the answer in hand: whoever waits for it in a turn must not wait for a turn.</summary>
    private async Task SendInBackground(IWrites writer, OpenWrite write)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _writeAnswers[write.Id] = await Send(writer, write);
    }

    private async Task EndInBackground(Guid id, Task sent)
    {
        try
        {
            await sent;
            await this.AsReference<IIntegrationRuns>().EndWrite(id).WaitAsync(_stopping.Token);
        }
        catch (Exception interruption)
        {
            if (_stopping.IsCancellationRequested) return;   // its answer is stored by whoever ends the activation
            // Else it is not, and the write ends as one that was cut off: the next activation looks it up after its deadline.
            LogWriteInterrupted(interruption, Id, id);
            DeactivateOnIdle();
        }
    }

    /// <summary>Never throws: whatever happens is the answer.</summary>
    private async Task<ProviderResult<WriteReceipt>> Send(IWrites writer, OpenWrite write)
    {
        using var limit = new CancellationTokenSource(writes.Value.CallTimeout, TimeProvider.System);
        try
        {
            return await new Access(this, Lane.Person, vault, clock)
                .CallAsync((access, cancel) => writer.SendAsync(access, write.Order, write.Mark, new OrderedFiles(files, write.Order), cancel), limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return new ProviderError(ErrorClass.OutcomeUnknown, "timeout", "The call was sent and no answer came in time: it may have taken effect.");
        }
        catch (Exception bug)
        {
            LogWriteBroke(bug, Id, write.Id);
            return new ProviderError(ErrorClass.OutcomeUnknown, "write_broke", "The call met an error of ours: it may have taken effect.");
        }
    }

    /// <summary>Brings open writes to their end as long as this activation lives; the reminder wakes the next one.</summary>
    private void KeepWrites()
    {
        _lookAgain.TrySetResult();   // what it waits for may have come nearer
        if (_published.Writes.Count > 0 && _looking is null or { IsCompleted: true }) _looking = KeepWritesInBackground();
    }

    private async Task KeepWritesInBackground()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.ContinueOnCapturedContext);
        try
        {
            while (_published.Exists && Lifecycle.WritesToBring(_published).Where(write => !_sending.ContainsKey(write.Id)).MinBy(write => write.DueAt) is { } next)
            {
                if (Later(next.DueAt) > LongestWait) return;              // the reminder wakes us
                if (Later(next.DueAt) > TimeSpan.Zero) await WaitUntil(next.DueAt);
                else await Bring(next);
            }
        }
        catch (Exception failure)
        {
            if (!_stopping.IsCancellationRequested) LogLookStopped(failure, Id);   // the next tick tries again
        }
    }

    private async Task WaitUntil(DateTimeOffset due)
    {
        _lookAgain = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        await Task.WhenAny(Task.Delay(Later(due), clock, over.Token), _lookAgain.Task);
        _stopping.Token.ThrowIfCancellationRequested();
        await over.CancelAsync();
    }

    private async Task Bring(OpenWrite write)
    {
        var turns = this.AsReference<IIntegrationRuns>();
        if (!write.Unknown)
        {
            await turns.AbandonWrite(write.Id).WaitAsync(_stopping.Token);
            return;
        }
        _sightings[write.Id] = Writer() is { } writer
            ? await LookUp(writer, write)
            : new ProviderError(ErrorClass.Validation, "provider_not_configured", "This deployment cannot look at this provider.");
        await turns.EndLook(write.Id).WaitAsync(_stopping.Token);
    }

    private async Task<ProviderResult<WriteSighting>> LookUp(IWrites writer, OpenWrite write)
    {
        if (await SwitchedOff() is { } off) return new ProviderError(ErrorClass.ProviderUnavailable, off.Code, off.Message);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        limit.CancelAfter(writes.Value.CallTimeout);
        try
        {
            return await new Access(this, Lane.Person, vault, clock)
                .CallAsync((access, cancel) => writer.LookUpAsync(access, write.Order, write.Mark, cancel), limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !_stopping.IsCancellationRequested)
        {
            return new ProviderError(ErrorClass.Network, "timeout", "The provider did not answer in time.");
        }
    }

    private IWrites? Writer() => ProviderId.TryParse(_published.Provider, out var id) ? providers.Writer(id) : null;
}
