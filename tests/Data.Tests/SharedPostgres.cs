using FinanceIntegrations.Data.Migrations;
using FinanceIntegrations.Data.Tests;
using FinanceIntegrations.Testing;
using Npgsql;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedPostgres))]

namespace FinanceIntegrations.Data.Tests;

/// <summary>One PostgreSQL for the whole assembly.</summary>
public sealed class SharedPostgres : IAsyncLifetime
{
    private PostgresFixture? _postgres;

    public PostgresFixture Postgres => _postgres ?? throw new InvalidOperationException("not started");

    public async ValueTask InitializeAsync() =>
        _postgres = await PostgresFixture.StartAsync(connection =>
            Migrator.MigrateAsync(connection, CancellationToken.None), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null) await _postgres.DisposeAsync();
    }
}

/// <summary>A test class's own migrated database, reached as the product reaches it.</summary>
public sealed class OwnDatabase(SharedPostgres shared) : IAsyncLifetime
{
    private NpgsqlDataSource? _source;

    public string ConnectionString { get; private set; } = "";

    public NpgsqlDataSource Source => _source ?? throw new InvalidOperationException("not started");

    public async ValueTask InitializeAsync()
    {
        ConnectionString = await shared.Postgres.CreateDatabaseAsync(CancellationToken.None);
        _source = PostgresRegistration.CreateDataSource(ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        if (_source is not null) await _source.DisposeAsync();
    }
}
