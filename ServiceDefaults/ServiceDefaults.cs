using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace FinanceIntegrations.ServiceDefaults;

/// <summary>What every process of ours does the same way: telemetry by OTLP when configured, health endpoints, graceful shutdown.</summary>
public static class ServiceDefaults
{
    private const string Live = "live";

    /// <summary>Meters and activity sources of Orleans, Npgsql and our rooms.</summary>
    private static readonly string[] Sources =
        ["Microsoft.Orleans", "Microsoft.Orleans.Runtime", "Microsoft.Orleans.Application", "FinanceIntegrations.Grains", "FinanceIntegrations.Api"];

    /// <summary>OTLP goes out only where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [Live]);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(20));
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])) return builder;

        builder.Logging.AddOpenTelemetry(logs =>
        {
            logs.IncludeFormattedMessage = true;
            logs.IncludeScopes = true;
        });
        builder.Services.AddOpenTelemetry()
            .WithTracing(traces => traces.AddSource(Sources).AddNpgsql()
                .AddAspNetCoreInstrumentation(web => web.Filter = context => !IsHealth(context.Request.Path))
                .AddHttpClientInstrumentation())
            .WithMetrics(metrics => metrics.AddMeter(Sources).AddNpgsqlInstrumentation()
                .AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation())
            .UseOtlpExporter();
        return builder;
    }

    /// <summary><c>/alive</c>: the process runs. <c>/health</c>: it can do its work, with what it depends on.</summary>
    public static IEndpointRouteBuilder MapServiceHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/health").AllowAnonymous().ShortCircuit();
        routes.MapHealthChecks("/alive", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Live) }).AllowAnonymous().ShortCircuit();
        return routes;
    }

    private static bool IsHealth(Microsoft.AspNetCore.Http.PathString path) => path.StartsWithSegments("/health") || path.StartsWithSegments("/alive");
}
