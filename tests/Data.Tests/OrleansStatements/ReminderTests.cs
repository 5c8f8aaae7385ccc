using FinanceIntegrations.Silo;
using Xunit;

namespace FinanceIntegrations.Data.Tests.OrleansStatements;

/// <summary>Reminders by Orleans' own provider over our statements. Each test is a service of its own.</summary>
public sealed class ReminderTests(OwnDatabase own) : DatabaseTest(own)
{
    private readonly OwnDatabase _own = own;
    private readonly string _service = $"{NewId():N}";

    /// <summary>The range read goes by the database's clock, so that here the system's is the one that counts.</summary>
    private static DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;

    [Fact]
    public async Task A_reminder_is_read_back_and_a_second_write_replaces_it()
    {
        await using var orleans = await StartAsync();
        var entry = Entry(NewGrain(), "sync", Begin.UtcDateTime);
        var first = await orleans.Reminders.UpsertRow(entry, Cancel);
        entry.Period = TimeSpan.FromHours(2);
        entry.StartAt = Begin.UtcDateTime.AddDays(1);
        var second = await orleans.Reminders.UpsertRow(entry, Cancel);

        Assert.NotEqual(first, second);
        var read = await orleans.Reminders.ReadRow(entry.GrainId, "sync", Cancel);
        Assert.NotNull(read);
        Assert.Equal((entry.GrainId, "sync", entry.StartAt, entry.Period, second),
            (read.GrainId, read.ReminderName, read.StartAt, read.Period, read.ETag));
        Assert.Single((await orleans.Reminders.ReadRows(entry.GrainId, Cancel)).Reminders);
    }

    [Fact]
    public async Task A_grains_reminders_are_its_own()
    {
        await using var orleans = await StartAsync();
        var (mine, theirs) = (NewGrain(), NewGrain());
        foreach (var entry in new[] { Entry(mine, "a", Now), Entry(mine, "b", Now), Entry(theirs, "a", Now) })
            await orleans.Reminders.UpsertRow(entry, Cancel);

        Assert.Equal(["a", "b"], (await orleans.Reminders.ReadRows(mine, Cancel)).Reminders.Select(r => r.ReminderName).Order());
        Assert.Null(await orleans.Reminders.ReadRow(theirs, "b", Cancel));
    }

    [Fact]
    public async Task Only_the_version_that_was_read_can_be_removed()
    {
        await using var orleans = await StartAsync();
        var entry = Entry(NewGrain(), "sync", Now);
        var old = (await orleans.Reminders.UpsertRow(entry, Cancel))!;
        var current = (await orleans.Reminders.UpsertRow(entry, Cancel))!;

        Assert.False(await orleans.Reminders.RemoveRow(entry.GrainId, "sync", old, Cancel));
        Assert.NotNull(await orleans.Reminders.ReadRow(entry.GrainId, "sync", Cancel));
        Assert.True(await orleans.Reminders.RemoveRow(entry.GrainId, "sync", current, Cancel));
        Assert.False(await orleans.Reminders.RemoveRow(entry.GrainId, "sync", current, Cancel));
        Assert.Null(await orleans.Reminders.ReadRow(entry.GrainId, "sync", Cancel));
    }

    [Fact]
    public async Task However_the_ring_is_cut_each_reminder_is_in_exactly_one_range()
    {
        await using var orleans = await StartAsync();
        var grains = Enumerable.Range(0, 200).Select(_ => NewGrain()).ToList();
        foreach (var grain in grains) await orleans.Reminders.UpsertRow(Entry(grain, "sync", Now.AddMinutes(5)), Cancel);
        var hashes = grains.Select(g => g.GetUniformHashCode()).Order().ToList();

        // Cuts beside the signed and unsigned ends, and on reminders' own hashes: the range is (begin, end].
        foreach (var cuts in new uint[][] { [0], [hashes[77]], [0, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF],
            [hashes[10], hashes[100], hashes[190]] })
        {
            var seen = new List<GrainId>();
            for (var i = 0; i < cuts.Length; i++)
            {
                var (begin, end) = (cuts[i], cuts[(i + 1) % cuts.Length]);
                var range = (await orleans.Reminders.ReadRows(begin, end, Cancel)).Reminders.Select(r => r.GrainId).ToList();
                Assert.All(range, grain =>
                    Assert.True(InRange(grain.GetUniformHashCode(), begin, end), $"{grain} is not in ({begin}, {end}]"));
                seen.AddRange(range);
            }
            Assert.Equal(grains.Order(), seen.Order());
        }
    }

