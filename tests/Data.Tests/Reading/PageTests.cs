using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Data.Reading.Records;
using FinanceIntegrations.Data.Tests.Sync;
using FinanceIntegrations.Data.Tests.Webhooks;
using FinanceIntegrations.Data.Webhooks;
using FinanceIntegrations.Domain.Records;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Reading;

/// <summary>Lists, page by page: newest first, each row once, though several are of one moment and one comes in between.</summary>
public sealed class PageTests(OwnDatabase own) : DatabaseTest(own)
{
    private const int Size = 4;
    private static readonly Period Always = Period.Between(null, null);
    private static readonly RecordFilter AnyRecord = new(null, null, null, Always);

    [Fact]
    public async Task A_users_integrations()
    {
        var owner = $"user-{NewId()}";
        var made = new List<Guid>();
        for (var n = 0; n < 10; n++)
        {
            var state = NewState(owner: owner) with { CreatedAt = Begin.AddMinutes(n / 3) };
            await Source.WriteStateAsync(state, null, Cancel);
            made.Add(state.Id);
        }
        await Source.WriteStateAsync(NewState(owner: owner) with { DeletedAt = Begin }, null, Cancel);
        await NewIntegrationAsync(owner: owner + "x");

        var reader = new IntegrationReader(Source);
        var seen = await AllAsync(Positions.NewestGuid,
            after => reader.ListAsync(owner, new(null, null, null), after, Size, Cancel), row => new Position<Guid>(row.CreatedAt, row.Id));
        Assert.Equal(made.OrderByDescending(id => (Begin.AddMinutes(made.IndexOf(id) / 3), id)), seen.Select(row => row.Id));
        Assert.Empty(await reader.ListAsync(owner, new("xero", null, null), Positions.NewestGuid, Size, Cancel));
        Assert.Empty(await reader.ListAsync(owner, new(null, "active", null), Positions.NewestGuid, Size, Cancel));
        Assert.Equal(Size, (await reader.ListAsync(owner, new("stripe", "inactive", "payment_processor"), Positions.NewestGuid, Size,
            Cancel)).Count);
        Assert.Null(await reader.FindAsync(made[0], owner + "x", Cancel));
    }

    [Fact]
    public async Task Transactions()
    {
        var integration = await NewIntegrationAsync();
        var written = Enumerable.Range(0, 10).Select(n => Sample.Transaction($"t{n}") with { OccurredAt = Sample.Day.AddMinutes(n / 3) })
            .ToList();
        await WriteAsync(integration, [.. written]);
        await WriteAsync(await NewIntegrationAsync(), Sample.Transaction("foreign"));

        var reader = new TransactionReader(Source);
        var seen = await AllAsync(Positions.NewestText,
            after => reader.ListAsync(integration, AnyRecord, after, Size, Cancel), row => new Position<string>(row.OccurredAt, row.Id));
        Assert.Equal(written.OrderByDescending(t => (t.OccurredAt, t.ExternalId)).Select(t => t.ExternalId), seen.Select(row => row.Id));

        var minute = AnyRecord with { Occurred = Period.Between(Sample.Day.AddMinutes(1), Sample.Day.AddMinutes(2)) };
        Assert.Equal(["t5", "t4", "t3"], (await reader.ListAsync(integration, minute, Positions.NewestText, 50, Cancel))
            .Select(row => row.Id));
        Assert.Empty(await reader.ListAsync(integration, AnyRecord with { Currency = "JPY" }, Positions.NewestText, 50, Cancel));
    }

    [Fact]
    public async Task Accounts_have_no_moment_and_go_by_id()
    {
        var integration = await NewIntegrationAsync();
        var ids = Enumerable.Range(0, 10).Select(n => $"a{n}").ToList();
        await WriteAsync(integration, [.. ids.Select(id => new Account
        {
            ExternalId = id, Name = "Main", AccountType = "current", Status = "enabled", AsOf = Begin, Raw = "{}"u8.ToArray(),
        })]);
        var reader = new AccountReader(Source);
        Assert.Equal(ids, (await AllAsync(Positions.NewestText, after => reader.ListAsync(integration, AnyRecord, after, Size, Cancel), AccountReader.PlaceOf))
            .Select(row => row.Id));
    }

