using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using FinanceIntegrations.Data;
using FinanceIntegrations.Data.KeyRings;
using FinanceIntegrations.Grains;
using FinanceIntegrations.Providers;
using FinanceIntegrations.Silo;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FinanceIntegrations.Benchmarks.Schedule;

/// <summary>One silo in this process, composed as Silo/Program.cs does, with the instant provider beside the real ones.</summary>
internal sealed class BenchSilo : IAsyncDisposable
{
    private static readonly (int Silo, int Gateway) Ports = (FreePort(), FreePort());

    private readonly IHost _host;

    private BenchSilo(IHost host, TimeSpan started)
    {
        _host = host;
        Started = started;
    }

    /// <summary>How long it took to become active.</summary>
    public TimeSpan Started { get; }

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public IReminderTable Reminders => _host.Services.GetRequiredService<IReminderTable>();

    /// <summary>Managed heap after a collection, in bytes.</summary>
    public static long Heap()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    public static async Task<BenchSilo> StartAsync(string connection)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(Settings(connection));
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Orleans", LogLevel.Error);
        builder.Services.AddPostgres(builder.Configuration);
        builder.Services.AddTokenKeyRing(builder.Configuration, builder.Environment);
        builder.Services.AddProviders(builder.Configuration);
        builder.Services.AddIntegrationGrains();
        new InstantProvider().Register(builder.Services);
        builder.UseOrleans(SiloSetup.Configure);
        var host = builder.Build();
        var clock = Stopwatch.StartNew();
        await host.StartAsync();
        return new(host, clock.Elapsed);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static Dictionary<string, string?> Settings(string connection)
    {
        var settings = new Dictionary<string, string?>
        {
            [$"ConnectionStrings:{ResourceNames.Database}"] = connection,
            ["DataProtection:TokenMasterKey"] = Convert.ToBase64String(new byte[32]),
            ["Orleans:ClusterId"] = ResourceNames.Orleans,
            ["Orleans:ServiceId"] = ResourceNames.Orleans,
            ["Orleans:Endpoints:AdvertisedIPAddress"] = "127.0.0.1",
            ["Orleans:Endpoints:SiloPort"] = $"{Ports.Silo}",
            ["Orleans:Endpoints:GatewayPort"] = $"{Ports.Gateway}",
        };
        foreach (var provider in new[] { "Clustering", "Reminders", $"GrainStorage:{ResourceNames.GrainStorage}" })
        {
            settings[$"Orleans:{provider}:ProviderType"] = ResourceNames.OrleansProvider;
            settings[$"Orleans:{provider}:Invariant"] = ResourceNames.OrleansInvariant;
            settings[$"Orleans:{provider}:ConnectionName"] = ResourceNames.Database;
        }
        return settings;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
