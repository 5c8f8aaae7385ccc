using FinanceIntegrations.Data.Migrations;
using Npgsql;
using Xunit;

namespace FinanceIntegrations.Data.Tests;

public sealed class MigratorTests(SharedPostgres shared)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_that_is_not_there_is_made_with_every_table()
    {
        var connection = Absent("fresh");
        await Migrator.MigrateAsync(connection, Cancel);
        await using var source = NpgsqlDataSource.Create(connection);

        var expected = new[]
        {
            "accounts", "attention_items", "audit_chains", "audit_log", "balance_history", "balances", "call_budgets", "data_protection_keys", "disputes",
            "evidence_drafts", "evidence_files", "followed_payouts", "idempotency_keys", "integration_logs", "integrations",
            "migration_hashes", "operations",
            "orleans_clusters", "orleans_reminders", "orleans_silos", "orleans_state", "orleansquery", "parked_rows", "pass_rows", "payments",
            "payout_entries", "payout_entry_lists", "payouts",
            "provider_incidents",
            "schemaversions", "sync_cursors", "sync_runs", "transactions", "webhook_deliveries", "webhook_endpoints", "webhook_events",
            "webhook_payloads",
        };
        var made = await source.ListAsync<string>("""
            select relname::text from pg_class
            where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition order by relname
            """, Cancel);
        Assert.Equal(expected, made);
        Assert.True(await new DatabaseState(source).IsMigratedAsync(Cancel));
    }

    [Fact]
    public async Task An_empty_database_is_not_taken_for_a_migrated_one()
    {
        await shared.Postgres.Server.CreateDatabaseAsync("empty", cancel: Cancel);
        await using var source = NpgsqlDataSource.Create(shared.Postgres.Server.ConnectionString("empty"));
        Assert.False(await new DatabaseState(source).IsMigratedAsync(Cancel));
    }

    [Fact]
    public async Task Logs_have_a_partition_for_this_month_and_the_twelve_that_follow()
    {
        await using var source = await MigratedAsync();
        await new DatabaseState(source).EnsureLogPartitionsAsync(new DateOnly(2031, 11, 30), Cancel);
        await new DatabaseState(source).EnsureLogPartitionsAsync(new DateOnly(2031, 11, 30), Cancel);

        var months = await source.ListAsync<string>(
            "select relname::text from pg_class where relname ~ '^integration_logs_203[12]_[0-9]{2}$' order by relname", Cancel);
        Assert.Equal(Enumerable.Range(0, 13).Select(n => $"integration_logs_{new DateOnly(2031, 11, 1).AddMonths(n):yyyy_MM}"), months);
        await source.ExecuteAsync(
            "insert into integration_logs values (gen_random_uuid(), gen_random_uuid(), '2032-11-30 23:59:59Z', 'info', 'e', 'm')", Cancel);
        Assert.Equal("integration_logs_2032_11",
            await source.ScalarAsync<string>("select tableoid::regclass::text from integration_logs", Cancel));
    }

    [Fact]
    public async Task Running_twice_applies_nothing_the_second_time()
    {
        var connection = await shared.Postgres.CreateDatabaseAsync(Cancel);
        await using var source = NpgsqlDataSource.Create(connection);
        var before = await JournalAsync(source);
        await source.ExecuteAsync("update OrleansQuery set QueryText = 'touched' where QueryKey = 'ReadReminderRowKey'", Cancel);

        await Migrator.MigrateAsync(connection, Cancel);

        Assert.NotEmpty(before);
        Assert.Equal(before, await JournalAsync(source));
        Assert.Equal("touched",
            await source.ScalarAsync<string>("select QueryText from OrleansQuery where QueryKey = 'ReadReminderRowKey'", Cancel));
    }

    [Fact]
    public async Task Several_at_once_on_a_database_that_is_not_there_end_well_and_apply_each_script_once()
    {
        for (var round = 0; round < 3; round++)
        {
            var connection = Absent($"contended_{round}");
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Migrator.MigrateAsync(connection, Cancel), Cancel)));

            await using var source = NpgsqlDataSource.Create(connection);
            var applied = await source.ListAsync<string>("select scriptname from schemaversions order by scriptname", Cancel);
            Assert.Equal(applied.Distinct(), applied);
            Assert.Equal(await source.ListAsync<string>("select script from migration_hashes order by script", Cancel), applied);
        }
    }

    [Fact]
    public async Task A_script_that_was_edited_after_it_ran_is_refused_by_name()
    {
        var connection = await shared.Postgres.CreateDatabaseAsync(Cancel);
        await using var source = NpgsqlDataSource.Create(connection);
        await source.ExecuteAsync("update migration_hashes set sha256 = sha256('edited') where script = '0003_webhooks.sql'", Cancel);

        var refused = await Assert.ThrowsAsync<MigrationException>(() => Migrator.MigrateAsync(connection, Cancel));
        Assert.Contains("0003_webhooks.sql was changed", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_newer_than_the_program_is_refused_by_the_script_that_it_lacks()
    {
        var connection = await shared.Postgres.CreateDatabaseAsync(Cancel);
        await using var source = NpgsqlDataSource.Create(connection);
        await source.ExecuteAsync("insert into migration_hashes (script, sha256) values ('9999_tomorrow.sql', sha256('x'))", Cancel);

        var refused = await Assert.ThrowsAsync<MigrationException>(() => Migrator.MigrateAsync(connection, Cancel));
        Assert.Contains("9999_tomorrow.sql", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_that_fails_is_named_leaves_nothing_and_runs_when_its_cause_is_gone()
    {
        await shared.Postgres.Server.CreateDatabaseAsync("obstructed", cancel: Cancel);
        var connection = shared.Postgres.Server.ConnectionString("obstructed");
        await using var source = NpgsqlDataSource.Create(connection);
        await source.ExecuteAsync("create table disputes (in_the_way integer)", Cancel);

        var failed = await Assert.ThrowsAsync<MigrationException>(() => Migrator.MigrateAsync(connection, Cancel));
        Assert.Contains("0002_records.sql", failed.Message, StringComparison.Ordinal);
        Assert.False(await source.ScalarAsync<bool>("select to_regclass('accounts') is not null", Cancel));   // earlier in the same script

        await source.ExecuteAsync("drop table disputes", Cancel);
        await Migrator.MigrateAsync(connection, Cancel);
        Assert.True(await new DatabaseState(source).IsMigratedAsync(Cancel));
    }

    private string Absent(string name) => shared.Postgres.Server.ConnectionString(name);

    private async Task<NpgsqlDataSource> MigratedAsync() => NpgsqlDataSource.Create(await shared.Postgres.CreateDatabaseAsync(Cancel));

    private static Task<List<string>> JournalAsync(NpgsqlDataSource source) => source.ListAsync<string>(
        """
        select s.schemaversionsid || s.scriptname || s.applied || h.checked_at
        from schemaversions s join migration_hashes h on h.script = s.scriptname
        """, Cancel);
}
