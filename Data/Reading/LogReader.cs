using Npgsql;

namespace FinanceIntegrations.Data.Reading;

/// <summary>A line of an integration's log.</summary>
/// <param name="Level">info, warning or error.</param>
public sealed record IntegrationLog(Guid Id, DateTimeOffset At, string Level, string Event, string Message);

public sealed class LogReader(NpgsqlDataSource database)
{
    // Index: integration_logs_newest, in each month's partition that the time leaves.
    private const string ListSql = """
        select id, at, level, event, message
        from integration_logs
        where integration_id = $1 and (at, id) < ($2, $3) and at >= $4 and at < $5 and ($6 is null or level = $6)
        order by at desc, id desc
        limit $7
        """;

    public async Task<IReadOnlyList<IntegrationLog>> ListAsync(
        Guid integration, string? level, Period period, Position<Guid> after, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ListSql);
        command.With(integration).With(after.At).With(after.Id).With(period.From).With(period.To).With(level).With(limit);
        return await command.ListAsync(r => new IntegrationLog(r.GetGuid(0), r.Time(1), r.GetString(2), r.GetString(3), r.GetString(4)), cancel);
    }
}
