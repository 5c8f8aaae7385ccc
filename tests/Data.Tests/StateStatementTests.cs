using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Data.Webhooks;
using FinanceIntegrations.Domain.Attention;
using FinanceIntegrations.Domain.Integrations;
using Npgsql;
using Xunit;

namespace FinanceIntegrations.Data.Tests;

/// <summary>A grain's state, its row in <c>integrations</c> and its outbox are one statement.</summary>
public sealed class StateStatementTests(OwnDatabase own) : DatabaseTest(own)
{
    public static TheoryData<string> Misfits => ["log level", "second run", "config", "frequency", "NUL", "run's status"];

    [Fact]
    public async Task The_first_write_makes_state_row_and_log_together()
    {
        var state = NewState();
        Assert.Equal(1, await Source.WriteStateAsync(state, null, Cancel));
        Assert.Equal(await WholeAsync(state.Id), (1, "Shop", 1, state.Outbox.Logs.Count));
    }

    [Fact]
    public async Task The_row_says_what_the_state_says()
    {
        var state = Lifecycle.Connected(
            NewState() with { Outbox = new(), Config = """{"a": 1}""", HealthScore = 0.98765, OAuthProvider = "stripe" },
            new() { AccessToken = "sealed", ExpiresAt = Begin.AddHours(1), ObtainedAt = Begin }, "acct_1", Begin.AddMinutes(5));
        await Source.WriteStateAsync(state, null, Cancel);

        var row = await new IntegrationReader(Source).FindAsync(state.Id, "alice", Cancel);
        Assert.NotNull(row);
        Assert.Equal(
            (state.Owner, state.Name, "payment_processor", "stripe", "stripe", """{"a": 1}""", "{}", 60, "active", "connected"),
            (row.Owner, row.Name, row.Type, row.Provider, row.OAuthProvider, row.Config, row.Metadata, row.SyncFrequencyMinutes,
                row.Status, row.StatusReason));
        Assert.Equal(
            (true, "acct_1", 0.988, null, null, state.NextSyncAt, Begin.AddHours(1), Begin, Begin.AddMinutes(5)),
            (row.IsActive, row.ExternalAccountId, row.HealthScore, row.LastSyncAt, row.LastSuccessAt, row.NextSyncAt, row.TokenExpiresAt,
                row.CreatedAt, row.UpdatedAt));
        Assert.DoesNotContain("sealed", await Source.ScalarAsync<string>("select i::text from integrations i where id = $1", Cancel,
            state.Id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_is_old_changes_neither_state_nor_row_nor_tables()
    {
        var state = NewState();
        await Source.WriteStateAsync(state, null, Cancel);
        Assert.Equal(2, await Source.WriteStateAsync(state with { Name = "Second", Outbox = new() }, 1, Cancel));
        var before = await WholeAsync(state.Id);

        var late = state with { Name = "Late", Outbox = new() { Logs = [Line()], RunStarted = Run() } };
        Assert.Null(await Source.WriteStateAsync(late, 1, Cancel));
        Assert.Null(await Source.WriteStateAsync(late, null, Cancel));

        Assert.Equal(before, await WholeAsync(state.Id));
        Assert.Equal(0, await RunsAsync(state.Id));
    }

    [Theory, MemberData(nameof(Misfits))]
    public async Task A_consequence_that_does_not_fit_undoes_state_and_row_and_the_consequences_before_it(string misfit)
    {
        var state = NewState();
        await Source.WriteStateAsync(state with { Outbox = new() { RunStarted = Run() } }, null, Cancel);
        var before = await WholeAsync(state.Id);

        var next = state with { Name = "Next", Outbox = new() { Logs = [Line()] } };
        next = misfit switch
        {
            "log level" => next with { Outbox = new() { Logs = [Line(), Line() with { Level = "shout" }] } },
            "second run" => next with { Outbox = next.Outbox with { RunStarted = Run() } },
            "config" => next with { Config = "not json" },
            "frequency" => next with { SyncFrequencyMinutes = 0 },
            "NUL" => next with { Outbox = new() { Logs = [Line() with { Message = "a\0b" }] } },
            _ => next with { Outbox = next.Outbox with { RunEnded = new() { Id = await OpenRunAsync(state.Id), Status = "great" } } },
        };
        var refused = await Assert.ThrowsAsync<PostgresException>(() => Source.WriteStateAsync(next, 1, Cancel));

        Assert.True(DatabaseFaults.IsAboutTheData(refused), refused.SqlState);
        Assert.Equal(before, await WholeAsync(state.Id));
        Assert.Equal(1, await RunsAsync(state.Id));
        Assert.Equal(2, await Source.WriteStateAsync(state with { Outbox = new() }, 1, Cancel));   // and it can go on
    }

    [Fact]
    public async Task A_run_opens_with_the_state_and_ends_with_it_once()
    {
        var state = NewState();
        var run = Run();
        await Source.WriteStateAsync(state with { Outbox = new() { RunStarted = run } }, null, Cancel);
        var reader = new RunReader(Source);
        var open = await reader.FindAsync(state.Id, run.Id, Cancel);
        Assert.Equal(("running", "schedule", true, null), (open?.Status, open?.Trigger, open?.Full, open?.Success));

        var end = new RunEnd
        {
            Id = run.Id,
            Status = "succeeded",
            SyncedRecords = 7,
            Message = "Done.",
            EndedAt = Begin.AddMinutes(1),
            Streams = [new() { Stream = "payouts", Seen = 9 }]
        };
        await Source.WriteStateAsync(state with { Outbox = new() { RunEnded = end } }, 1, Cancel);
        var again = end with { Status = "failed", EndedAt = Begin.AddHours(1) };
        await Source.WriteStateAsync(state with { Outbox = new() { RunEnded = again } }, 2, Cancel);

        var ended = await reader.FindAsync(state.Id, run.Id, Cancel);
        Assert.Equal(("succeeded", 7, "Done.", Begin.AddMinutes(1)), (ended?.Status, ended?.SyncedRecords, ended?.Message, ended?.EndedAt));
        Assert.Equal(("payouts", 9), (ended!.Streams.Single().Stream, ended.Streams.Single().Seen));
        Assert.True(await reader.HasEndedAsync(run.Id, Cancel));
    }

    [Fact]
    public async Task Deliveries_are_done_with_the_state_and_only_the_integrations_own()
    {
        var (mine, theirs) = (NewState("acct_done"), NewState("acct_done"));
        foreach (var state in new[] { mine, theirs }) await Source.WriteStateAsync(state, null, Cancel);
        var app = await new EndpointLookup(Source, Clock).OfAppAsync("stripe", Cancel);
        await new InboxStore(Source).StoreAsync([new(app!.Id, "stripe", "evt_done", "t", "acct_done", null, "{}"u8.ToArray(), true)],
            Begin, Cancel);
        var id = await Source.ScalarAsync<long>("select id from webhook_events where provider_event_id = 'evt_done'", Cancel);

        await Source.WriteStateAsync(mine with { Outbox = new() { DeliveriesDone = [id] } }, 1, Cancel);
        Assert.Equal(["done", "pending"], (await StatusesAsync(id, mine.Id)).Concat(await StatusesAsync(id, theirs.Id)));
        Assert.False(await ProcessedAsync(id));

        await Source.WriteStateAsync(mine with { Outbox = new() { DeliveriesDone = [id] } }, 2, Cancel);   // marked twice
        Assert.False(await ProcessedAsync(id));
        await Source.WriteStateAsync(theirs with { Outbox = new() { DeliveriesDone = [id] } }, 1, Cancel);
        Assert.True(await ProcessedAsync(id));
    }

    [Fact]
    public async Task A_state_that_was_deleted_begins_again_and_its_row_follows()
    {
        var state = NewState();
        await Source.WriteStateAsync(state, null, Cancel);
        await Source.WriteStateAsync(state with { Outbox = new() }, 1, Cancel);
        Assert.Equal(1, await Source.ExecuteAsync("delete from orleans_state where id_n0 = $1", Cancel, N0(state.Id)));

        Assert.Equal(1, await Source.WriteStateAsync(state with { Name = "Again", Outbox = new() }, null, Cancel));
        Assert.Equal((1, "Again", 1, state.Outbox.Logs.Count), await WholeAsync(state.Id));
    }

    [Fact]
    public async Task Of_many_writers_at_once_one_leaves_its_state_its_row_and_its_line()
    {
        var state = NewState() with { Outbox = new() };
        await Source.WriteStateAsync(state, null, Cancel);
        for (var version = 1; version <= 5; version++)
        {
            var at = version;
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(n =>
                Source.WriteStateAsync(state with { Name = $"{n}", Outbox = new() { Logs = [Line()] } }, at, Cancel)));
            var winner = Array.FindIndex(outcomes, o => o is not null);
            Assert.Single(outcomes, version + 1);
            Assert.Equal((version + 1, $"{winner}", version + 1, version), await WholeAsync(state.Id));
        }
    }

    [Fact]
    public async Task An_item_for_a_person_is_open_once_is_brought_up_to_date_and_is_settled_with_the_state()
    {
        var state = NewState() with { Outbox = new() };
        await Source.WriteStateAsync(state with { Outbox = new() { AttentionRaised = [Item("First."), Item("Other.") with { Key = "other" }] } }, null, Cancel);
        await Source.WriteStateAsync(state with { Outbox = new() { AttentionRaised = [Item("Second.")] } }, 1, Cancel);
        Assert.Equal(["consent_needed 2 Second. open", "other 1 Other. open"], await AttentionAsync(state.Id));

        var settled = new AttentionSettlement { Key = "consent_needed", Choice = "authorize", By = "alice", Note = "Done.", At = Begin };
        await Source.WriteStateAsync(state with { Outbox = new() { AttentionSettled = [settled] } }, 2, Cancel);
        await Source.WriteStateAsync(state with { Outbox = new() { AttentionSettled = [settled with { By = "bob" }] } }, 3, Cancel);
        await Source.WriteStateAsync(state with { Outbox = new() { AttentionRaised = [Item("Third.")] } }, 4, Cancel);
        Assert.Equal(["consent_needed 1 Third. open", "consent_needed 2 Second. alice", "other 1 Other. open"], await AttentionAsync(state.Id));
    }

    private static AttentionItem Item(string what) => new()
    {
        Id = NewId(),
        Key = "consent_needed",
        Kind = AttentionKinds.ConsentNeeded,
        WhatHappened = what,
        AtStake = "No new data.",
        Choices = [new("authorize", "Authorize again.")],
        RaisedAt = Begin,
    };

    private Task<List<string>> AttentionAsync(Guid id) => Source.ListAsync<string>("""
        select key || ' ' || times || ' ' || what_happened || ' ' || coalesce(resolved_by, 'open') as line
        from attention_items where integration_id = $1 and owner_id = 'alice' order by line
        """, Cancel, id);

    private static long N0(Guid id) => BitConverter.ToInt64(id.ToByteArray(), 0);

    private static LogLine Line() => new(NewId(), Begin, "info", "tested", "A line.");

    private static RunInProgress Run() => new() { Id = NewId(), Trigger = "schedule", Full = true, StartedAt = Begin };

    /// <summary>The state's version, the row's name and version, and the number of log lines: read in one statement.</summary>
    private async Task<(int Version, string Name, int RowVersion, long Lines)> WholeAsync(Guid id)
    {
        await using var command = Source.CreateCommand("""
            select s.version, i.name, i.state_version, (select count(*) from integration_logs l where l.integration_id = i.id)
            from integrations i join orleans_state s on s.id_n0 = $2 and convert_from(s.payload, 'UTF8')::jsonb ->> 'name' = i.name
            where i.id = $1
            """);
        command.Parameters.AddWithValue(id);
        command.Parameters.AddWithValue(N0(id));
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        Assert.True(await reader.ReadAsync(Cancel), "state and row differ");
        return (reader.GetInt32(0), reader.GetString(1), reader.GetInt32(2), reader.GetInt64(3));
    }

    private Task<Guid> OpenRunAsync(Guid id) =>
        Source.ScalarAsync<Guid>("select id from sync_runs where integration_id = $1 and ended_at is null", Cancel, id);

    private Task<long> RunsAsync(Guid id) =>
        Source.ScalarAsync<long>("select count(*) from sync_runs where integration_id = $1", Cancel, id);

    private Task<bool> ProcessedAsync(long id) =>
        Source.ScalarAsync<bool>("select processed from webhook_events where id = $1", Cancel, id);

    private Task<List<string>> StatusesAsync(long id, Guid integration) =>
        Source.ListAsync<string>("select status from webhook_deliveries where event_id = $1 and integration_id = $2", Cancel, id,
            integration);
}
