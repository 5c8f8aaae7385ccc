namespace FinanceIntegrations.Grains.Budgets;

/// <summary>
/// PostgreSQL's clock as this process knows it: between which bounds. Each answer gives bounds, a quick one narrow ones; the narrowest stand until
/// the clocks may have drifted apart by more. So a lease is kept to the millisecond though an answer took long.
/// </summary>
internal sealed class ServerClock
{
    /// <summary>How fast two clocks drift apart at most, one being slewed (RFC 5905, 500 ppm).</summary>
    private const double Drift = 0.0005;

    private static readonly TimeSpan LongestLead = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan QuickAnswer = TimeSpan.FromMilliseconds(3);

    private readonly Lock _gate = new();
    private bool _known;
    private TimeSpan _least;
    private TimeSpan _most;
    private TimeSpan _at;
    private TimeSpan _lead;

    /// <summary>How far ahead a lease should begin so that it has not begun when its answer arrives. Zero where answers are quick.</summary>
    public TimeSpan Lead
    {
        get
        {
            lock (_gate) return _lead;
        }
    }

    /// <summary>The server said what time it was, at some moment between the two of ours.</summary>
    public void Saw(DateTimeOffset server, TimeSpan sent, TimeSpan received)
    {
        var time = server - DateTimeOffset.UnixEpoch;
        var (least, most) = (time - received, time - sent);
        lock (_gate)
        {
            var widened = (received - _at) * Drift;
            var (narrowedLeast, narrowedMost) = (Max(least, _least - widened), Min(most, _most + widened));
            // Bounds that cross: one of the clocks was set. What was seen last is true.
            (_least, _most) = _known && narrowedLeast <= narrowedMost ? (narrowedLeast, narrowedMost) : (least, most);
            (_known, _at) = (true, received);
            _lead = received - sent > QuickAnswer ? Min(received - sent, LongestLead) : TimeSpan.Zero;
        }
    }

    /// <summary>Our moment at which it is surely that late there.</summary>
    public TimeSpan NotBefore(DateTimeOffset server)
    {
        lock (_gate) return server - DateTimeOffset.UnixEpoch - _least;
    }

    /// <summary>Our moment at which it is surely not later there.</summary>
    public TimeSpan NotAfter(DateTimeOffset server)
    {
        lock (_gate) return server - DateTimeOffset.UnixEpoch - _most;
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
