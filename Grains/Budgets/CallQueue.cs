using FinanceIntegrations.Data.Budgets;
using FinanceIntegrations.Domain.Budgets;

namespace FinanceIntegrations.Grains.Budgets;

/// <summary>
/// One budget's calls of one lane in this process: what it still holds of a lease, and who waits, in order. A call of what it holds costs a lock and
/// no I/O. When it holds nothing, one task asks PostgreSQL for all that wait.
/// </summary>
/// <remarks>On the machine's monotonic clock. A lease's times are PostgreSQL's: it begins here surely not earlier than there, and ends surely not later.</remarks>
internal sealed class CallQueue(
    BudgetKey key, Lane lane, BudgetLayout layout, CallBudgetStore store, ServerClock server, string holder, TimeProvider clock)
{
    /// <summary>A refusal is believed for so long: meanwhile others may have given calls back.</summary>
    private readonly TimeSpan _patience = lane == Lane.Person ? TimeSpan.FromMilliseconds(500) : CallLimit.LongestLease;

    /// <summary>Shorter waits are not worth a timer.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new();
    private readonly Queue<Waiter> _waiters = new();
    private readonly bool _counts = layout.Limits.Any(l => !l.IsPaced);
    private Held _held;
    private TimeSpan _refusedUntil;
    private TimeSpan _askAgain;
    private bool _working;
    private TaskCompletionSource? _wake;

    /// <summary>What was left for all lanes together when this process last asked; nobody knows more.</summary>
    public int Left { get; private set; } = int.MaxValue;

    private TimeSpan Now => clock.GetElapsedTime(0);

    /// <summary>Nothing waits and nothing is held: it can be made anew when it is wanted again.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate) return !_working && _waiters.Count == 0 && _held.Until < Now && _refusedUntil < Now;
        }
    }

    /// <summary>Takes a call of what is held.</summary>
    public bool TryTake()
    {
        lock (_gate) return _waiters.Count == 0 && _held.TryTake(Now);
    }

    /// <summary>A call that was taken just now and is not going to be made.</summary>
    public void PutBack()
    {
        lock (_gate)
        {
            _held.PutBack();
            _wake?.TrySetResult();
        }
    }

    /// <summary>Takes a call, or waits for its turn.</summary>
    /// <returns>Null: it is taken. Else none comes within that wait; it is of no use to ask again before so long.</returns>
    public ValueTask<TimeSpan?> TakeAsync(TimeSpan longestWait, CancellationToken cancel)
    {
        lock (_gate)
        {
            var now = Now;
            if (_waiters.Count == 0 && _held.TryTake(now)) return default;
            if (_askAgain > now && _refusedUntil > now + longestWait) return new(_refusedUntil - now);
            var waiter = new Waiter(now, now + longestWait, cancel);
            _waiters.Enqueue(waiter);
            _wake?.TrySetResult();
            if (!_working) StartWorking();
            return new(waiter.Task);
        }
    }

    /// <summary>The provider asked to wait: nothing that is held may be called.</summary>
    public void Block(TimeSpan wait)
    {
        lock (_gate)
        {
            _held.Until = TimeSpan.Zero;
            Refuse(Now + wait);
            _wake?.TrySetResult();
        }
    }

    private void StartWorking()
    {
        _working = true;
        using (ExecutionContext.SuppressFlow())   // it works for whoever waits, not for the grain and the span that came first
            _ = Task.Run(WorkAsync);
    }

    private async Task WorkAsync()
    {
        try
        {
            while (Next() is { } step)
            {
                if (step.Pause is { } pause) await PauseAsync(pause);
                else await AskAsync(step.Want, step.Waiting, step.Waited);
            }
        }
        catch (Exception failure)
        {
            Fail(failure);   // the database is away, or a bug: whoever waits must know
        }
    }

    /// <summary>Hands out what can be handed out now. Then: pause, ask, or, null, there is nothing left to do.</summary>
    private Step? Next()
    {
        lock (_gate)
        {
            var now = Now;
            while (_waiters.TryPeek(out var first))
            {
                if (first.IsOver) _waiters.Dequeue().Dispose();
                else if (_held.TryTake(now))
                {
                    if (!_waiters.Dequeue().Grant()) _held.PutBack();
                }
                else if (first.Deadline <= now || (_askAgain > now && _refusedUntil > first.Deadline))
                    _waiters.Dequeue().Refuse(_refusedUntil > now ? _refusedUntil - now : now - first.Since);
                else break;
            }
            if (_waiters.TryPeek(out var waiting))
            {
                if (_held.NextAt(now) is { } next) return Pause(Min(next, waiting.Deadline) - now);
                if (_askAgain > now) return Pause(Min(_askAgain, waiting.Deadline) - now);
                return new(null, LeaseSize.Of(layout.Limits, _waiters.Count, _held.Size, _held.Made), _waiters.Count, now - waiting.Since);
            }
            if (_counts && _held.Left > 0) return _held.Until > now ? Pause(_held.Until - now) : new(null, 0, 0, TimeSpan.Zero);
            _working = false;
            return null;
        }
    }

    private async Task AskAsync(int want, int waiting, TimeSpan waited)
    {
        Held before;
        lock (_gate)
        {
            before = _held;
            _held = new() { Size = before.Size, Made = before.Made };   // nobody takes of it any more
        }
        var sent = Now;
        var reply = await store.LeaseAsync(
            new()
            {
                Budget = key,
                Lane = lane,
                Want = want,
                Waited = waited,
                Lead = server.Lead,
                Holder = $"{holder}:{(int)lane}",
                Waiting = waiting,
                Last = before.Lease,
                Unused = before.Left,
            }, layout, CancellationToken.None);
        var lease = reply.Lease;
        server.Saw(reply.AskedAt, sent, Now);
        lock (_gate)
        {
            if (lease.RefusedUntil is { } until)
            {
                Refuse(Max(server.NotBefore(until), Now + Tick));
                return;
            }
            if (lease.Calls == 0) return;
            Left = lease.Left;
            (_refusedUntil, _askAgain) = (TimeSpan.Zero, TimeSpan.Zero);
            _held = Held.Of(lease, server.NotBefore(lease.From), server.NotAfter(lease.Until));
        }
    }

    private void Refuse(TimeSpan until)
    {
        _refusedUntil = Max(_refusedUntil, until);
        _askAgain = Min(_refusedUntil, Now + _patience);
    }

    private async Task PauseAsync(TimeSpan pause)
    {
        TaskCompletionSource wake;
        lock (_gate) wake = _wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var over = new CancellationTokenSource();
        await Task.WhenAny(Task.Delay(Max(pause, Tick), clock, over.Token), wake.Task);
        await over.CancelAsync();
        lock (_gate) _wake = null;
    }

    private void Fail(Exception failure)
    {
        lock (_gate)
        {
            while (_waiters.TryDequeue(out var waiter)) waiter.Fail(failure);
            _held = default;
            _working = false;
        }
    }

    private static Step Pause(TimeSpan pause) => new(pause, 0, 0, TimeSpan.Zero);

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private readonly record struct Step(TimeSpan? Pause, int Want, int Waiting, TimeSpan Waited);
}
