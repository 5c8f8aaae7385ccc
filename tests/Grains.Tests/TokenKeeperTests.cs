using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Grains.Tests.Cluster;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

/// <summary>What the keeper does though nobody asks it.</summary>
public sealed class TokenKeeperTests(GrainCluster cluster) : GrainTest(cluster)
{
    [Fact]
    public async Task Tokens_are_refreshed_ahead_of_their_end_though_no_sync_is_due_and_the_grain_sleeps()
    {
        var connection = await ConnectedAsync(prepare: script => script.TokenLifetime = TimeSpan.FromHours(1));
        for (var turn = 1; turn <= 3; turn++)
        {
            var (due, ends) = await DueAsync(connection);
            await Silos.DeactivateAsync(connection.Grain);
            await Clock.AdvanceToAsync(due.AddSeconds(-30));
            Assert.Equal(turn - 1, connection.Script.Refreshes.Count);
            await Clock.GoesByUntilAsync("it is refreshed", () => Task.FromResult(connection.Script.Refreshes.Count), seen => seen == turn, Cancel);
            Assert.True(Clock.Now < ends, $"{Clock.Now} is past {ends}");
            await Eventually.HoldsAsync("the new tokens are stored", () => DueAsync(connection), seen => seen.Ends > ends, cancel: Cancel);
        }
        Assert.Equal(1, await RunsAsync(connection));   // no sync but the first
    }

    [Fact]
    public async Task An_activation_that_ends_in_the_middle_of_a_refresh_hears_the_answer_out()
    {
        var (connection, gate, refresh) = await HeldRefreshAsync();
        var ending = Silos.DeactivateAsync(connection.Grain);
        gate.Open();
        await ending;
        await Eventually.HoldsAsync("the tokens are stored", connection.StatusAsync, status => status.Token.ObtainedAt == Clock.Now, cancel: Cancel);
        Assert.Equal("succeeded", (await SyncedAsync(connection)).Status);
        Assert.Single(connection.Script.Refreshes);
        await Task.WhenAny(refresh);
    }

    [Fact]
    public async Task A_deletion_in_the_middle_of_a_refresh_withdraws_what_the_provider_gave_last()
    {
        var (connection, gate, refresh) = await HeldRefreshAsync();
        var deletion = connection.Grain.Delete(purge: false, Cancel);
        gate.Open();
        Assert.True(Connection.Value(await deletion).Revoked);
        Assert.Equal(connection.Script.RefreshToken, Assert.Single(connection.Script.Revocations).RefreshToken);
        await Task.WhenAny(refresh);
    }

    [Fact]
    public async Task Tokens_whose_storing_turn_was_dropped_are_stored_by_another()
    {
        var connection = await ConnectedAsync();
        await Clock.AdvanceAsync(TimeSpan.FromMinutes(1));
        Cluster.Turns.Lose(connection.Grain, "EndRefresh", new TimeoutException("It waited for 30 s behind others."));
        Assert.True(Connection.Value(await connection.Grain.RefreshTokens(onlyIfDue: false, Cancel)).Refreshed);
        await NewTokensAreStoredAsync(connection);
    }

    [Fact]
    public async Task Tokens_that_could_not_be_stored_are_stored_before_the_next_refresh_sends_any()
    {
        var connection = await ConnectedAsync();
        await Clock.AdvanceAsync(TimeSpan.FromMinutes(1));
        Cluster.Turns.Lose(connection.Grain, "EndRefresh", new InvalidOperationException("It could not be delivered."));
        await Assert.ThrowsAsync<InvalidOperationException>(() => connection.Grain.RefreshTokens(onlyIfDue: false, Cancel));
        Assert.NotEqual(Clock.Now, (await connection.StatusAsync()).Token.ObtainedAt);
        await Clock.AdvanceAsync(TimeSpan.FromMinutes(1));   // past the intent's deadline
        Connection.Value(await connection.Grain.RefreshTokens(onlyIfDue: true, Cancel));
        await NewTokensAreStoredAsync(connection);
    }

    [Fact]
    public async Task A_consent_that_is_over_is_an_item_until_it_is_given_again()
    {
        var connection = await ConnectedAsync();
        connection.Script.OnRefresh = () => Task.FromResult<ProviderResult<TokenGrant>>(Script.InvalidGrant);
        await Clock.AdvanceAsync(TimeSpan.FromMinutes(1));
        Connection.Refused(await connection.Grain.RefreshTokens(onlyIfDue: false, Cancel));
        Assert.Equal(["consent_needed:open"], await ItemsAsync(connection));

        connection.Script.OnRefresh = null;
        await connection.AuthorizeAsync();
        await IdleAsync(connection);
        Assert.Equal(["consent_needed:authorize by owner"], await ItemsAsync(connection));
    }

    [Fact]
    public async Task The_coming_end_of_a_consent_is_told_once_per_threshold()
    {
        var connection = await ConnectedAsync(prepare: script => (script.TokenLifetime, script.ConsentLifetime) = (null, TimeSpan.FromDays(60)));
        foreach (var (days, told) in new[] { (30, 1), (7, 2), (1, 3) })
        {
            DateTimeOffset ends = await ScalarAsync<DateTime>("select consent_ends_at from integrations where id = $1", connection.Id);
            await Clock.AdvanceToAsync(ends.AddDays(-days).AddMinutes(-1));
            Assert.Equal(told - 1, await TimesAsync(connection));
            await Clock.GoesByUntilAsync($"{days} days are told", () => TimesAsync(connection), times => times == told, Cancel);
        }
        Assert.Equal(["consent_ends_soon:open"], await ItemsAsync(connection));
        Assert.Equal(3, await ScalarAsync<long>(
            "select count(*) from integration_logs where integration_id = $1 and event = 'consent_ends_soon'", connection.Id));
    }

    /// <summary>And the burned one was not sent again.</summary>
    private async Task NewTokensAreStoredAsync(Connection connection)
    {
        Assert.Single(connection.Script.Refreshes);
        await Silos.DeactivateAsync(connection.Grain);
        Assert.Equal("succeeded", (await SyncedAsync(connection)).Status);   // the old are refused
        Assert.Single(connection.Script.Refreshes);
    }

    private async Task<(Connection Connection, Gate Gate, Task Refresh)> HeldRefreshAsync()
    {
        var connection = await ConnectedAsync();
        var gate = new Gate();
        connection.Script.OnRefresh = async () =>
        {
            await gate.PassAsync();
            connection.Script.RefuseTokens();
            return connection.Script.Grant();
        };
        await Clock.AdvanceAsync(TimeSpan.FromMinutes(1));
        var refresh = connection.Grain.RefreshTokens(onlyIfDue: false, CancellationToken.None);
        await Eventually.HoldsAsync("the provider is asked", () => Task.FromResult(gate.Arrivals == 1), cancel: Cancel);
        return (connection, gate, refresh);
    }

    private async Task<(DateTimeOffset At, DateTimeOffset Ends)> DueAsync(Connection connection) => (
        await ScalarAsync<DateTime>("select token_refresh_at from integrations where id = $1", connection.Id),
        await ScalarAsync<DateTime>("select token_expires_at from integrations where id = $1", connection.Id));

    private async Task<int> TimesAsync(Connection connection) =>
        await ScalarAsync<int>("select times from attention_items where integration_id = $1", connection.Id);

    private Task<IReadOnlyList<string>> ItemsAsync(Connection connection) => ColumnAsync<string>("""
        select kind || ':' || coalesce(choice || ' by ' || resolved_by, 'open') from attention_items where integration_id = $1 order by raised_at
        """, connection.Id);
}
