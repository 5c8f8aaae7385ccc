using Npgsql;

namespace FinanceIntegrations.Data.Reading;

/// <summary>An integration that an administrator's sweep looks at.</summary>
/// <param name="At">What the sweep goes by: next sync, or when the tokens are to be refreshed.</param>
public sealed record Candidate(Guid Id, DateTimeOffset? At);

/// <summary>Pages of all users' integrations, for administrators.</summary>
public sealed class CandidateReader(NpgsqlDataSource database)
{
    private const int PageSize = 500;

    // Index: the primary key.
    private const string ConnectedSql = """
        select id, next_sync_at
        from integrations
        where id > $1 and deleted_at is null and is_active and (status in ('active', 'error') or status_reason = 'provider_switched_off') and ($2 is null or provider = $2)
        order by id
        limit $3
        """;

    // Index: integrations_by_token_refresh.
    private const string DueTokensSql = """
        select id, token_refresh_at
        from integrations
        where (token_refresh_at, id) > ($1, $2) and token_refresh_at is not null and token_refresh_at <= $3
          and deleted_at is null and is_active and status in ('active', 'error') and ($4 is null or provider = $4)
        order by token_refresh_at, id
        limit $5
        """;

    /// <summary>Every connected integration that its user has switched on, with its next sync. Whether its provider is, the grain knows.</summary>
    public async IAsyncEnumerable<Candidate> ConnectedAsync(
        string? provider, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var last = Guid.Empty;
        while (true)
        {
            await using var command = database.CreateCommand(ConnectedSql);
            var page = await command.With(last).With(provider).With(PageSize).ListAsync(Read, cancel);
            foreach (var candidate in page) yield return candidate;
            if (page.Count < PageSize) yield break;
            last = page[^1].Id;
        }
    }

    /// <summary>Every connected integration whose tokens are to be refreshed, the longest due first.</summary>
    public async IAsyncEnumerable<Candidate> WithDueTokensAsync(
        string? provider, DateTimeOffset now, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var last = new Candidate(Guid.Empty, DateTimeOffset.MinValue);
        while (true)
        {
            await using var command = database.CreateCommand(DueTokensSql);
            command.With(last.At!.Value).With(last.Id).With(now).With(provider).With(PageSize);
            var page = await command.ListAsync(Read, cancel);
            foreach (var candidate in page) yield return candidate;
            if (page.Count < PageSize) yield break;
            last = page[^1];
        }
    }

    private static Candidate Read(NpgsqlDataReader row) => new(row.GetGuid(0), row.TimeOrNull(1));
}