    [Fact]
    public async Task A_payment_is_disputed_once_a_dispute_says_so()
    {
        var integration = await NewIntegrationAsync();
        await WriteAsync(integration, [.. new[] { "p1", "p2" }.Select(id => new Payment
        {
            ExternalId = id, Type = "charge", Status = "succeeded", Amount = 5, Currency = "GBP", OccurredAt = Begin, AsOf = Begin,
                Raw = "{}"u8.ToArray(),
        })]);
        await WriteAsync(integration, new Dispute
        {
            ExternalId = "d1",
            Status = "lost",
            Reason = "fraud",
            Amount = 5,
            Currency = "GBP",
            OccurredAt = Begin,
            PaymentId = "p2",
            AsOf = Begin,
            Raw = "{}"u8.ToArray(),
        });
        var seen = await new PaymentReader(Source).ListAsync(integration, AnyRecord, Positions.NewestText, 10, Cancel);
        Assert.Equal([("p2", true), ("p1", false)], seen.Select(row => (row.Id, row.Disputed)));
    }

    [Fact]
    public async Task Log_lines_by_level_and_time()
    {
        var state = NewState();
        var lines = Enumerable.Range(0, 10)
            .Select(n => new Domain.Integrations.LogLine(NewId(), Begin.AddMonths(n / 3), n % 2 == 0 ? "info" : "error", "tested",
                $"{n}")).ToList();
        await Source.WriteStateAsync(state with { Outbox = new() { Logs = lines } }, null, Cancel);

        var reader = new LogReader(Source);
        var seen = await AllAsync(Positions.NewestGuid,
            after => reader.ListAsync(state.Id, null, Always, after, Size, Cancel), line => new Position<Guid>(line.At, line.Id));
        Assert.Equal(lines.OrderByDescending(line => (line.At, line.Id)).Select(line => line.Message), seen.Select(line => line.Message));
        Assert.Equal(5, (await reader.ListAsync(state.Id, "error", Always, Positions.NewestGuid, 50, Cancel)).Count);
        Assert.Equal(3, (await reader.ListAsync(state.Id, null, Period.Between(Begin.AddMonths(1), Begin.AddMonths(2)),
            Positions.NewestGuid, 50, Cancel)).Count);
    }

    [Fact]
    public async Task Webhook_events_as_their_integration_sees_them()
    {
        var account = $"acct_{NewId():N}";
        var integration = await NewIntegrationAsync(account);
        var events = await new Inbox(Source, Clock).FillAsync(account, 10, Cancel);
        await new DeliveryQueue(Source, Clock).CompleteAsync(integration, new() { Done = [events[3]] }, Cancel);

        var reader = new WebhookEventReader(Source);
        var seen = await AllAsync(long.MaxValue, before =>
            reader.ListAsync(integration, new(null, null, Always), before, Size, Cancel), e => e.EventId);
        Assert.Equal(events.Reverse(), seen.Select(e => e.EventId));
        var done = Assert.Single(await reader.ListAsync(integration, new("done", "payout.paid", Always), long.MaxValue, 50, Cancel));
        Assert.Equal((events[3], true, 1, null), (done.EventId, done.Processed, done.Attempts, done.NextAttemptAt));
        Assert.Equal("{}"u8.ToArray(), (await reader.FindAsync(integration, events[3], Cancel))!.Payload.ToArray());
        Assert.Null(await reader.FindAsync(await NewIntegrationAsync(), events[3], Cancel));
    }

    private static async Task<List<TRow>> AllAsync<TRow,
        TPlace>(TPlace first, Func<TPlace, Task<IReadOnlyList<TRow>>> page, Func<TRow, TPlace> placeOf)
    {
        var (rows, place) = (new List<TRow>(), first);
        while (await page(place) is { Count: > 0 } next)
        {
            Assert.InRange(next.Count, 1, Size);
            rows.AddRange(next);
            place = placeOf(next[^1]);
        }
        return rows;
    }

    private Task WriteAsync(Guid integration, params UnifiedRecord[] records) =>
        new DeliveryQueue(Source, Clock).CompleteAsync(integration, new() { Records = records }, Cancel);
}
