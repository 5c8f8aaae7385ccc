using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace FinanceIntegrations.Data.KeyRings;

/// <summary>Data Protection key rings in PostgreSQL, each under a master key of its own that never stands in the database.</summary>
public static class KeyRing
{
    /// <summary>OAuth state and webhook secrets: Api and Silo.</summary>
    public const string Edge = "edge";

    /// <summary>Providers' tokens: Silo only.</summary>
    public const string Tokens = "tokens";

    public static IServiceCollection AddEdgeKeyRing(this IServiceCollection services, IConfiguration configuration, IHostEnvironment environment) =>
        services.Add(Edge, configuration["DataProtection:EdgeMasterKey"], "DataProtection:EdgeMasterKey", environment);

    public static IServiceCollection AddTokenKeyRing(this IServiceCollection services, IConfiguration configuration, IHostEnvironment environment) =>
        services.Add(Tokens, configuration["DataProtection:TokenMasterKey"], "DataProtection:TokenMasterKey", environment);

    private static IServiceCollection Add(
        this IServiceCollection services, string ring, string? masterKeys, string setting, IHostEnvironment environment)
    {
        var keys = MasterKeys.Parse(masterKeys, setting, environment);
        return services.AddKeyedSingleton(ring, (provider, _) =>
        {
            // A container of its own: Data Protection knows one ring per container, and a process may hold two.
            var inner = new ServiceCollection();
            inner.AddSingleton(keys);
            inner.AddSingleton(provider.GetRequiredService<ILoggerFactory>());
            inner.AddLogging();
            inner.AddDataProtection().SetApplicationName($"finance-integrations/{ring}");
            inner.Configure<KeyManagementOptions>(options =>
            {
                options.XmlRepository = new PostgresKeyRepository(provider.GetRequiredService<NpgsqlDataSource>(), ring);
                options.XmlEncryptor = new MasterKeyEncryptor(keys);
            });
            return inner.BuildServiceProvider().GetRequiredService<IDataProtectionProvider>();
        });
    }
}
