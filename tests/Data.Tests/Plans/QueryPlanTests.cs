using FinanceIntegrations.Data.Auditing;
using FinanceIntegrations.Data.Budgets;
using FinanceIntegrations.Data.Disputes;
using FinanceIntegrations.Data.Endpoints;
using FinanceIntegrations.Data.Incidents;
using FinanceIntegrations.Data.Integrations;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Data.Reading.Records;
using FinanceIntegrations.Data.Sync;
using FinanceIntegrations.Data.Tests.Sync;
using FinanceIntegrations.Data.Webhooks;
using FinanceIntegrations.Domain.Records;
using Npgsql;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Plans;

/// <summary>What runs often goes by an index, planned for its values and planned once for all values.</summary>
public sealed class QueryPlanTests(FilledDatabase filled) : IClassFixture<FilledDatabase>
{
    private static readonly Guid Busy = FilledDatabase.Number(1);
    private static readonly Period Always = Period.Between(null, null);
    private static readonly RecordFilter Any = new(null, null, null, Always);
    private static readonly Domain.Providers.StreamInfo Transactions = new("transactions", RecordKind.Transaction, "");
    private static readonly DateTimeOffset Middle = Sample.Day.AddDays(7);

    /// <summary>Tables that hold a handful of rows, whatever the load.</summary>
    private static readonly string[] Small = ["orleans_clusters", "orleans_silos", "orleansquery", "data_protection_keys", "provider_incidents",
        "schemaversions"];

