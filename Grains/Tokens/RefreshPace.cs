using System.Collections.Concurrent;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Tokens;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Grains.Tokens;

/// <summary>
/// The pace of each provider's token endpoint: this silo's even share of the provider's rate, in steady steps, the most urgent first.
/// Waiting costs time, never a refusal.
/// </summary>
internal sealed class RefreshPace(IOptions<TokenOptions> options, ISiloStatusOracle membership, TimeProvider clock) : IDisposable
{
    /// <summary>Of the provider's rate: its minute does not begin with ours.</summary>
    private const double Share = 0.95;

    private readonly ConcurrentDictionary<ProviderId, Lane> _lanes = new();

    /// <summary>Waits for a slot.</summary>
    /// <param name="provider">Whose endpoint.</param>
    /// <param name="rules">Its rate, unless configuration has another.</param>
    /// <param name="by">Until when the call should be made: who is earlier goes first.</param>
    /// <param name="cancel">Gives the place up.</param>
    public Task EnterAsync(ProviderId provider, TokenRules rules, DateTimeOffset by, CancellationToken cancel)
    {
        var perMinute = options.Value.CallsPerMinute.GetValueOrDefault(provider.Value, rules.CallsPerMinute);
        var silos = Math.Max(1, membership.GetApproximateSiloStatuses(onlyActive: true).Count);
        return _lanes.GetOrAdd(provider, static (_, clock) => new Lane(clock), clock)
            .EnterAsync(TimeSpan.FromMinutes(1) / (perMinute * Share) * silos, by, cancel);
    }

    /// <summary>The provider asked us to wait: nobody calls before.</summary>
    public void Pause(ProviderId provider, TimeSpan wait) =>
        _lanes.GetOrAdd(provider, static (_, clock) => new Lane(clock), clock).Pause(clock.GetUtcNow() + wait);

    public void Dispose()
    {
        foreach (var lane in _lanes.Values) lane.Dispose();
    }

    private sealed class Lane : IDisposable
    {
        /// <summary>A timer that comes late is made up for, so far and no further: no burst is longer than this much of the rate.</summary>
        private static readonly TimeSpan Catch = TimeSpan.FromSeconds(1);

        private readonly Lock _lock = new();
        private readonly PriorityQueue<TaskCompletionSource, (DateTimeOffset By, long Order)> _waiting = new();
        private readonly TimeProvider _clock;
        private readonly ITimer _timer;
        private DateTimeOffset _next;
        private TimeSpan _step;
        private long _order;

        public Lane(TimeProvider clock)
        {
            _clock = clock;
            _timer = clock.CreateTimer(static lane => ((Lane)lane!).Release(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public async Task EnterAsync(TimeSpan step, DateTimeOffset by, CancellationToken cancel)
        {
            TaskCompletionSource place;
            lock (_lock)
            {
                _step = step;
                var now = _clock.GetUtcNow();
                if (_waiting.Count == 0 && now >= _next)
                {
                    Take(now);
                    return;
                }
                place = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Enqueue(place, (by, _order++));
                Arm(now);
            }
            await using var left = cancel.Register(static place => ((TaskCompletionSource)place!).TrySetCanceled(), place);
            await place.Task;
        }

        public void Pause(DateTimeOffset until)
        {
            lock (_lock)
                if (until > _next) _next = until;
        }

        public void Dispose() => _timer.Dispose();

        private void Release()
        {
            lock (_lock)
            {
                var now = _clock.GetUtcNow();
                while (now >= _next && _waiting.TryDequeue(out var place, out _))
                    if (place.TrySetResult()) Take(now);   // who has left costs no slot
                if (_waiting.Count > 0) Arm(now);
            }
        }

        private void Take(DateTimeOffset now)
        {
            var floor = now - Catch;
            _next = (_next > floor ? _next : floor) + _step;
        }

        private void Arm(DateTimeOffset now) => _timer.Change(_next > now ? _next - now : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
