using Orleans.Storage;
using Xunit;

namespace FinanceIntegrations.Data.Tests.OrleansStatements;

/// <summary>Grain storage by Orleans' own provider over our statements.</summary>
public sealed class StorageTests(OwnDatabase own) : DatabaseTest(own)
{
    private readonly OwnDatabase _own = own;

    [Fact]
    public async Task What_was_written_is_read_back_with_its_version()
    {
        await using var orleans = await OrleansProviders.StartAsync(_own);
        var id = NewGrain();
        var written = New("first");
        await orleans.Storage.WriteStateAsync("note", id, written);
        Assert.Equal(("1", true), (written.ETag, written.RecordExists));

        var read = await ReadAsync(orleans.Storage, id);
        Assert.Equal(("first", "1", true), (TextOf(read), read.ETag, read.RecordExists));
    }

    [Fact]
    public async Task A_record_that_is_not_there_reads_as_new()
    {
        await using var orleans = await OrleansProviders.StartAsync(_own);
        var read = await ReadAsync(orleans.Storage, NewGrain());
        Assert.Equal(("", (string?)null, false), (TextOf(read), read.ETag, read.RecordExists));
    }

    [Fact]
    public async Task Each_write_raises_the_version_by_one()
    {
        await using var orleans = await OrleansProviders.StartAsync(_own);
        var id = NewGrain();
        var state = New("0");
        for (var n = 1; n <= 10; n++)
        {
            state.State = new() { Text = $"{n}" };
            await orleans.Storage.WriteStateAsync("note", id, state);
            Assert.Equal($"{n}", state.ETag);
        }
        Assert.Equal("10", TextOf(await ReadAsync(orleans.Storage, id)));
    }

    [Fact]
    public async Task A_writer_whose_version_is_old_is_refused_and_changes_nothing()
    {
        await using var orleans = await OrleansProviders.StartAsync(_own);
        var id = NewGrain();
        var mine = New("mine");
        await orleans.Storage.WriteStateAsync("note", id, mine);
        var theirs = await ReadAsync(orleans.Storage, id);
        theirs.State = new() { Text = "theirs" };
        await orleans.Storage.WriteStateAsync("note", id, theirs);

        mine.State = new() { Text = "late" };
        await Assert.ThrowsAsync<InconsistentStateException>(() => orleans.Storage.WriteStateAsync("note", id, mine));
        await Assert.ThrowsAsync<InconsistentStateException>(() => orleans.Storage.ClearStateAsync("note", id, mine));
        var read = await ReadAsync(orleans.Storage, id);
        Assert.Equal(("theirs", "2"), (TextOf(read), read.ETag));
    }

    [Fact]
    public async Task Of_many_first_writers_at_once_one_wins()
    {
        await using var orleans = await OrleansProviders.StartAsync(_own);
        for (var round = 0; round < 5; round++)
        {
            var id = NewGrain();
            var winners = await WinnersAsync(n => orleans.Storage.WriteStateAsync("note", id, New($"{n}")));
            Assert.Equal($"{Assert.Single(winners)}", TextOf(await ReadAsync(orleans.Storage, id)));
            Assert.Equal(1, await RowsAsync(id));
        }
    }