    private static readonly Dictionary<string, (Func<NpgsqlDataSource, Task> Ask, string[] Indexes)> Queries = new()
    {
        ["endpoint of the app"] = (s => new EndpointLookup(s, TimeProvider.System).OfAppAsync("stripe", Cancel),
            ["webhook_endpoints_of_app"]),
        ["endpoint of an integration"] = (s => new EndpointLookup(s, TimeProvider.System).FindAsync(FilledDatabase.Number(7), Cancel),
            ["webhook_endpoints_pkey", "integrations_pkey"]),
        ["inbox"] = (StoreEventsAsync, ["integrations_by_account"]),
        ["queue"] = (s => new DeliveryQueue(s, TimeProvider.System).TakeAsync(Busy, 18_500, 500, Cancel),
            ["webhook_deliveries_pending", "webhook_events_pkey", "webhook_payloads_pkey"]),
        ["completing deliveries"] = (CompleteAsync, ["webhook_deliveries_pkey", "webhook_events_pkey"]),
        ["sweep of deliveries"] = (s => new DeliveryQueue(s, TimeProvider.System).WithPendingAsync(Middle, 1000, Cancel),
            ["webhook_deliveries_pending"]),
        ["sweep of runs"] = (s => new OpenRuns(s).StartedBeforeAsync(Middle, 1000, Cancel), ["sync_runs_one_open"]),
        ["page of a sync"] = (CommitPageAsync, ["sync_cursors_pkey"]),
        ["passes of an integration"] = (s => new StreamPasts(s).OfAsync(Busy, Cancel), ["sync_cursors_pkey"]),
        ["connected integrations"] = (async s =>
            await new CandidateReader(s).ConnectedAsync(null, Cancel).FirstAsync(Cancel), ["integrations_pkey"]),
        ["due tokens"] = (async s =>
            await new CandidateReader(s).WithDueTokensAsync(null, Middle, Cancel).FirstAsync(Cancel), ["integrations_by_token_refresh"]),
        ["a call budget's lease"] = (LeaseCallsAsync, ["call_budgets_pkey"]),
        ["a call budget's block"] = (s => new CallBudgetStore(s).BlockAsync(new("stripe", "acct_7", "*"), TimeSpan.FromSeconds(1), Cancel), ["call_budgets_pkey"]),
        ["age of records"] = (s => new FreshnessReader(s).AsOfAsync(Busy, ["payouts", "payments"], Cancel), ["sync_cursors_pkey"]),
        ["any trouble"] = (s => new IncidentStore(s).AnyTroubleAsync(Middle, Cancel), ["sync_runs_unwell"]),
        ["how integrations fared"] = (s => new IncidentStore(s).LatestAsync(Sample.Day.AddMinutes(19_990), Sample.Day.AddMinutes(20_000), ["network"], Cancel), ["sync_runs_by_end"]),
        ["others of an account"] = (s => new AccountHolders(s).IsHeldByAnotherAsync(Busy, "stripe", "acct_7", Cancel), ["integrations_by_account"]),
        ["an integration"] = (s => new IntegrationReader(s).FindAsync(Busy, "user 1", Cancel), ["integrations_pkey"]),
        ["a user's integrations"] = (s =>
            new IntegrationReader(s).ListAsync("user 1", new("stripe", null, null), new(Middle, Busy), 50, Cancel),
            ["integrations_by_owner"]),
        ["what a whole pass missed"] = (s => new WholePasses(s, TimeProvider.System).CompareAsync(Busy, Transactions, Cancel), ["sync_cursors_pkey"]),
        ["end of a whole pass"] = (s => new WholePasses(s, TimeProvider.System).BelieveAsync(FilledDatabase.Number(11), Transactions, Cancel),
            ["sync_cursors_pkey", "pass_rows_pkey"]),
        ["sums of transactions"] = (s => new WholePasses(s, TimeProvider.System).NetAsync(Busy, Transactions, Cancel), []),
        ["waiting parked rows"] = (s => new ParkedRows(s, TimeProvider.System).WaitingAsync(Busy, [new("payouts", RecordKind.Payout, "")], Cancel),
            ["parked_rows_waiting"]),
        ["parked rows to map again"] = (s => new ParkedRows(s, TimeProvider.System).TakeAsync(Busy, "payouts", 50, 500, Cancel),
            ["parked_rows_waiting"]),
        ["end of parked rows"] = (s => new ParkedRows(s, TimeProvider.System).ReplaceAsync(
            Busy, RecordKind.Transaction, [Sample.Transaction("t20")], [41, 42], Cancel), []),
        ["parked rows"] = (s => new ParkedRowReader(s).ListAsync(Busy, null, false, new(Middle, 5), 50, Cancel), ["parked_rows_newest"]),
        ["attention list"] = (s => new AttentionReader(s).ListAsync("user 1", new(true, null, null), new(Middle, Busy), 50, Cancel),
            ["attention_items_of_owner"]),
        ["an item"] = (s => new AttentionReader(s).FindAsync(FilledDatabase.Number(5), "user 5", Cancel), ["attention_items_pkey"]),
        ["open items"] = (s => new AttentionReader(s).CountOpenAsync(Busy, Cancel), ["attention_items_one_open"]),
        ["a run"] = (s => new RunReader(s).FindAsync(Busy, FilledDatabase.Number(20_001), Cancel), ["sync_cursors_pkey"]),
        ["an integration's runs"] = (s => new RunReader(s).ListAsync(Busy, null, new(Middle, Busy), 50, Cancel), ["sync_runs_newest"]),
        ["a run's end"] = (s => new RunReader(s).HasEndedAsync(FilledDatabase.Number(5), Cancel), ["sync_runs_pkey"]),
        ["audit log"] = (s => new AuditStore(s).ListAsync(new(null, null, null), Always, new(TimeProvider.System.GetUtcNow().AddDays(200), Busy), 50, Cancel),
            ["_at_id_idx"]),
        ["audit log of an integration"] = (s => new AuditStore(s).ListAsync(new(Busy, null, null), Always, new(TimeProvider.System.GetUtcNow().AddDays(200), Busy), 50, Cancel),
            ["_integration_id_at_id_idx"]),
        ["log"] = (s => new LogReader(s).ListAsync(Busy, null, Always, new(TimeProvider.System.GetUtcNow().AddDays(200), Busy), 50, Cancel),
            ["_integration_id_at_id_idx"]),
        ["webhook events"] = (s => new WebhookEventReader(s).ListAsync(Busy, new(null, null, Always), 15_000, 50, Cancel),
            ["webhook_deliveries_pkey", "webhook_events_pkey"]),
        ["webhook events of a time"] = (s => new WebhookEventReader(s).ListAsync(Busy, new(null, null, Period.Between(Middle, Middle.AddHours(1))), long.MaxValue, 50, Cancel),
            ["webhook_events_by_time"]),
        ["dead letters"] = (s => new WebhookEventReader(s).ListAsync(Busy, new("dead", null, Always), long.MaxValue, 50, Cancel), ["webhook_deliveries_dead"]),
        ["deliveries that wait"] = (s => new WebhookEventReader(s).ListAsync(Busy, new("pending", null, Always), long.MaxValue, 50, Cancel),
            ["webhook_deliveries_pending"]),
        ["replay of dead letters"] = (s => new WebhookReplay(s).ManyAsync(Busy, new("dead", null, Period.Between(Middle, null)), 10, Cancel),
            ["webhook_deliveries_dead", "webhook_events_by_time"]),
        ["a webhook event"] = (s => new WebhookEventReader(s).FindAsync(Busy, 20, Cancel), ["webhook_events_pkey", "webhook_payloads_pkey"]),
        ["replay of one"] = (s => new WebhookReplay(s).OneAsync(Busy, 20, Cancel), ["webhook_events_pkey"]),
        ["webhook endpoints"] = (s => new WebhookEndpointStore(s).ListAsync(Busy, new(Middle, Busy), 50, Cancel),
            ["webhook_endpoints_of_integration"]),
        ["delete of an endpoint"] = (DeleteEndpointAsync, ["webhook_events_once", "webhook_deliveries_by_event", "webhook_events_pkey", "webhook_endpoints_pkey"]),
        ["idempotency key"] = (s => new IdempotencyKeys(s).ClaimAsync("user 1", "key 1", [1], Busy, Middle, Cancel), []),
        ["old idempotency keys"] = (s => new IdempotencyKeys(s).ForgetAsync(DateTimeOffset.UnixEpoch, Cancel), ["idempotency_keys_by_age"]),
        ["accounts"] = (s => new AccountReader(s).ListAsync(Busy, Any, new(Middle, "a5"), 50, Cancel), ["accounts_pkey"]),
        ["balances"] = (s => new BalanceReader(s).ListAsync(Busy, Any, new(Middle, "b5"), 50, Cancel), ["balances_pkey"]),
        ["balances' history"] = (s => new BalanceHistoryReader(s).ListAsync(Busy, new(null, null, Always), new(Middle, 500), 50, Cancel), ["balance_history_newest"]),
        ["transactions"] = (s => new TransactionReader(s).ListAsync(Busy, Any, new(Middle, "t"), 50, Cancel), ["transactions_newest"]),
        ["payments"] = (s => new PaymentReader(s).ListAsync(Busy, Any, new(Middle, "p"), 50, Cancel), ["payments_newest"]),
        ["payouts"] = (s => new PayoutReader(s).ListAsync(Busy, Any, new(Middle, "o"), 50, Cancel), ["payouts_newest"]),
        ["a payout with its sum"] = (s => new PayoutReader(s).FindAsync(Busy, "o40", Cancel), ["payout_entry_lists_pkey"]),
        ["entries of a payout"] = (s => new PayoutEntryReader(s).ListAsync(Busy, "o40", new(Middle, "t"), 50, Cancel), []),
        ["payouts beside their entries"] = (s => new PayoutSums(s).JudgeAsync(Busy, "payout_entries", Cancel), ["payout_entry_lists_pkey"]),
        ["followed payouts that are due"] = (s => new FollowedPayouts(s, TimeProvider.System).TakeAsync(Busy, Middle, Cancel),
            ["followed_payouts_due", "followed_payouts_pkey", "operations_of_subject"]),
        ["when followed payouts are due next"] = (s => new FollowedPayouts(s, TimeProvider.System).NoteAsync(
            Busy, [(new("o40", Middle, false, Middle), Middle)], Cancel), []),
        ["news of followed payouts"] = (s => new FollowedPayouts(s, TimeProvider.System).FollowAsync(Busy, ["o40", "new"], Cancel), []),
        ["payouts that did not arrive"] = (s => new FollowedPayouts(s, TimeProvider.System).LookAsync(Busy, Cancel),
            ["payouts_failed", "followed_payouts_pkey", "attention_items_of_payouts"]),
        ["a draft of evidence"] = (s => new EvidenceDrafts(s).FindAsync(Busy, "d20", Cancel), ["operations_of_subject", "evidence_drafts_pkey"]),
        ["disputes that wait"] = (s => new DisputeWatch(s).LookAsync(Busy, Cancel), ["disputes_waiting", "attention_items_of_disputes"]),
        ["the money of disputes"] = (s => new DisputeMoney(s).SumsAsync(FilledDatabase.Number(7), Cancel), ["disputes_money"]),
        ["disputes"] = (s => new DisputeReader(s).ListAsync(Busy, Any, new(Middle, "d"), 50, Cancel), ["disputes_newest"]),
        ["purge"] = (s => new PurgeStore(s).PurgeAsync(FilledDatabase.Number(9), Cancel), ["webhook_deliveries_pkey", "sync_runs_newest", "_integration_id_at_id_idx"]),
        ["first write of a state"] = (s => s.WriteStateAsync(NewState(), null, Cancel), []),
        ["write of a state"] = (WriteTwiceAsync, ["orleans_state_key"]),
        ["read of a state"] = (s => OrleansAsync(s, "ReadFromStorageKey"), ["orleans_state_key"]),
        ["reminders of a range"] = (s => OrleansAsync(s, "ReadRangeRows1Key"), ["orleans_reminders_due"]),
        ["reminders of a range over the end"] = (s => OrleansAsync(s, "ReadRangeRows2Key"), ["orleans_reminders_due"]),
        ["a reminder"] = (s => OrleansAsync(s, "ReadReminderRowKey"), ["orleans_reminders_pkey"]),
    };

