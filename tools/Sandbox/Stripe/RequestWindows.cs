namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>A limit beside the one per second. Section <c>Sandbox:Stripe:Limits</c>.</summary>
internal sealed class RequestLimit
{
    /// <summary>True: of all accounts together. Default: of each.</summary>
    public bool App { get; set; }

    public int Requests { get; set; }

    public TimeSpan Per { get; set; }
}

/// <summary>The requests of the last so long, one by one: nothing is rounded in the caller's favour, nor in ours.</summary>
internal sealed class RequestWindow
{
    private readonly Lock _lock = new();
    private readonly Queue<long> _taken = new();

    public bool Allows(RequestLimit limit, TimeProvider clock)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            while (_taken.TryPeek(out var oldest) && clock.GetElapsedTime(oldest, now) >= limit.Per) _taken.Dequeue();
            if (_taken.Count >= limit.Requests) return false;
            _taken.Enqueue(now);
            return true;
        }
    }
}

/// <summary>The windows of one account, or of the app: one per limit.</summary>
internal sealed class RequestWindows
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<RequestLimit, RequestWindow> _windows = new();

    public bool Allow(IEnumerable<RequestLimit> limits, TimeProvider clock) =>
        limits.All(limit => _windows.GetOrAdd(limit, static _ => new()).Allows(limit, clock));
}
