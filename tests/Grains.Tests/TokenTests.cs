using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Grains.Abstractions;
using FinanceIntegrations.Grains.Tests.Cluster;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

public sealed class TokenTests(GrainCluster cluster) : GrainTest(cluster)
{
    [Fact]
    public async Task A_401_in_the_middle_of_a_sync_causes_one_refresh_and_the_sync_goes_on()
    {
        var connection = await ConnectedAsync();
        connection.Script.Rows = 10;
        var refused = 0;
        connection.Script.OnPage = (request, _) =>
        {
            if (request.Cursor == "4" && Interlocked.Exchange(ref refused, 1) == 0) connection.Script.RefuseTokens();
            return Task.FromResult<ProviderError?>(null);
        };
        await Clock.AdvanceAsync(TimeSpan.FromMinutes(1));

        var run = await SyncedAsync(connection);

        Assert.Equal(("succeeded", 10, 10, 5), (run.Status, run.Seen, run.Written, run.Pages));
        Assert.Single(connection.Script.Refreshes);
        Assert.Equal([null, "2", "4", "4", "6", "8"], connection.Script.Cursors.Select(cursor => cursor == "0" ? null : cursor));
        Assert.Equal("active", (await connection.StatusAsync()).Status);
    }

    [Fact]
    public async Task A_token_that_is_refused_after_its_refresh_too_expires_the_integration()
    {
        var connection = await ConnectedAsync();
        connection.Script.AnswerPagesWith(Script.Unauthorized);
        await Clock.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("failed", (await SyncedAsync(connection)).Status);

        Assert.Equal((1, 2), (connection.Script.Refreshes.Count, connection.Script.Pages.Count));
        var status = await connection.StatusAsync();
        Assert.Equal(("expired", "token_invalid"), (status.Status, status.StatusReason));
        Assert.Equal("authorization_expired", (await connection.RefusedSyncAsync()).Code);
        Assert.Equal(2, connection.Script.Pages.Count);   // nothing is called
    }

    [Fact]
    public async Task A_token_endpoint_that_is_away_in_the_middle_of_a_sync_does_not_end_the_consent()
    {
        var connection = await ConnectedAsync();
        connection.Script.Rows = 4;
        connection.Script.RefuseTokens();
        connection.Script.OnRefresh = () => Task.FromResult<ProviderResult<TokenGrant>>(Script.TimedOut);
        await Clock.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("failed", (await SyncedAsync(connection)).Status);
        var status = await connection.StatusAsync();
        Assert.Equal(("error", "timeout"), (status.Status, status.LastProblem?.Code));

        connection.Script.OnRefresh = null;
        await Clock.AdvanceAsync(TimeSpan.FromMinutes(1));
        var run = await SyncedAsync(connection);
        Assert.Equal(("succeeded", 4), (run.Status, run.Seen));
        Assert.Equal("active", (await connection.StatusAsync()).Status);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(1_000)]
    public async Task Callers_that_need_a_refresh_at_once_cause_one_call(int callers)
    {
        var connection = await ConnectedAsync();
        await Clock.AdvanceAsync(TimeSpan.FromMinutes(1));
        var before = connection.Script.RefreshToken;

        var replies = await Task.WhenAll(
            Enumerable.Range(0, callers).Select(_ => connection.Grain.RefreshTokens(onlyIfDue: false, CancellationToken.None)));

        Assert.Equal([before], connection.Script.Refreshes);
        Assert.Single(replies, reply => Connection.Value(reply).Refreshed);
        Assert.Single(replies.Select(reply => reply.Value!.ExpiresAt).Distinct());
    }

    [Fact]
    public async Task A_token_near_its_end_is_refreshed_before_a_sync_and_a_fresh_one_is_left_alone()
    {
        var connection = await ConnectedAsync(prepare: script => script.TokenLifetime = TimeSpan.FromHours(1));
        var due = await RefreshAtAsync(connection);
        Assert.InRange(due, Clock.Now.AddMinutes(39), Clock.Now.AddMinutes(54));   // the last tenth of its hour, and up to a quarter before
        await Clock.AdvanceToAsync(due.AddSeconds(-20));
        Assert.False(Connection.Value(await connection.Grain.RefreshTokens(onlyIfDue: true, Cancel)).Refreshed);
        await SyncedAsync(connection);
        Assert.Empty(connection.Script.Refreshes);

        await Clock.AdvanceToAsync(due);
        await SyncedAsync(connection);
        Assert.Single(connection.Script.Refreshes);
        Assert.Equal(connection.Script.AccessToken, connection.Script.Pages.Last().Access.AccessToken);   // only then used
    }

