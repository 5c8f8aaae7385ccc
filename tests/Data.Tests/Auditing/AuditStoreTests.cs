using FinanceIntegrations.Data.Auditing;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Auditing;
using Npgsql;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Auditing;

public sealed class AuditStoreTests(OwnDatabase own) : DatabaseTest(own)
{
    private AuditStore Log => new(Source);

    [Fact]
    public async Task What_a_grain_does_is_in_the_log_with_the_state_that_it_stored()
    {
        var id = await NewIntegrationAsync(owner: "bob");
        var entry = Assert.Single(await OfAsync(id));
        Assert.Equal(("bob", AuditActions.IntegrationCreated, "bob", "stripe", 1),
            (entry.Actor, entry.Action, entry.OwnerId, entry.Details["provider"], entry.Number));
        Assert.True((await Log.VerifyAsync(id, Cancel)).Intact);
    }

    [Fact]
    public async Task A_state_that_is_refused_leaves_no_entry()
    {
        var state = NewState();
        Assert.Equal(1, await Source.WriteStateAsync(state, null, Cancel));
        Assert.Null(await Source.WriteStateAsync(state, 7, Cancel));
        Assert.Single(await OfAsync(state.Id));
    }

    [Theory]
    [InlineData("update audit_log set actor = 'nobody' where chain = $1")]
    [InlineData("delete from audit_log where chain = $1")]
    [InlineData("delete from audit_chains where chain = $1")]
    public async Task The_log_is_only_ever_added_to(string change)
    {
        var id = await NewIntegrationAsync();
        var refused = await Assert.ThrowsAsync<PostgresException>(() => Source.ExecuteAsync(change, Cancel, id));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task The_log_is_not_emptied() =>
        await Assert.ThrowsAsync<PostgresException>(() => Source.ExecuteAsync("truncate audit_log", Cancel));

    [Theory]
    [InlineData("update audit_log set actor = 'nobody' where chain = $1 and number = 3", 3)]
    [InlineData("update audit_log set details = '{\"note\":\"other\"}' where chain = $1 and number = 1", 1)]
    [InlineData("update audit_log set at = at + interval '1 microsecond' where chain = $1 and number = 5", 5)]
    [InlineData("delete from audit_log where chain = $1 and number = 3", 4)]
    [InlineData("delete from audit_log where chain = $1 and number = 5", 5)]
    [InlineData("delete from audit_log where chain = $1", 5)]
    public async Task Whoever_gets_past_that_is_found_out(string change, long found)
    {
        var id = await FiveAsync();
        Assert.Equal((5, true), (await Log.VerifyAsync(id, Cancel)) is var before ? (before.Entries, before.Intact) : default);
        await Source.ExecuteAsync($"set session_replication_role = replica; {change.Replace("$1", $"'{id}'", StringComparison.Ordinal)}; reset session_replication_role", Cancel);
        Assert.Equal([new BrokenChain(id, found)], (await Log.VerifyAsync(id, Cancel)).Broken);
        Assert.Contains(new BrokenChain(id, found), (await Log.VerifyAsync(null, Cancel)).Broken);
    }

    [Fact]
    public async Task What_was_cleared_away_from_the_beginning_breaks_nothing()
    {
        var id = await FiveAsync();
        await Source.ExecuteAsync($"set session_replication_role = replica; delete from audit_log where chain = '{id}' and number < 3; reset session_replication_role", Cancel);
        Assert.Equal((3, true), await Log.VerifyAsync(id, Cancel) is var kept ? (kept.Entries, kept.Intact) : default);
    }

    [Fact]
    public async Task Many_at_once_form_one_chain()
    {
        var chain = NewId();
        await Parallel.ForEachAsync(Enumerable.Range(0, 50), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel },
            async (n, stop) => await Log.AppendAsync(chain, "alice", Entry(n), stop));
        Assert.Equal((50, true), await Log.VerifyAsync(chain, Cancel) is var seen ? (seen.Entries, seen.Intact) : default);
        Assert.Equal(Enumerable.Range(1, 50).Select(n => (long)n), (await OfAsync(chain)).Select(entry => entry.Number).Order());
    }

    [Fact]
    public async Task Entries_are_found_by_who_what_and_when()
    {
        var chain = await FiveAsync();
        await Log.AppendAsync(null, null, Entry(9) with { Actor = "root", Action = AuditActions.SyncAll }, Cancel);
        async Task<int> Count(AuditFilter filter, Period? period = null) =>
            (await Log.ListAsync(filter, period ?? Period.Between(null, null), Positions.NewestGuid, 100, Cancel)).Count;
        Assert.Equal(5, await Count(new(chain, null, null)));
        Assert.Equal(1, await Count(new(null, "root", AuditActions.SyncAll)));
        Assert.Equal(0, await Count(new(chain, "nobody", null)));
        Assert.Equal(2, await Count(new(chain, null, null), Period.Between(Begin.AddMinutes(1), Begin.AddMinutes(3))));
    }

    private async Task<Guid> FiveAsync()
    {
        var chain = NewId();
        for (var n = 0; n < 5; n++) await Log.AppendAsync(chain, "alice", Entry(n), Cancel);
        return chain;
    }

    private Task<IReadOnlyList<AuditRow>> OfAsync(Guid chain) => Log.ListAsync(new(chain, null, null), Period.Between(null, null), Positions.NewestGuid, 100, Cancel);

    private static AuditEntry Entry(int n) => new()
    {
        Id = NewId(),
        At = Begin.AddMinutes(n),
        Actor = "alice",
        Action = AuditActions.SecretRotated,
        Subject = $"endpoint {n}",
        Details = new Dictionary<string, string?> { ["note"] = "ü€", ["none"] = null },
    };
}
