namespace FinanceIntegrations.Grains.Budgets;

/// <summary>A call that waits for its turn.</summary>
internal sealed class Waiter : IDisposable
{
    private readonly TaskCompletionSource<TimeSpan?> _turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _cancelled;

    public Waiter(TimeSpan since, TimeSpan deadline, CancellationToken cancel)
    {
        (Since, Deadline) = (since, deadline);
        _cancelled = cancel.UnsafeRegister(static (turn, token) => ((TaskCompletionSource<TimeSpan?>)turn!).TrySetCanceled(token), _turn);
    }

    public TimeSpan Since { get; }

    public TimeSpan Deadline { get; }

    public Task<TimeSpan?> Task => _turn.Task;

    /// <summary>Its caller gave up.</summary>
    public bool IsOver => _turn.Task.IsCompleted;

    /// <returns>False: its caller gave up at this very moment.</returns>
    public bool Grant() => End(_turn.TrySetResult(null));

    public void Refuse(TimeSpan wait) => End(_turn.TrySetResult(wait));

    public void Fail(Exception failure) => End(_turn.TrySetException(failure));

    public void Dispose() => _cancelled.Dispose();

    private bool End(bool first)
    {
        Dispose();
        return first;
    }
}
