using FinanceIntegrations.Domain.Budgets;
using Xunit;

namespace FinanceIntegrations.Domain.Tests.Budgets;

/// <summary>
/// A day of 10,000 tenants on virtual time: 60 calls a minute and 5,000 a day each, 10,000 a minute for the app. Silos take leases, some die with
/// them. The provider counts for itself what arrives, in whole seconds, over its last minute and day.
/// </summary>
public sealed class SimulatedDayTests
{
    private const int Tenants = 10_000;
    private const int Seconds = 86_400;
    private const int Silos = 3;

    private static readonly DateTimeOffset Begin = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly CallLimit Minute = new() { Calls = 60, Per = TimeSpan.FromMinutes(1) };
    private static readonly CallLimit Day = new() { Calls = 5_000, Per = TimeSpan.FromDays(1) };
    private static readonly CallLimit App = new() { Scope = BudgetScope.App, Calls = 10_000, Per = TimeSpan.FromMinutes(1) };

    [Fact]
    public void No_call_is_refused_a_person_waits_less_than_two_seconds_and_every_lane_gets_on()
    {
        var day = new SimulatedDay();
        day.Run();

        Assert.Equal(0, day.Provider.Refused);
        Assert.True(day.LongestWait[(int)Lane.Person] < 2, $"a person waited {day.LongestWait[(int)Lane.Person]} s");
        Assert.All(Enum.GetValues<Lane>(), lane => Assert.True(day.Made[(int)lane] > 0, $"{lane} made no call"));
        Assert.True(day.LostLeases > 100, "no silo died");
        // The budget was worth fighting for: in the morning the app's limit was the bound, and long histories took all of a day that they may.
        Assert.InRange(day.Provider.BusiestMinute, 7_000, App.Calls);
        Assert.InRange(day.Provider.BusiestDay, 3_200, Day.Calls);
        Assert.True(day.LongestWait[(int)Lane.Schedule] < 3_600, $"a scheduled sync waited {day.LongestWait[(int)Lane.Schedule]} s");
    }

    /// <summary>What the provider sees: a plain count of its own, which knows nothing of slots, lanes and leases.</summary>
    private sealed class SimulatedProvider
    {
        private readonly List<int> _underWay = [];
        private readonly Queue<int>[] _ofTenant = [.. Enumerable.Range(0, Tenants).Select(_ => new Queue<int>())];
        private readonly int[] _today = new int[Tenants];
        private readonly Queue<int> _ofApp = new();

        public int Refused { get; private set; }

        public int BusiestMinute { get; private set; }

        public int BusiestDay { get; private set; }

        /// <summary>A call that is a second on its way.</summary>
        public void ArrivesLate(int tenant) => _underWay.Add(tenant);

        public void Begins(int second)
        {
            foreach (var tenant in _underWay) Arrives(tenant, second);
            _underWay.Clear();
        }

        public void Arrives(int tenant, int second)
        {
            var recent = _ofTenant[tenant];
            while (recent.Count > 0 && recent.Peek() <= second - 60) recent.Dequeue();
            while (_ofApp.Count > 0 && _ofApp.Peek() <= second - 60) _ofApp.Dequeue();
            if (recent.Count >= 60 || _ofApp.Count >= 10_000 || _today[tenant] >= 5_000) Refused++;
            recent.Enqueue(second);
            _ofApp.Enqueue(second);
            BusiestMinute = Math.Max(BusiestMinute, _ofApp.Count);
            BusiestDay = Math.Max(BusiestDay, ++_today[tenant]);
        }
    }

    /// <summary>Work of one tenant in one lane: so many calls since so long.</summary>
    private sealed record Work(int Tenant, Lane Lane, int Calls, int Since);

    private sealed class SimulatedDay
    {
        private readonly Random _chance = new(20260101);
        private readonly CallBudget[] _tenants = [.. Enumerable.Repeat(new CallBudget([Minute, Day]), Tenants)];
        private readonly PriorityQueue<Work, int> _work = new();
        private readonly Dictionary<(int Silo, Lane Lane), (CallLease Lease, int Left)> _appLeases = [];
        private readonly DateTimeOffset[] _appRefuses = new DateTimeOffset[Lanes.Count];
        private CallBudget _app = new([App]);

