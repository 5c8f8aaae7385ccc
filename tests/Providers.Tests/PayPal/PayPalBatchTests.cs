using System.Net;
using System.Text;
using CsCheck;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers.PayPal;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.PayPal;

/// <summary>Payouts to others: what a batch and its item come to, and how the known ones are read.</summary>
public sealed class PayPalBatchTests : IDisposable
{
    private static readonly DateTimeOffset AsOf = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly PayPalBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("PENDING", "in_transit", null)]
    [InlineData("ONHOLD", "in_transit", null)]
    [InlineData("UNCLAIMED", "in_transit", null)]
    [InlineData("SUCCESS", "paid", null)]
    [InlineData("FAILED", "failed", "RECEIVER_UNREGISTERED")]
    [InlineData("RETURNED", "failed", "RECEIVER_UNREGISTERED")]
    [InlineData("BLOCKED", "failed", "BLOCKED")]
    [InlineData("REFUNDED", "failed", "REFUNDED")]
    [InlineData("REVERSED", "failed", "REVERSED")]
    [InlineData("TELEPORTED", "teleported", null)]
    public void A_payout_is_what_its_item_is_and_one_that_did_not_arrive_says_why(string item, string status, string? code)
    {
        var payout = Payout(PayPalBench.Batch("5UXD2E8A7EBQJ", "SUCCESS", item));
        Assert.Equal((status, code), (payout.Status, payout.FailureCode));
        Assert.Equal(("5UXD2E8A7EBQJ", 30.00m, "GBP", "jane@example.com", "Thank you"), (payout.ExternalId, payout.Amount, payout.Currency, payout.DestinationId, payout.Description));
        Assert.Equal(("2GU46822C170", false, AsOf), (payout.TransactionId, payout.Automatic, payout.AsOf));
        Assert.Equal(new DateTimeOffset(2026, 10, 20, 10, 0, 0, TimeSpan.Zero), payout.OccurredAt);
    }

    [Fact]
    public void Money_that_came_back_because_we_called_it_back_is_no_failure_and_of_any_other_payout_it_is()
    {
        var returned = PayPalBench.Batch("B1", "SUCCESS", "RETURNED");
        Assert.Equal(("canceled", null), (Payout(returned, calledBack: true).Status, Payout(returned, calledBack: true).FailureCode));
        Assert.Equal("paid", Payout(PayPalBench.Batch("B1", "SUCCESS", "SUCCESS"), calledBack: true).Status);   // it was claimed before
        Assert.Equal("failed", Payout(PayPalBench.Batch("B1", "SUCCESS", "BLOCKED"), calledBack: true).Status);
    }

    [Theory]
    [InlineData("in_transit", "PENDING", "FAILED")]
    [InlineData("in_transit", "UNCLAIMED", "SUCCESS")]
    [InlineData("failed", "SUCCESS", "RETURNED")]
    [InlineData("paid", "SUCCESS", "SUCCESS")]
    public void Of_several_items_none_may_be_missing_before_the_batch_is_paid(string status, params string[] items)
    {
        var payout = Payout(PayPalBench.Batch("B1", "SUCCESS", items));
        Assert.Equal((status, 60.00m, null, null), (payout.Status, payout.Amount, payout.DestinationId, payout.TransactionId));
    }

    [Fact]
    public void A_batch_that_PayPal_has_only_just_taken_waits_and_one_that_it_denies_has_failed()
    {
        Assert.Equal(default, PayPalMapping.Batch(Bytes(PayPalBench.Batch("B1", "PENDING")), AsOf, calledBack: false));
        var denied = PayPalBench.Batch("B1", "DENIED").Replace("\"sender_batch_header\"", "\"amount\":{\"currency\":\"GBP\",\"value\":\"7\"},\"sender_batch_header\"", StringComparison.Ordinal);
        Assert.Equal(("failed", "DENIED", 7.00m), (Payout(denied).Status, Payout(denied).FailureCode, Payout(denied).Amount));
        var canceled = denied.Replace("DENIED", "CANCELED", StringComparison.Ordinal);
        Assert.Equal("canceled", Payout(canceled).Status);
    }

    [Theory]
    [InlineData("\"GBP\"", "\"ZZZ\"", "unknown_currency")]
    [InlineData("\"30.00\"", "\"30.001\"", "bad_amount")]
    [InlineData("2026-10-20T10:00:00Z", "yesterday", "bad_time")]
    [InlineData("\"total_items\":1", "\"total_items\":2", "batch_too_large")]
    public void What_does_not_fit_is_parked_under_its_batch(string part, string odd, string code)
    {
        var raw = Bytes(PayPalBench.Batch("B1", "SUCCESS", "SUCCESS").Replace(part, odd, StringComparison.Ordinal));
        var rejected = PayPalMapping.Batch(raw, AsOf, calledBack: false).Rejected!;
        Assert.Equal((code, "B1"), (rejected.Code, rejected.ExternalId));
        Assert.Equal(code, ((IMapsRows)_bench.Connector).MapAgain(new(PayPalStreams.PayoutBatches, PayPalBench.Merchant, raw, AsOf)).Rejected?.Code);
    }

    [Fact]
    public void Any_bytes_are_a_payout_a_misfit_or_a_batch_that_waits() =>
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Byte).Sample((place, @byte) =>
        {
            var raw = Bytes(PayPalBench.Batch("B1", "SUCCESS", "RETURNED"));
            raw[place % raw.Length] = @byte;
            var row = PayPalMapping.Batch(raw, AsOf, calledBack: false);
            Assert.True(row.Record is null || row.Rejected is null);
        });

    [Theory]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.Forbidden)]
    [InlineData(HttpStatusCode.UnprocessableEntity)]
    public async Task Known_batches_are_read_one_by_one_and_one_that_is_refused_keeps_none_from_being_read(HttpStatusCode refusal)
    {
        _bench.Provider.Answer = (sent, _) => Task.FromResult(sent.Path.Split('/')[^1] switch
        {
            "GONE" => ScriptedProvider.Json("""{"name":"RESOURCE_NOT_FOUND","message":"m","debug_id":"d"}""", refusal),
            var id => ScriptedProvider.Json(PayPalBench.Batch(id, "SUCCESS", "SUCCESS")),
        });
        var page = (await _bench.FollowAsync("B1", "GONE", "B2")).Value;
        Assert.Equal(["B1", "B2"], page.Records.Select(record => record.ExternalId));
        Assert.Equal(["B1", "GONE", "B2"], page.Followed.Select(one => one.Id));
        Assert.True(page.EndOfPass);
        Assert.Empty((await _bench.FollowAsync()).Value.Records);
        Assert.Equal(3, _bench.Provider.Sent.Count);
    }

    [Fact]
    public async Task A_pass_goes_on_while_pages_are_full_and_ends_by_itself_after_five_hundred()
    {
        _bench.Provider.Answer = (sent, _) => Task.FromResult(ScriptedProvider.Json(PayPalBench.Batch(sent.Path.Split('/')[^1], "SUCCESS", "SUCCESS")));
        var batches = Enumerable.Range(0, PayoutFollowing.PageSize).Select(n => PayPalBench.Followed($"B{n}")).ToList();
        var (cursor, pages) = ((string?)null, 0);
        for (var more = true; more; pages++)
        {
            var page = (await _bench.FollowAsync(batches, cursor)).Value;
            Assert.NotEqual(cursor, page.Cursor);
            (cursor, more) = (page.Cursor, !page.EndOfPass);
        }
        Assert.Equal(10, pages);
        Assert.False((await _bench.FollowAsync(batches, cursor)).Value.EndOfPass);   // the next pass begins anew
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden, ErrorClass.BusinessRule)]
    [InlineData(HttpStatusCode.ServiceUnavailable, ErrorClass.ProviderUnavailable)]
    public async Task A_permission_that_is_missing_ends_no_connection_and_an_outage_is_one(HttpStatusCode status, ErrorClass @class)
    {
        _bench.Provider.Answer = (_, _) => Task.FromResult(ScriptedProvider.Json("""{"name":"NOT_AUTHORIZED","message":"m","debug_id":"d"}""", status));
        Assert.Equal((@class, false), (await _bench.FollowAsync("B1")).Error is { } error ? (error.Class, error.NeedsUser) : default);
    }

    [Theory]
    [InlineData("another batch")]
    [InlineData("cut off")]
    public async Task An_answer_that_is_not_the_batch_says_nothing_of_it(string what)
    {
        var text = PayPalBench.Batch("B2", "SUCCESS", "SUCCESS");
        _bench.Provider.Answer = (_, _) => Task.FromResult(ScriptedProvider.Json(what == "cut off" ? text[..^40] : text));
        Assert.Equal("unreadable_answer", (await _bench.FollowAsync("B1")).Error?.Code);
    }

    private static Payout Payout(string batch, bool calledBack = false) => Assert.IsType<Payout>(PayPalMapping.Batch(Bytes(batch), AsOf, calledBack).Record);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
