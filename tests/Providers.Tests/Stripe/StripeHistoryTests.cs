using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Stripe;

/// <summary>A window first, and what lies behind it afterwards: together every row, and none twice.</summary>
public sealed class StripeHistoryTests : IDisposable
{
    private const long Day = 24 * 60 * 60;

    private readonly StripeBench _bench = new();

    private DateTimeOffset Border => _bench.Clock.GetUtcNow().AddDays(-90);

    [Theory]
    [InlineData("transactions", "/v1/balance_transactions")]
    [InlineData("charges", "/v1/charges")]
    [InlineData("refunds", "/v1/refunds")]
    [InlineData("payouts", "/v1/payouts")]
    [InlineData("disputes", "/v1/disputes")]
    public async Task Window_and_history_meet_at_one_second_and_leave_none_out(string stream, string path)
    {
        var border = Border.ToUnixTimeSeconds().ToString();
        _bench.Provider.AnswerWith(() => _bench.List(false));
        await Fetch(stream, from: Border);
        Assert.Equal((path, border, null), (_bench.Provider.Last.Path, _bench.Provider.Last["created[gte]"], _bench.Provider.Last["created[lt]"]));
        await History(stream, null, false);
        Assert.Equal((path, null, border), (_bench.Provider.Last.Path, _bench.Provider.Last["created[gte]"], _bench.Provider.Last["created[lt]"]));
    }

    [Theory]
    [InlineData("transactions")]
    [InlineData("payouts")]
    public async Task After_a_window_without_a_row_a_delta_goes_on_from_it_and_not_from_the_beginning(string stream)
    {
        _bench.Provider.AnswerWith(() => _bench.List(false));
        var rest = await Fetch(stream, from: Border);
        await Fetch(stream, rest.Cursor);
        Assert.NotNull(_bench.Provider.Last["created[gte]"]);
    }

    [Fact]
    public async Task Each_page_of_history_goes_on_behind_the_last_and_tells_how_far_it_is()
    {
        var border = Border.ToUnixTimeSeconds();
        var first = await History("transactions", null, true, StripeBench.Transaction("txn_2", border - (30 * Day)));
        Assert.Equal(0.3, first.Progress!.Value, 0.001);   // the account was made 100 days before the window
        Assert.False(first.EndOfPass);
        var last = await History("transactions", first.Cursor, false, StripeBench.Transaction("txn_1", border - (90 * Day)));
        Assert.Equal(("txn_2", border.ToString()), (_bench.Provider.Last["starting_after"], _bench.Provider.Last["created[lt]"]));
        Assert.Equal(0.9, last.Progress!.Value, 0.001);
        Assert.True(last.EndOfPass);
        Assert.Equal(1, _bench.Provider.Sent.Count(call => call.Path == "/v1/account"));   // asked once, kept in the cursor
    }

    [Fact]
    public async Task An_account_that_is_younger_than_its_own_rows_measures_nothing()
    {
        var border = Border.ToUnixTimeSeconds();
        var page = await History("payouts", null, true, border - Day, StripeBench.Payout("po_1", "paid", border - (30 * Day)));
        Assert.Null(page.Progress);
        Assert.Null((await History("payouts", null, true, border + Day, StripeBench.Payout("po_1", "paid", border - (30 * Day)))).Progress);
    }

    [Fact]
    public async Task History_ends_at_its_depth()
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json("""{"id":"acct_1","object":"account","created":1}"""), () => _bench.List(false));
        await Fetch("payouts", from: Border.AddDays(-365), until: Border);
        Assert.Equal(Border.AddDays(-365).ToUnixTimeSeconds().ToString(), _bench.Provider.Last["created[gte]"]);
    }

    [Fact]
    public void Lists_have_a_window_and_snapshots_have_none()
    {
        var streams = _bench.Registry.Find(ProviderId.Stripe)!.Info.Streams;
        Assert.Equal(["accounts", "balances"], streams.Where(s => s.Policy.Window is null).Select(s => s.Id));
        Assert.All(streams.Where(s => s.Policy.Window is not null), s => Assert.Equal(TimeSpan.FromDays(90), s.Policy.Window));
    }

    public void Dispose() => _bench.Dispose();

    private Task<SyncPage> History(string stream, string? cursor, bool more, params string[] rows) =>
        History(stream, cursor, more, Border.ToUnixTimeSeconds() - (100 * Day), rows);

    private Task<SyncPage> History(string stream, string? cursor, bool more, long accountCreated, params string[] rows)
    {
        Func<HttpResponseMessage> list = () => _bench.List(more, rows);
        if (cursor is null) _bench.Provider.AnswerWith(() => ScriptedProvider.Json($$"""{"id":"acct_1","object":"account","created":{{accountCreated}}}"""), list);
        else _bench.Provider.AnswerWith(list);
        return Fetch(stream, cursor, until: Border);
    }

    private async Task<SyncPage> Fetch(string stream, string? cursor = null, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        var result = await _bench.FetchAsync(stream, cursor, from: from, until: until);
        Assert.True(result.Ok, result.Error?.ToString());
        Assert.InRange(result.Value.Cursor.Length, 2, 2048);
        return result.Value;
    }
}
