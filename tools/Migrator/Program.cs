using FinanceIntegrations.Data.Migrations;
using FinanceIntegrations.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Npgsql;

var builder = Host.CreateApplicationBuilder(args);
builder.AddServiceDefaults();
var connection = builder.Configuration.GetConnectionString("postgres");
if (connection is null)
{
    await Console.Error.WriteLineAsync("ConnectionStrings:postgres is missing: a PostgreSQL connection string.");
    return 2;
}

// Started beside its database it may be the first: it waits for it, for at most two minutes.
var patience = TimeProvider.System.GetTimestamp();
while (true)
{
    try
    {
        await Migrator.MigrateAsync(connection);
        Console.WriteLine("The database is up to date.");
        return 0;
    }
    catch (NpgsqlException away) when (away is not PostgresException { SqlState: not "57P03" } && TimeProvider.System.GetElapsedTime(patience) < TimeSpan.FromMinutes(2))
    {
        Console.WriteLine($"Waiting for the database: {away.Message}");
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
    }
    catch (MigrationException refused)
    {
        await Console.Error.WriteLineAsync(refused.Message);
        return 1;
    }
}
