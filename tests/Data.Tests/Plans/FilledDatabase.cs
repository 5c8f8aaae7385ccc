using FinanceIntegrations.Data.Tests.Sync;
using Npgsql;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Plans;

/// <summary>A database with some thousand rows in every table that grows, and one integration that has a twentieth of each.</summary>
public sealed class FilledDatabase(SharedPostgres shared) : IAsyncLifetime
{
    /// <summary>Of 20,000 integrations, number 1 is the one asked about; 1,000 belong to its owner.</summary>
    private const string Fill = """
        create function numbered(n bigint) returns uuid language sql immutable as 'select lpad(to_hex(n), 32, ''0'')::uuid';
        -- Of rows that belong to integrations, one in twenty is number 1's.
        create function owner_of(n bigint) returns uuid language sql immutable
            as 'select numbered(case when n % 20 = 0 then 1 else 1 + n % 20000 end)';

        insert into integrations
        select numbered(n), 'user ' || n % 20, 'Shop', 'payment_processor', 'stripe', null, '{}', '{}', 60, 'active',
            'connected', true, 'acct_' || n, 1, null, null, $1 + n * interval '1 second', $1 + n * interval '1 minute', $1 + n * interval '1 second', $1, null, 1
        from generate_series(1, 20000) n;
        update integrations set token_refresh_at = token_expires_at;

        insert into sync_runs (id, integration_id, trigger, full_read, status, started_at, ended_at)
        select numbered(n), owner_of(n), 'schedule', false, 'succeeded', $1 + n * interval '1 minute', $1 + n * interval '1 minute'
        from generate_series(1, 20000) n;
        insert into sync_runs (id, integration_id, trigger, full_read, status, started_at)
        select numbered(20000 + n), numbered(n), 'user', false, 'running', $1 + n * interval '1 minute' from generate_series(1, 200) n;
        insert into provider_incidents values (numbered(1), 'stripe', 'network', $1, 5, $1, null);
        insert into sync_cursors select numbered(n), s, 'c', numbered(n), true, 0, 0, 0, 0, 0, $1
        from generate_series(1, 20000) n, unnest(array['payouts', 'payments']) s;
        -- Some in every month's partition, and some before the first.
        insert into integration_logs
        select numbered(n), owner_of(n), date_trunc('month', now()) + (n - 3000) * interval '14 minutes', 'info', 'e', 'm'
        from generate_series(1, 43000) n;

        insert into audit_log
        select numbered(n), date_trunc('month', now()) + (n - 3000) * interval '14 minutes', owner_of(n), n, owner_of(n), 'alice', 'alice', 'e', null, '{}', 'h'
        from generate_series(1, 43000) n;
        insert into audit_chains select numbered(n), 1, 'h' from generate_series(1, 20000) n;

        insert into accounts select owner_of(n), 'a' || n, 'Main', 'current', 'GBP', 'GB', 'enabled', $1, 0, 'h', '{}', false, $1, $1
        from generate_series(1, 20000) n;
        insert into balances select owner_of(n), 'b' || n, 'a', 'GBP', 1, 1, null, $1, 0, 'h', '{}', false, $1, $1
            from generate_series(1, 20000) n;
        insert into transactions
        select owner_of(n), 't' || n, 'charge', 'charge', 'posted', 1, 0, 1, 'GBP', $1 + n * interval '1 minute', null, null,
            null, $1, 0, 'h', '{}', false, $1, $1
        from generate_series(1, 20000) n;
        insert into payments
        select owner_of(n), 'p' || n, 'charge', 'succeeded', 1, null, 'GBP', $1 + n * interval '1 minute', null, null, null,
            null, null, false, $1, 0, 'h', '{}', false, $1, $1
        from generate_series(1, 20000) n;
        insert into payouts
        select owner_of(n), 'o' || n, 'paid', 1, 'GBP', $1 + n * interval '1 minute', null, null, null, null, null, null, null,
            $1, 0, 'h', '{}', false, $1, $1
        from generate_series(1, 20000) n;
        update payouts set automatic = true;
        update payouts set status = 'failed' where external_id like '%99';
        insert into followed_payouts
        select owner_of(n), 'o' || n, $1, case when n % 3 = 0 then $1 + n * interval '1 minute' end from generate_series(1, 20000) n;
        insert into payout_entries
        select owner_of(n), 'e' || n, 'o' || n, 't' || n, 'charge', 'charge', 1, 0, 1, 'GBP', $1 + n * interval '1 minute', null, $1, 0, 'h', '{}', false, $1, $1
        from generate_series(1, 20000) n;
        insert into payout_entry_lists
        select owner_of(n), 'o' || n, $1, case when n % 100 <> 0 then 1 end, case when n % 100 <> 0 then case when n % 7 = 0 then 2 else 1 end end, null
        from generate_series(1, 20000) n;
        insert into disputes
        select owner_of(n), 'd' || n, 'lost', 'fraud', 1, 'GBP', $1 + n * interval '1 minute', 'p' || n, null, null, $1, 0, 'h',
            '{}', false, $1, $1
        from generate_series(1, 20000) n;
        insert into operations (id, integration_id, owner_id, kind, subject_id, wanted, reference, requested_by, status, created_at, updated_at)
        select numbered(n), owner_of(n), 'u', 'submit_evidence', 'd' || n, '{}', 'r' || n, 'u', 'failed', $1, $1 from generate_series(1, 20000) n;
        insert into evidence_drafts (integration_id, dispute_id, created_at, updated_at, updated_by)
        select owner_of(n), 'd' || n, $1, $1, 'u' from generate_series(1, 20000) n;
        insert into evidence_files
        select numbered(n), owner_of(n), 'd' || n, 'other', 'a.pdf', 'application/pdf', 1, 'h', 'x', $1, 'u' from generate_series(1, 20000) n;
        insert into parked_rows (integration_id, stream, code, reason, raw, content_hash, run_id, parked_at)
        select owner_of(n), 'payouts', 'c', 'r', 'x', int8send(n), numbered(n), $1 from generate_series(1, 20000) n;

        insert into pass_rows select owner_of(n), 'transactions', 't' || n, $1 from generate_series(1, 20000) n;

        insert into attention_items (id, integration_id, owner_id, key, kind, what_happened, at_stake, choices, raised_at, updated_at)
        select numbered(n), owner_of(n), 'user ' || n % 20, 'key ' || n, 'rows_parked', 'w', 's', '[]', $1 + n * interval '1 second', $1
        from generate_series(1, 20000) n;

        insert into attention_items (id, integration_id, owner_id, key, kind, what_happened, at_stake, choices, raised_at, updated_at)
        select numbered(20000 + n), owner_of(n), 'user ' || n % 20, 'payout_failed:o' || n, 'payout_failed', 'w', 's', '[]', $1 + n * interval '1 second', $1
        from generate_series(99, 20000, 200) n;

        insert into call_budgets (provider, account, class, period_us, calls, slot_us, offset_us, updated_at)
        select 'stripe', 'acct_' || n, '*', 1000000, 20, 0, 0, $1 from generate_series(1, 20000) n;

        insert into webhook_endpoints (id, integration_id, provider, created_at, updated_at)
        select numbered(n), owner_of(n), 'stripe', $1 + n * interval '1 second', $1 from generate_series(1, 20000) n;
        insert into webhook_events (endpoint_id, provider, provider_event_id, event_type, account, received_at, routing,
            open_deliveries, processed)
        select case when n % 2 = 0 then (select id from webhook_endpoints where provider = 'stripe' and integration_id is null) else numbered(n) end, 'stripe', 'evt_' || n,
            'payout.paid', 'acct_1', $1 + n * interval '1 minute', 'routed', case when n > 18000 then 1 else 0 end, n <= 18000
        from generate_series(1, 20000) n;
        insert into webhook_payloads (event_id, payload) select id, '{}' from webhook_events;
        insert into webhook_deliveries (event_id, integration_id, status, next_attempt_at)
        select id, owner_of(id), case when id > 18000 then 'pending' when id % 400 = 0 then 'dead' else 'done' end, $1 from webhook_events;

        insert into idempotency_keys select 'user ' || n % 20, 'key ' || n, 'h', numbered(n), $1 from generate_series(1, 20000) n;
        insert into orleans_state select 'finance', 1, n, 'integration', n, n, null, '{}', 1, $1 from generate_series(1, 20000) n;
        insert into orleans_reminders select 'finance', 'integration/' || n, 'sync', now() + n * interval '1 minute', 60000,
            n * 100000 - 1000000000, 0
        from generate_series(1, 20000) n;
        """;

    private readonly Dictionary<string, ExplainedDatabase> _explained = [];
    private NpgsqlDataSource? _source;

    internal static Guid Number(int n) => Guid.ParseExact(n.ToString("x32", System.Globalization.CultureInfo.InvariantCulture), "N");

    /// <summary>Connections that tell the plan of every statement they run, also those within functions.</summary>
    internal ExplainedDatabase Explained(string planCacheMode)
    {
        if (!_explained.TryGetValue(planCacheMode, out var explained))
            _explained[planCacheMode] = explained = new(ConnectionString, planCacheMode);
        explained.Forget();
        return explained;
    }

    public string ConnectionString { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        ConnectionString = await shared.Postgres.CreateDatabaseAsync(CancellationToken.None);
        _source = PostgresRegistration.CreateDataSource(ConnectionString);
        var moment = $"timestamptz '{Sample.Day:yyyy-MM-dd}'";
        await _source.ExecuteAsync(Fill.Replace("$1", moment, StringComparison.Ordinal), CancellationToken.None);
        await _source.ExecuteAsync("vacuum analyze", CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var explained in _explained.Values) explained.Dispose();
        if (_source is not null) await _source.DisposeAsync();
    }
}
