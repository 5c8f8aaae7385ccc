using FinanceIntegrations.Testing;
using Npgsql;

namespace FinanceIntegrations.Chaos;

/// <summary>A lock on an integration's row: the next write of its state waits for it.</summary>
internal sealed class HeldWrite : IAsyncDisposable
{
    private const string Waiting = "from pg_stat_activity where $1 = any(pg_blocking_pids(pid)) and query like '%orleans_write_state%'";

    private readonly ProductCluster _product;
    private readonly NpgsqlConnection _session;
    private readonly NpgsqlTransaction _transaction;

    private HeldWrite(ProductCluster product, NpgsqlConnection session, NpgsqlTransaction transaction) =>
        (_product, _session, _transaction) = (product, session, transaction);

    public static async Task<HeldWrite> OfAsync(ProductCluster product, string id, CancellationToken cancel)
    {
        var session = await product.Database.OpenConnectionAsync(cancel);
        var transaction = await session.BeginTransactionAsync(cancel);
        await using var hold = new NpgsqlCommand("select 1 from integrations where id = $1 for update", session, transaction);
        hold.Parameters.Add(new() { Value = Guid.Parse(id) });
        await hold.ExecuteNonQueryAsync(cancel);
        return new(product, session, transaction);
    }

    /// <summary>A write has come, and waits.</summary>
    /// <returns>Which process makes it.</returns>
    public Task<string> ArrivedAsync(TimeSpan limit, CancellationToken cancel) => Eventually.HoldsAsync("the write waits for the row",
        () => _product.ScalarAsync<string>($"select coalesce(min(application_name), '') {Waiting}", cancel, _session.ProcessID),
        name => name.Length > 0, limit, cancel);

    /// <summary>Its process is dead, which PostgreSQL does not notice: it would go on with the write when the lock goes.</summary>
    public Task EndAsync(TimeSpan limit, CancellationToken cancel) => Eventually.HoldsAsync("the write is gone",
        () => _product.ScalarAsync<long>($"select count(*) filter (where pg_terminate_backend(pid) is not null) {Waiting}", cancel, _session.ProcessID),
        left => left == 0, limit, cancel);

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _session.DisposeAsync();
    }
}
