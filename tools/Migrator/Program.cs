using FinanceIntegrations.Data.Migrations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Polly;
using Polly.Retry;

var builder = Host.CreateApplicationBuilder(args);
var connection = builder.Configuration.GetConnectionString("postgres");
if (connection is null)
{
    await Console.Error.WriteLineAsync("ConnectionStrings:postgres is missing: a PostgreSQL connection string.");
    return 2;
}

// Started beside its database it may be the first: it waits for it, for about two minutes.
var patient = new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
{
    ShouldHandle = new PredicateBuilder().Handle<NpgsqlException>(away => away is not PostgresException { SqlState: not PostgresErrorCodes.CannotConnectNow }),
    BackoffType = DelayBackoffType.Constant,
    Delay = TimeSpan.FromSeconds(1),
    MaxRetryAttempts = 120,
    OnRetry = failed =>
    {
        Console.WriteLine($"Waiting for the database: {failed.Outcome.Exception?.Message}");
        return default;
    },
}).Build();

try
{
    await patient.ExecuteAsync(async cancel => await Migrator.MigrateAsync(connection, cancel));
    Console.WriteLine("The database is up to date.");
    return 0;
}
catch (Exception failure) when (failure is MigrationException or NpgsqlException)
{
    await Console.Error.WriteLineAsync(failure.Message);
    return 1;
}
