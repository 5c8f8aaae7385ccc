using FinanceIntegrations.Data.Budgets;
using FinanceIntegrations.Data.Endpoints;
using FinanceIntegrations.Silo;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Data.Tests;

public sealed class HousekeepingTests(OwnDatabase own) : DatabaseTest(own)
{
    /// <summary>Npgsql throws more than its own exceptions (see <see cref="DatabaseFaults"/>); one that escapes a background service ends its process.</summary>
    [Fact]
    public async Task A_day_whose_housekeeping_fails_at_whatever_is_followed_by_the_next()
    {
        var gone = PostgresRegistration.CreateDataSource(ConnectionString);
        await gone.DisposeAsync();   // ObjectDisposedException: none of Npgsql's
        var log = new Warnings();
        using var housekeeping = new Housekeeping(new(gone), new IdempotencyKeys(gone), new CallBudgetStore(gone), Clock, log);
        await housekeeping.StartAsync(Cancel);
        for (var day = 1; day <= 3; day++)
        {
            await Eventually.HoldsAsync($"day {day}'s is tried", () => Task.FromResult(log.Count == day), cancel: Cancel);
            Clock.Advance(TimeSpan.FromDays(1));
        }
        Assert.False(housekeeping.ExecuteTask!.IsCompleted);
        await housekeeping.StopAsync(Cancel);
    }

    private sealed class Warnings : ILogger<Housekeeping>
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Warning) Interlocked.Increment(ref _count);
        }
    }
}
