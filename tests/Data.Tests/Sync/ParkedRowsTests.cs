using System.Text;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Data.Sync;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using Npgsql;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Sync;

public sealed class ParkedRowsTests(OwnDatabase own) : DatabaseTest(own)
{
    private static readonly StreamInfo Transactions = new("transactions", RecordKind.Transaction, "");

    private ParkedRows Parked => new(Source, Clock);

    [Fact]
    public async Task Waiting_rows_come_oldest_first_in_batches_with_the_time_of_their_state()
    {
        var integration = await ParkAsync(Row("a", asOf: 3), Row("b"), Row("c", asOf: 9));
        var first = await Parked.TakeAsync(integration, "transactions", 0, 2, Cancel);
        var rest = await Parked.TakeAsync(integration, "transactions", first[^1].Id, 2, Cancel);
        Assert.Equal(["a", "b", "c"], first.Concat(rest).Select(r => Encoding.UTF8.GetString(r.Raw.Span)).Order());
        Assert.Equal([Sample.Day.AddSeconds(3), Sample.Day.AddSeconds(9), Begin], first.Concat(rest).Select(r => r.AsOf).Order());   // b: when it was parked
        Assert.Empty(await Parked.TakeAsync(integration, "payouts", 0, 10, Cancel));
    }

    [Fact]
    public async Task What_rows_have_become_and_their_end_are_one_transaction()
    {
        var integration = await ParkAsync(Row("a"), Row("b"));
        var ids = (await Parked.TakeAsync(integration, "transactions", 0, 10, Cancel)).Select(r => r.Id).ToList();

        var unfit = new[] { Sample.Transaction("t1"), Sample.Transaction("t2", currency: "POUNDS") };
        await Assert.ThrowsAsync<PostgresException>(() => Parked.ReplaceAsync(integration, RecordKind.Transaction, unfit, ids, Cancel));
        Assert.Equal(2, (await WaitingAsync(integration))["transactions"]);
        Assert.Equal(0, await CountAsync(integration));

        await Parked.ReplaceAsync(integration, RecordKind.Transaction, [Sample.Transaction("t1"), Sample.Transaction("t2")], ids, Cancel);
        Assert.Empty(await WaitingAsync(integration));
        Assert.Equal(2, await CountAsync(integration));
    }

    [Fact]
    public async Task A_row_is_forgotten_once_we_hold_as_new_a_state_of_its_id_and_not_before()
    {
        var integration = await ParkAsync(Row("older", "t1", asOf: 5), Row("newer", "t2", asOf: 5), Row("nameless", id: null));
        await new Data.Webhooks.DeliveryQueue(Source, Clock).CompleteAsync(
            integration, new() { Records = [Sample.Transaction("t1", second: 6), Sample.Transaction("t2", second: 4)] }, Cancel);
        Assert.Equal(2, (await WaitingAsync(integration))["transactions"]);
        Assert.Equal(["nameless", "newer"], await RawAsync(integration));
    }

    [Fact]
    public async Task A_row_is_forgotten_when_a_later_page_shows_it_just_as_we_hold_it_and_not_by_an_earlier_one()
    {
        var integration = await NewIntegrationAsync();
        var held = Sample.Transaction("t1", second: 1);
        await CommitAsync(integration, Sample.Page("c", held));
        await ParkAsync(integration, Row("odd state", "t1", asOf: 5));

        await CommitAsync(integration, Sample.Page("c", held with { AsOf = Sample.Day.AddSeconds(4) }));
        Assert.Equal(1, (await WaitingAsync(integration))["transactions"]);
        var later = await CommitAsync(integration, Sample.Page("c", held with { AsOf = Sample.Day.AddSeconds(6) }));
        Assert.Equal(0, later.Written);
        Assert.Empty(await WaitingAsync(integration));
    }

    [Fact]
    public async Task The_same_bytes_read_again_later_are_one_row_with_the_later_time()
    {
        var integration = await ParkAsync(Row("a", asOf: 3));
        await ParkAsync(integration, Row("a", asOf: 8));
        await ParkAsync(integration, Row("a", asOf: 5));
        var row = Assert.Single(await Parked.TakeAsync(integration, "transactions", 0, 10, Cancel));
        Assert.Equal(Sample.Day.AddSeconds(8), row.AsOf);
    }

    [Fact]
    public async Task Dismissed_rows_stay_with_who_said_so_count_no_more_and_are_not_parked_again()
    {
        var integration = await ParkAsync(Row("a"), Row("b"));
        await Parked.DismissAsync(integration, "transactions", "alice", Cancel);
        Assert.Empty(await WaitingAsync(integration));
        Assert.Equal(1, (await ParkAsync(integration, Row("a"), Row("c"))).Parked);
        Assert.Equal(1, (await WaitingAsync(integration))["transactions"]);

        var reader = new ParkedRowReader(Source);
        var dismissed = await reader.ListAsync(integration, null, true, Positions.NewestNumber, 10, Cancel);
        Assert.Equal(("alice", "alice"), (dismissed[0].DismissedBy, dismissed[1].DismissedBy));
        Assert.Single(await reader.ListAsync(integration, "transactions", false, Positions.NewestNumber, 10, Cancel));
        Assert.Equal(["transactions"], await reader.WaitingStreamsAsync(integration, Cancel));
        Assert.Equal(["a", "b"], (await Task.WhenAll(dismissed.Select(r => reader.FindAsync(integration, r.Id, Cancel))))
            .Select(found => Encoding.UTF8.GetString(found!.Raw.Span)).Order());
        Assert.Null(await reader.FindAsync(NewId(), dismissed[0].Id, Cancel));
    }

    [Fact]
    public async Task A_row_that_still_does_not_fit_says_why_as_of_now()
    {
        var integration = await ParkAsync(Row("a"));
        var row = Assert.Single(await Parked.TakeAsync(integration, "transactions", 0, 10, Cancel));
        await Parked.KeepAsync(integration, [(row.Id, new(null, "bad_time", "A time is in no calendar.", default))], Cancel);
        Assert.Equal("bad_time", Assert.Single(await Parked.TakeAsync(integration, "transactions", 0, 10, Cancel)).Code);
    }

    private static RejectedRow Row(string raw, string? id = "odd", int? asOf = null) =>
        Sample.Rejected(raw, id) with { AsOf = asOf is { } second ? Sample.Day.AddSeconds(second) : null };

    private async Task<Guid> ParkAsync(params RejectedRow[] rows)
    {
        var integration = await NewIntegrationAsync();
        await ParkAsync(integration, rows);
        return integration;
    }

    private Task<StreamProgress> ParkAsync(Guid integration, params RejectedRow[] rows) =>
        CommitAsync(integration, Sample.Page("c") with { Rejected = rows });

    private async Task<StreamProgress> CommitAsync(Guid integration, SyncPage page)
    {
        var store = new SyncStore(Source, Clock);
        var key = new StreamKey(integration, "transactions", NewId());
        return (await store.CommitAsync(key, await store.OpenAsync(key, Cancel), RecordKind.Transaction, page, 1, Cancel))!;
    }

    private Task<IReadOnlyDictionary<string, long>> WaitingAsync(Guid integration) => Parked.WaitingAsync(integration, [Transactions], Cancel);

    private Task<long> CountAsync(Guid integration) =>
        Source.ScalarAsync<long>("select count(*) from transactions where integration_id = $1", Cancel, integration);

    private async Task<IEnumerable<string>> RawAsync(Guid integration) =>
        (await Source.ListAsync<byte[]>("select raw from parked_rows where integration_id = $1", Cancel, integration)).Select(Encoding.UTF8.GetString).Order();
}
