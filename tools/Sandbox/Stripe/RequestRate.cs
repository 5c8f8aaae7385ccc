namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>How many requests one account still has in this second (token bucket).</summary>
internal sealed class RequestRate
{
    private readonly Lock _lock = new();
    private double _left = double.MaxValue;
    private long _at;

    public bool Allows(int perSecond, TimeProvider clock)
    {
        if (perSecond <= 0) return true;
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            _left = Math.Min(perSecond, _left + (clock.GetElapsedTime(_at, now).TotalSeconds * perSecond));
            _at = now;
            if (_left < 1) return false;
            _left--;
            return true;
        }
    }
}
