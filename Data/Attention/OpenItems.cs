using System.Text.Json;
using FinanceIntegrations.Domain.Attention;
using Npgsql;

namespace FinanceIntegrations.Data.Attention;

/// <summary>Items of one integration, for the grain that settles them.</summary>
public sealed class OpenItems(NpgsqlDataSource database)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The item, and how it was settled; null: the integration has no such item.</summary>
    public async Task<ItemState?> FindAsync(Guid integration, Guid item, CancellationToken cancel)
    {
        // Index: the primary key.
        await using var command = database.CreateCommand("""
            select key, kind, stream, choices::text, resolved_by, choice from attention_items where id = $1 and integration_id = $2
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = item });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = integration });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel)) return null;
        var choices = JsonSerializer.Deserialize<List<AttentionChoice>>(reader.GetString(3), Json) ?? [];
        return new(
            reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), [.. choices.Select(c => c.Code)],
            reader.IsDBNull(4) ? null : reader.GetString(4), reader.IsDBNull(5) ? null : reader.GetString(5));
    }
}

/// <param name="Key">Of <see cref="AttentionItem"/>.</param>
/// <param name="SettledBy">Null: it is open.</param>
public sealed record ItemState(string Key, string Kind, string? Stream, IReadOnlyList<string> Choices, string? SettledBy, string? Choice);