    [Fact]
    public async Task A_range_holds_what_is_due_soon_and_leaves_what_is_not()
    {
        await using var orleans = await StartAsync();
        var (soon, edge, later) = (NewGrain(), NewGrain(), NewGrain());
        var at = Now.AddMinutes(3);
        await orleans.Reminders.UpsertRow(Entry(soon, "sync", at), Cancel);
        // What a silo holds in memory until it reads again, and slack.
        await orleans.Reminders.UpsertRow(Entry(edge, "sync", Now + SiloSetup.ReminderWindow + SiloSetup.ReminderRefresh + TimeSpan.FromMinutes(1)), Cancel);
        await orleans.Reminders.UpsertRow(Entry(later, "sync", Now.AddMinutes(40)), Cancel);

        var seen = (await orleans.Reminders.ReadRows(0, 0, Cancel)).Reminders;
        Assert.Equal(new[] { soon, edge }.Order(), seen.Select(r => r.GrainId).Order());
        Assert.Equal(at, seen.Single(r => r.GrainId == soon).StartAt, TimeSpan.FromMilliseconds(1));
        Assert.NotNull(await orleans.Reminders.ReadRow(later, "sync", Cancel));
    }

    [Fact]
    public async Task A_tick_that_fell_due_while_no_silo_ran_comes_in_a_few_seconds_and_not_all_at_once()
    {
        await using var orleans = await StartAsync();
        var grains = Enumerable.Range(0, 50).Select(_ => NewGrain()).ToList();
        foreach (var grain in grains) await orleans.Reminders.UpsertRow(Entry(grain, "sync", Now.AddHours(-7)), Cancel);

        var before = Now;
        var seen = (await orleans.Reminders.ReadRows(0, 0, Cancel)).Reminders;
        Assert.Equal(50, seen.Count);
        Assert.All(seen, r => Assert.InRange(r.StartAt, before, Now.AddSeconds(6)));
        Assert.True(seen.Select(r => r.StartAt).Distinct().Count() > 25);
        // What is stored stays: only the answer says when.
        Assert.InRange((await orleans.Reminders.ReadRow(grains[0], "sync", Cancel))!.StartAt, before.AddHours(-8), before.AddHours(-6));
    }

    [Fact]
    public async Task Services_do_not_see_each_others_reminders()
    {
        await using var orleans = await StartAsync();
        await using var other = await OrleansProviders.StartAsync(_own, service: _service + "-other");
        await other.Reminders.StartAsync(Cancel);
        var grain = NewGrain();
        await orleans.Reminders.UpsertRow(Entry(grain, "sync", Now), Cancel);
        await other.Reminders.UpsertRow(Entry(grain, "sync", Now), Cancel);

        await orleans.Reminders.TestOnlyClearTable(Cancel);
        Assert.Empty((await orleans.Reminders.ReadRows(0, 0, Cancel)).Reminders);
        Assert.Single((await other.Reminders.ReadRows(0, 0, Cancel)).Reminders);
    }

    private static bool InRange(uint hash, uint begin, uint end) => begin < end ? hash > begin && hash <= end : hash > begin || hash <= end;

    private static GrainId NewGrain() => GrainId.Create(GrainType.Create("integration"), GrainIdKeyExtensions.CreateGuidKey(NewId()));

    private static ReminderEntry Entry(GrainId grain, string name, DateTime at) =>
        new() { GrainId = grain, ReminderName = name, StartAt = at, Period = TimeSpan.FromHours(1), ETag = "" };

    private async Task<OrleansProviders> StartAsync()
    {
        var orleans = await OrleansProviders.StartAsync(_own, service: _service);
        await orleans.Reminders.StartAsync(Cancel);
        return orleans;
    }
}
