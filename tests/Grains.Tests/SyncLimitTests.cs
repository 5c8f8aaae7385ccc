using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Grains.Sync;
using Microsoft.Extensions.Options;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

public sealed class SyncLimitTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Backfills_that_fill_a_silo_leave_room_for_a_persons_run()
    {
        var limit = Of(16);
        var backfills = Enumerable.Range(0, 30).Select(_ => limit.EnterAsync(Lane.Backfill, Cancel)).ToList();
        var running = backfills.Count(b => b.IsCompleted);
        Assert.InRange(running, 10, 13);
        Assert.True(limit.EnterAsync(Lane.Person, Cancel).IsCompleted);
        Assert.True(limit.EnterAsync(Lane.Schedule, Cancel).IsCompleted);
        (await backfills[0]).Dispose();
        await backfills[running].WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        Assert.DoesNotContain(backfills.Skip(running + 1), b => b.IsCompleted);
    }

    [Fact]
    public async Task The_most_urgent_of_those_that_wait_comes_first_and_one_that_gives_up_takes_no_place()
    {
        var limit = Of(1);
        var first = await limit.EnterAsync(Lane.Schedule, Cancel);
        using var impatient = new CancellationTokenSource();
        var backfill = limit.EnterAsync(Lane.Backfill, Cancel);
        var gaveUp = limit.EnterAsync(Lane.Person, impatient.Token);
        var person = limit.EnterAsync(Lane.Person, Cancel);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gaveUp);
        first.Dispose();
        first.Dispose();   // twice counts once
        var second = await person.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        Assert.False(backfill.IsCompleted);
        second.Dispose();
        (await backfill.WaitAsync(TimeSpan.FromSeconds(30), Cancel)).Dispose();
    }

    private static SyncLimit Of(int runs) => new(Options.Create(new SyncOptions { MaxRunsPerSilo = runs }));
}