    [Fact]
    public async Task Of_many_writers_with_one_version_one_wins()
    {
        await using var orleans = await OrleansProviders.StartAsync(_own);
        var id = NewGrain();
        await orleans.Storage.WriteStateAsync("note", id, New("begin"));
        for (var version = 1; version <= 5; version++)
        {
            var at = $"{version}";
            var winners = await WinnersAsync(n => orleans.Storage.WriteStateAsync("note", id, New($"{n}", at)));
            var read = await ReadAsync(orleans.Storage, id);
            Assert.Equal(($"{Assert.Single(winners)}", $"{version + 1}"), (TextOf(read), read.ETag));
        }
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_cleared_state_is_gone_and_can_be_written_again(bool deleteOnClear)
    {
        await using var orleans = await OrleansProviders.StartAsync(_own, deleteOnClear: deleteOnClear);
        var id = NewGrain();
        var state = New("first");
        await orleans.Storage.WriteStateAsync("note", id, state);
        var stale = await ReadAsync(orleans.Storage, id);

        await orleans.Storage.ClearStateAsync("note", id, state);
        Assert.False(state.RecordExists);
        Assert.Equal(deleteOnClear ? 0 : 1, await RowsAsync(id));
        await Assert.ThrowsAsync<InconsistentStateException>(() => orleans.Storage.WriteStateAsync("note", id, stale));

        var read = await ReadAsync(orleans.Storage, id);
        Assert.Equal(("", false), (TextOf(read), read.RecordExists));
        read.State = new() { Text = "second" };
        await orleans.Storage.WriteStateAsync("note", id, read);
        Assert.Equal("second", TextOf(await ReadAsync(orleans.Storage, id)));
        Assert.Equal(1, await RowsAsync(id));
    }

    [Fact]
    public async Task Grains_differ_by_key_kind_of_key_state_name_and_service()
    {
        await using var orleans = await OrleansProviders.StartAsync(_own);
        await using var other = await OrleansProviders.StartAsync(_own, service: "another");
        var text = $"key-{NewId():N}";
        var ids = new[]
        {
            NewGrain(), NewGrain(), GrainId.Create("note", text), GrainId.Create("note", text + "x"),
            GrainId.Create(GrainType.Create("note"), GrainIdKeyExtensions.CreateIntegerKey(7)),
        };
        foreach (var id in ids)
        {
            await orleans.Storage.WriteStateAsync("note", id, New($"{id}"));
            await orleans.Storage.WriteStateAsync("memo", id, New($"memo of {id}"));
            await other.Storage.WriteStateAsync("note", id, New($"other's {id}"));
        }
        foreach (var id in ids)
        {
            Assert.Equal($"{id}", TextOf(await ReadAsync(orleans.Storage, id)));
            Assert.Equal($"memo of {id}", TextOf(await ReadAsync(orleans.Storage, id, "memo")));
            Assert.Equal($"other's {id}", TextOf(await ReadAsync(other.Storage, id)));
        }
    }

    [Fact]
    public async Task Updates_of_a_state_touch_no_index()
    {
        var columns = await Source.ListAsync<string>("""
            select a.attname::text from pg_index x join pg_attribute a on a.attrelid = x.indrelid and a.attnum = any (x.indkey)
            where x.indrelid = 'orleans_state'::regclass
            """, Cancel);
        Assert.Contains("id_n0", columns);
        Assert.Empty(columns.Intersect(["payload", "version", "modified_at"]));
    }

    private static GrainId NewGrain() => GrainId.Create(GrainType.Create("note"), GrainIdKeyExtensions.CreateGuidKey(NewId()));

    private static GrainState<Note> New(string text, string? etag = null) => new(new Note { Text = text }, etag);

    private static async Task<GrainState<Note>> ReadAsync(IGrainStorage storage, GrainId id, string name = "note")
    {
        var read = new GrainState<Note>(new Note());
        await storage.ReadStateAsync(name, id, read);
        return read;
    }

    private static string TextOf(GrainState<Note> state) => state.State?.Text ?? "no state";

    private static async Task<List<int>> WinnersAsync(Func<int, Task> write)
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async n =>
        {
            try
            {
                await write(n);
                return n;
            }
            catch (InconsistentStateException)
            {
                return -1;
            }
        }));
        return [.. outcomes.Where(n => n >= 0)];
    }

    private Task<long> RowsAsync(GrainId id)
    {
        var key = id.GetGuidKey().ToByteArray();
        return Source.ScalarAsync<long>("select count(*) from orleans_state where id_n0 = $1 and service_id = 'finance'", Cancel,
            BitConverter.ToInt64(key, 0));
    }

    private sealed record Note
    {
        public string Text { get; init; } = "";
    }
}
