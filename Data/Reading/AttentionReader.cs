using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;

namespace FinanceIntegrations.Data.Reading;

/// <summary>An item of the attention list: what needs a person, and who decided what.</summary>
public sealed record AttentionEntry
{
    public required Guid Id { get; init; }
    public required Guid IntegrationId { get; init; }

    /// <summary>consent_needed, consent_ends_soon, rows_parked, data_suspicious, stream_failed, repeated_failure, outcome_unknown, dispute_due, payout_failed, payout_mismatch…</summary>
    public required string Kind { get; init; }

    /// <summary>open or resolved.</summary>
    public string Status => ResolvedAt is null ? "open" : "resolved";
    public string? Stream { get; init; }
    public required string WhatHappened { get; init; }

    /// <summary>What it costs to leave it alone.</summary>
    public required string AtStake { get; init; }
    public required IReadOnlyList<AttentionEntryChoice> Choices { get; init; }
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>How often it was raised while open.</summary>
    public required int Times { get; init; }
    public required DateTimeOffset RaisedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>The user who decided; system where the reason went away by itself.</summary>
    public string? ResolvedBy { get; init; }

    /// <summary>One of the choices, or gone.</summary>
    public string? Choice { get; init; }
    public string? Note { get; init; }
}

/// <param name="Code">What resolve takes.</param>
public sealed record AttentionEntryChoice(string Code, string Label);

/// <summary>Null: any.</summary>
public sealed record AttentionFilter(bool? Open, string? Kind, Guid? Integration);

/// <summary>Reads users' attention lists. Every statement carries the owner; what was deleted asks for nothing any more.</summary>
public sealed class AttentionReader(NpgsqlDataSource database)
{
    // Indexes: attention_items_of_owner, and the primary key of integrations.
    private const string ListSql = """
        select a.id, a.integration_id, a.kind, a.stream, a.what_happened, a.at_stake, a.choices::text, a.due_at, a.times, a.raised_at,
               a.updated_at, a.resolved_at, a.resolved_by, a.choice, a.note
        from attention_items a
        join integrations i on i.id = a.integration_id
        where a.owner_id = $1 and (a.raised_at, a.id) < ($2, $3) and i.deleted_at is null
          and ($4 is null or (a.resolved_at is null) = $4) and ($5 is null or a.kind = $5) and ($6 is null or a.integration_id = $6)
        order by a.raised_at desc, a.id desc
        limit $7
        """;

    // Index: the primary keys.
    private const string FindSql = """
        select a.id, a.integration_id, a.kind, a.stream, a.what_happened, a.at_stake, a.choices::text, a.due_at, a.times, a.raised_at,
               a.updated_at, a.resolved_at, a.resolved_by, a.choice, a.note
        from attention_items a
        join integrations i on i.id = a.integration_id
        where a.id = $1 and a.owner_id = $2 and i.deleted_at is null
        """;

    // Index: attention_items_one_open.
    private const string CountSql = "select count(*) from attention_items where integration_id = $1 and resolved_at is null";

    public async Task<IReadOnlyList<AttentionEntry>> ListAsync(
        string owner, AttentionFilter filter, Position<Guid> after, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ListSql);
        command.With(owner).With(after.At).With(after.Id).With(filter.Open).With(filter.Kind).With(filter.Integration).With(limit);
        return await command.ListAsync(Read, cancel);
    }

    public async Task<AttentionEntry?> FindAsync(Guid item, string owner, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(FindSql);
        return await command.With(item).With(owner).FirstAsync(Read, cancel);
    }

    /// <summary>Open items of an integration.</summary>
    public async Task<int> CountOpenAsync(Guid integration, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(CountSql);
        return (int)(long)(await command.With(integration).ExecuteScalarAsync(cancel))!;
    }

    private static AttentionEntry Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        IntegrationId = row.GetGuid(1),
        Kind = row.GetString(2),
        Stream = row.Text(3),
        WhatHappened = row.GetString(4),
        AtStake = row.GetString(5),
        Choices = JsonSerializer.Deserialize(row.GetString(6), AttentionJson.Default.IReadOnlyListAttentionEntryChoice) ?? [],
        DueAt = row.TimeOrNull(7),
        Times = row.GetInt32(8),
        RaisedAt = row.Time(9),
        UpdatedAt = row.Time(10),
        ResolvedAt = row.TimeOrNull(11),
        ResolvedBy = row.Text(12),
        Choice = row.Text(13),
        Note = row.Text(14),
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IReadOnlyList<AttentionEntryChoice>))]
internal sealed partial class AttentionJson : JsonSerializerContext;