    public static TheoryData<string, string> Cases =>
        new MatrixTheoryData<string, string>(Queries.Keys, ["force_custom_plan", "force_generic_plan"]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Cases))]
    public async Task It_goes_by_its_index_and_reads_no_big_table_from_end_to_end(string query, string plans)
    {
        var explained = filled.Explained(plans);
        var (ask, indexes) = Queries[query];
        await ask(explained.Source);

        Assert.NotEmpty(explained.Nodes);
        var whole = explained.Nodes.Where(n =>
            n.Type.Contains("Seq Scan", StringComparison.Ordinal) && n.Table is { } table && !IsSmall(table));
        Assert.True(!whole.Any(), string.Join('\n', whole.Select(n => n.Text)));
        Assert.All(indexes, index => Assert.Contains(explained.Nodes, n => n.Index?.EndsWith(index, StringComparison.Ordinal) == true));
    }

    /// <summary>PostgreSQL's own tables are read when Npgsql asks for the types.</summary>
    private static bool IsSmall(string table) => table.StartsWith("pg_", StringComparison.Ordinal) || Small.Contains(table);

    private static Domain.Integrations.IntegrationState NewState() => Domain.Integrations.Lifecycle.Created(
        new("planner", "Shop", Domain.Integrations.IntegrationType.PaymentProcessor, Domain.Providers.ProviderId.Stripe),
            Guid.CreateVersion7(), Middle);

    private static async Task WriteTwiceAsync(NpgsqlDataSource source)
    {
        var state = NewState();
        var run = new Domain.Integrations.RunInProgress { Id = Guid.CreateVersion7(), Trigger = "user", StartedAt = Middle };
        Assert.Equal(1, await source.WriteStateAsync(state with { Outbox = new() { RunStarted = run } }, null, Cancel));
        var end = new Domain.Integrations.RunEnd { Id = run.Id, Status = "succeeded", EndedAt = Middle };
        Assert.Equal(2, await source.WriteStateAsync(state with { Outbox = new() { RunEnded = end, DeliveriesDone = [18_001] } }, 1,
            Cancel));
    }

    private static async Task StoreEventsAsync(NpgsqlDataSource source)
    {
        var app = (await new EndpointLookup(source, TimeProvider.System).OfAppAsync("stripe", Cancel))!.Id;
        var events = Enumerable.Range(0, 100).Select(n =>
            new InboxEvent(app, "stripe", $"{Guid.CreateVersion7()}", "t", $"acct_{n}", null, "{}"u8.ToArray(), true));
        Assert.NotEmpty(await new InboxStore(source).StoreAsync([.. events], Middle, Cancel));
    }

    private static async Task DeleteEndpointAsync(NpgsqlDataSource source)
    {
        var (store, id) = (new WebhookEndpointStore(source), Guid.CreateVersion7());
        await store.CreateAsync(id, Busy, "stripe", new("", null, true), "sealed", Middle, Cancel);
        await new InboxStore(source).StoreAsync([new(id, "stripe", "one", "t", null, null, "{}"u8.ToArray(), true)], Middle, Cancel);
        Assert.True(await store.DeleteAsync(Busy, id, Cancel));
    }

    private static Task CompleteAsync(NpgsqlDataSource source) => new DeliveryQueue(source, TimeProvider.System).CompleteAsync(Busy, new()
    {
        Records = [Sample.Transaction("t20")],
        Done = [18_020, 18_040],
        Ignored = [18_060],
        Failed = [new(18_080, "x", Middle)],
    }, Cancel);

    private static Task<LeaseReply> LeaseCallsAsync(NpgsqlDataSource source) => new CallBudgetStore(source).LeaseAsync(
        new() { Budget = new("stripe", "acct_7", "*"), Lane = Domain.Budgets.Lane.Schedule, Want = 5, Holder = "silo" },
        new([new() { Calls = 20, Per = TimeSpan.FromSeconds(1) }, new() { Calls = 60, Per = TimeSpan.FromMinutes(1) }]), Cancel);

    private static async Task CommitPageAsync(NpgsqlDataSource source)
    {
        var store = new SyncStore(source, TimeProvider.System);
        var key = new StreamKey(Busy, "payouts", Guid.CreateVersion7());
        var page = Sample.Page("c", Sample.Transaction("t20")) with { Rejected = [Sample.Rejected("odd")] };
        Assert.NotNull(await store.CommitAsync(key, await store.OpenAsync(key, Cancel), RecordKind.Transaction, page, 1, Cancel));
    }

    /// <summary>Runs one of Orleans' statements with values for every parameter that it may have.</summary>
    private static async Task OrleansAsync(NpgsqlDataSource source, string key)
    {
        var text = await source.ScalarAsync<string>("select QueryText from OrleansQuery where QueryKey = $1", Cancel, key);
        await using var command = source.CreateCommand(text);
        var values = new Dictionary<string, object>
        {
            ["ServiceId"] = "finance",
            ["GrainIdHash"] = 77,
            ["GrainIdN0"] = 77L,
            ["GrainIdN1"] = 77L,
            ["GrainTypeHash"] = 1,
            ["GrainTypeString"] = "integration",
            ["GrainId"] = "integration/77",
            ["ReminderName"] = "sync",
            ["BeginHash"] = -1_000_000_000,
            ["EndHash"] = 0,
        };
        foreach (var (name, value) in values.Where(v => command.CommandText.Contains($"@{v.Key}", StringComparison.Ordinal)))
            command.Parameters.AddWithValue(name, value);
        if (command.CommandText.Contains("@GrainIdExtensionString", StringComparison.Ordinal))
            command.Parameters.Add(new("GrainIdExtensionString", NpgsqlTypes.NpgsqlDbType.Text) { Value = DBNull.Value });
        await using var reader = await command.ExecuteReaderAsync(Cancel);
    }
}