    [Fact]
    public async Task An_answer_without_a_refresh_token_keeps_the_old_one()
    {
        var connection = await ConnectedAsync();
        var kept = connection.Script.RefreshToken;
        connection.Script.OnRefresh = () =>
        {
            connection.Script.RefuseTokens();
            return Task.FromResult<ProviderResult<TokenGrant>>(connection.Script.Grant(refresh: false));
        };
        await RefreshedAsync();
        await Silos.DeactivateAsync(connection.Grain);
        await RefreshedAsync();
        Assert.Equal([kept, kept], connection.Script.Refreshes);
        Assert.Equal("succeeded", (await SyncedAsync(connection)).Status);

        async Task RefreshedAsync()
        {
            await Clock.AdvanceAsync(TimeSpan.FromMinutes(1));
            Assert.True(Connection.Value(await connection.Grain.RefreshTokens(onlyIfDue: false, Cancel)).Refreshed);
        }
    }

    [Fact]
    public async Task A_refresh_token_that_rotates_is_used_once()
    {
        var connection = await ConnectedAsync();
        for (var turn = 0; turn < 3; turn++)
        {
            await Clock.AdvanceAsync(TimeSpan.FromMinutes(1));
            Assert.True(Connection.Value(await connection.Grain.RefreshTokens(onlyIfDue: false, Cancel)).Refreshed);
            await Silos.DeactivateAsync(connection.Grain);
        }
        Assert.Equal(3, connection.Script.Refreshes.Distinct().Count());
    }

    [Fact]
    public async Task A_grant_that_is_gone_expires_the_integration_and_is_asked_for_once()
    {
        var connection = await ConnectedAsync();
        connection.Script.OnRefresh = () => Task.FromResult<ProviderResult<TokenGrant>>(Script.InvalidGrant);
        await Clock.AdvanceAsync(TimeSpan.FromMinutes(1));

        var replies = await RefusedAsync(connection);

        Assert.All(replies, reply => Assert.Contains(reply.Code, new[] { "provider_error", "authorization_expired" }));
        var status = await connection.StatusAsync();
        Assert.Equal(("expired", "invalid_grant", (DateTimeOffset?)null), (status.Status, status.StatusReason, status.NextSyncAt));
        Assert.Equal("authorization_expired", (await connection.RefusedSyncAsync()).Code);
        Assert.Single(connection.Script.Refreshes);
        Assert.Empty(connection.Script.Pages);
    }

    [Fact]
    public async Task A_refresh_that_timed_out_keeps_the_tokens_and_answers_all_who_waited()
    {
        var connection = await ConnectedAsync();
        var token = connection.Script.RefreshToken;
        connection.Script.OnRefresh = () => Task.FromResult<ProviderResult<TokenGrant>>(Script.TimedOut);
        await Clock.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.All(await RefusedAsync(connection), reply => Assert.Equal("outcome_unknown", reply.ErrorClass));

        Assert.Equal([token], connection.Script.Refreshes);
        var status = await connection.StatusAsync();
        Assert.Equal(("error", "valid"), (status.Status, status.Token.State));
        connection.Script.OnRefresh = null;
        await Clock.GoesByUntilAsync("it is tried again by itself", connection.StatusAsync, seen => seen.Status == "active", Cancel);
        Assert.Equal([token, token], connection.Script.Refreshes);
    }

    [Fact]
    public async Task Authorizing_again_brings_an_expired_integration_back()
    {
        var connection = await ConnectedAsync();
        connection.Script.OnRefresh = () => Task.FromResult<ProviderResult<TokenGrant>>(Script.InvalidGrant);
        await Clock.AdvanceAsync(TimeSpan.FromMinutes(1));
        Connection.Refused(await connection.Grain.RefreshTokens(onlyIfDue: false, Cancel));
        connection.Script.OnRefresh = null;

        await connection.AuthorizeAsync();
        await IdleAsync(connection);
        Assert.Equal("active", (await connection.StatusAsync()).Status);
        connection.Script.RefuseTokens();
        Assert.Equal("succeeded", (await SyncedAsync(connection)).Status);   // refreshed within the same moment
    }

    private async Task<DateTimeOffset> RefreshAtAsync(Connection connection) =>
        await ScalarAsync<DateTime>("select token_refresh_at from integrations where id = $1", connection.Id);

    private static async Task<IReadOnlyList<Refusal>> RefusedAsync(Connection connection)
    {
        var replies = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(_ => connection.Grain.RefreshTokens(onlyIfDue: false, CancellationToken.None)));
        return [.. replies.Select(Connection.Refused)];
    }
}
