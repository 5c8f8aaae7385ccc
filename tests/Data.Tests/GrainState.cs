using System.Text.Json;
using FinanceIntegrations.Domain.Integrations;
using Npgsql;

namespace FinanceIntegrations.Data.Tests;

/// <summary>Writes a grain's state as Orleans does: by the statement in OrleansQuery.</summary>
internal static class GrainState
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static byte[] Payload(IntegrationState state) => JsonSerializer.SerializeToUtf8Bytes(state, Json);

    /// <param name="version">Null: the grain has read no record.</param>
    /// <returns>The new version; null for a conflict.</returns>
    public static Task<int?> WriteStateAsync(this NpgsqlDataSource source, IntegrationState state, int? version,
        CancellationToken cancel) =>
        source.WriteStateAsync(state.Id, Payload(state), version, cancel);

    public static async Task<int?> WriteStateAsync(
        this NpgsqlDataSource source, Guid grain, byte[] payload, int? version, CancellationToken cancel)
    {
        var text = await source.ScalarAsync<string>("select QueryText from OrleansQuery where QueryKey = 'WriteToStorageKey'", cancel);
        await using var command = source.CreateCommand(text);
        var key = grain.ToByteArray();
        command.Parameters.AddWithValue("GrainIdHash", grain.GetHashCode());
        command.Parameters.AddWithValue("GrainIdN0", BitConverter.ToInt64(key, 0));
        command.Parameters.AddWithValue("GrainIdN1", BitConverter.ToInt64(key, 8));
        command.Parameters.AddWithValue("GrainTypeHash", 1);
        command.Parameters.AddWithValue("GrainTypeString", "integration");
        command.Parameters.Add(new("GrainIdExtensionString", NpgsqlTypes.NpgsqlDbType.Text) { Value = DBNull.Value });
        command.Parameters.AddWithValue("ServiceId", "finance");
        command.Parameters.Add(new("GrainStateVersion", NpgsqlTypes.NpgsqlDbType.Integer) { Value = version is { } v ? v : DBNull.Value });
        command.Parameters.AddWithValue("PayloadBinary", payload);
        return await command.ExecuteScalarAsync(cancel) as int?;
    }
}
