using Npgsql;

namespace FinanceIntegrations.Benchmarks.Schedule;

/// <summary>Moves time by moving what is due. Only while no silo runs: state, row and reminder are changed alike.</summary>
internal sealed class DueTimes(NpgsqlDataSource database)
{
    /// <summary>Spreads all integrations' next syncs evenly over a span of time that begins so far from now.</summary>
    public async Task SpreadAsync(TimeSpan from, TimeSpan over)
    {
        await using var connection = await database.OpenConnectionAsync();
        await RunAsync(connection, "create temporary table due (id uuid primary key, at timestamptz not null)");
        await RunAsync(connection, """
            insert into due select id, now() + $1 + $2 * ((row_number() over (order by md5(id::text)))::float8 / count(*) over ()) from integrations
            """, from, over);
        await RunAsync(connection, "update integrations i set next_sync_at = due.at from due where due.id = i.id");
        await RunAsync(connection, """
            update orleans_state s
            set payload = convert_to(jsonb_set(convert_from(s.payload, 'UTF8')::jsonb, '{next_sync_at}', to_jsonb(due.at))::text, 'UTF8')
            from due where due.id = (convert_from(s.payload, 'UTF8')::jsonb ->> 'id')::uuid
            """);
        await RunAsync(connection, """
            update orleans_reminders r set start_time = due.at from due where r.grain_id = 'integration/' || replace(due.id::text, '-', '')
            """);
        await RunAsync(connection, "drop table due");
        await RunAsync(connection, "vacuum analyze");
    }

    /// <summary>Reminders of integrations that are not there, none due before that time: they are only read.</summary>
    public async Task AddRemindersAsync(int count, TimeSpan from, TimeSpan over)
    {
        await using var connection = await database.OpenConnectionAsync();
        await RunAsync(connection, """
            insert into orleans_reminders (service_id, grain_id, reminder_name, start_time, period_ms, grain_hash, version)
            select (select service_id from orleans_reminders limit 1), 'integration/' || md5('more' || n), 'sync', now() + $1 + $2 * random(), 3600000,
                (random() * 4294967295 - 2147483648)::bigint::integer, 0
            from generate_series(1, $3) n
            """, from, over, count);
        await RunAsync(connection, "vacuum analyze orleans_reminders");
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        foreach (var value in values) command.Parameters.AddWithValue(value);
        await command.ExecuteNonQueryAsync();
    }
}
