using System.Data.Common;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace FinanceIntegrations.Data;

public static class PostgresRegistration
{
    public const string ConnectionName = "postgres";

    /// <summary>Registers the process's one <see cref="NpgsqlDataSource"/> from <c>ConnectionStrings:postgres</c>.</summary>
    /// <exception cref="InvalidOperationException">The connection string is missing.</exception>
    public static IServiceCollection AddPostgres(this IServiceCollection services, IConfiguration configuration)
    {
        var connection = configuration.GetConnectionString(ConnectionName)
            ?? throw new InvalidOperationException($"ConnectionStrings:{ConnectionName} is missing: a PostgreSQL connection string.");
        services.AddSingleton<DatabaseState>();
        return services.AddSingleton(provider => CreateDataSource(connection, provider.GetService<ILoggerFactory>()));
    }

    /// <summary>A data source with our settings; what the connection string says itself wins.</summary>
    public static NpgsqlDataSource CreateDataSource(string connection, ILoggerFactory? logs = null)
    {
        // Npgsql's own builder cannot tell what was written from what is default; its base class can.
        var given = new DbConnectionStringBuilder { ConnectionString = connection };
        var ours = new NpgsqlConnectionStringBuilder(connection);
        if (!given.ContainsKey("Max Auto Prepare")) ours.MaxAutoPrepare = 60;      // else every statement is parsed and planned again each time
        if (!given.ContainsKey("Auto Prepare Min Usages")) ours.AutoPrepareMinUsages = 2;
        if (!given.ContainsKey("No Reset On Close")) ours.NoResetOnClose = true;   // we leave no session state behind
        if (!given.ContainsKey("Maximum Pool Size")) ours.MaxPoolSize = 24;        // mind the sum over processes against max_connections
        if (!given.ContainsKey("Timeout")) ours.Timeout = 5;
        var builder = new NpgsqlDataSourceBuilder(ours.ConnectionString);
        if (logs is not null) builder.UseLoggerFactory(logs);
        return builder.Build();
    }
}