        public SimulatedProvider Provider { get; } = new();

        public int[] LongestWait { get; } = new int[Lanes.Count];

        public long[] Made { get; } = new long[Lanes.Count];

        public int LostLeases { get; private set; }

        public void Run()
        {
            for (var tenant = 0; tenant < Tenants; tenant++)
            {
                for (var hour = 1; hour < 24; hour += 8) Enqueue(tenant, Lane.Schedule, 5, (hour * 3600) + _chance.Next(1800));
                if (tenant % 25 == 0) Enqueue(tenant, Lane.Backfill, 6_000, _chance.Next(3600));        // new connections with a long history
                if (tenant % 4 == 0) Enqueue(tenant, Lane.Webhook, 2, 32_400 + _chance.Next(600));
                if (tenant % 5 == 0) Enqueue(tenant, Lane.Person, 3, 32_400 + _chance.Next(900));
                if (tenant % 50 == 0) Enqueue(tenant, Lane.Person, 3, _chance.Next(Seconds));
            }
            for (var second = 0; second < Seconds; second++)
            {
                Provider.Begins(second);
                if (second % 600 == 599) Kill(_chance.Next(Silos));
                while (_work.TryPeek(out _, out var due) && due <= second) Do(_work.Dequeue(), second);
            }
        }

        private void Enqueue(int tenant, Lane lane, int calls, int second) => _work.Enqueue(new(tenant, lane, calls, second), second);

        private void Do(Work work, int second)
        {
            var now = Begin.AddSeconds(second);
            if (_appRefuses[(int)work.Lane] is var refused && refused > now)
            {
                Again(work, SecondOf(refused, second));   // a silo asks once for all that wait
                return;
            }
            var (tenant, lease) = _tenants[work.Tenant].Ask(work.Lane, Math.Min(work.Calls, 3), TimeSpan.FromSeconds(second - work.Since), now);
            if (lease.Calls == 0)
            {
                Again(work, SecondOf(lease.RefusedUntil!.Value, second));
                return;
            }
            var made = 0;
            DateTimeOffset? until = null;
            while (made < lease.Calls && (until = AppRefuses(work, now)) is null) made++;
            _tenants[work.Tenant] = made == lease.Calls ? tenant : tenant.Return(lease, work.Lane, lease.Calls - made);
            for (var call = 0; call < made; call++)
            {
                if (_chance.Next(2) == 0) Provider.Arrives(work.Tenant, second);
                else Provider.ArrivesLate(work.Tenant);
            }
            Made[(int)work.Lane] += made;
            if (made > 0) LongestWait[(int)work.Lane] = Math.Max(LongestWait[(int)work.Lane], second - work.Since);
            if (made < work.Calls)
                Again(made > 0 ? work with { Calls = work.Calls - made, Since = second } : work, until is { } at ? SecondOf(at, second) : second + 1);
        }

        private static int SecondOf(DateTimeOffset at, int second) => Math.Max(second + 1, (int)Math.Ceiling((at - Begin).TotalSeconds));

        private void Again(Work work, int second)
        {
            if (second < Seconds) _work.Enqueue(work, second);
        }

        /// <summary>Null: a call of what the tenant's silo holds of the app's budget, or takes now.</summary>
        private DateTimeOffset? AppRefuses(Work work, DateTimeOffset now)
        {
            var key = (work.Tenant % Silos, work.Lane);
            if (!_appLeases.TryGetValue(key, out var held) || held.Left == 0 || now >= held.Lease.Until)
            {
                _app = _app.Return(held.Lease, work.Lane, held.Left);
                _appLeases.Remove(key);
                var (next, lease) = _app.Ask(work.Lane, LeaseSize.Of([App], work.Calls, held.Lease.Calls, held.Lease.Calls - held.Left), default, now);
                if (lease.RefusedUntil is { } until) return _appRefuses[(int)work.Lane] = until;
                _app = next;
                held = (lease, lease.Calls);
            }
            _appLeases[key] = held with { Left = held.Left - 1 };
            return null;
        }

        /// <summary>What it held is gone: nobody gives it back.</summary>
        private void Kill(int silo)
        {
            foreach (var key in _appLeases.Keys.Where(k => k.Silo == silo).ToList()) _appLeases.Remove(key);
            LostLeases++;
        }
    }
}
