using FinanceIntegrations.Data;
using FinanceIntegrations.Data.Endpoints;
using FinanceIntegrations.Data.KeyRings;
using FinanceIntegrations.Grains;
using FinanceIntegrations.Providers;
using FinanceIntegrations.ServiceDefaults;
using FinanceIntegrations.Silo;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.AddServiceDefaults();
builder.Services.AddPostgres(builder.Configuration);
builder.Services.AddTokenKeyRing(builder.Configuration, builder.Environment);
builder.Services.AddProviders(builder.Configuration);
builder.Services.AddIntegrationGrains();
builder.Services.AddHealthChecks().AddCheck<SiloReady>("silo");
builder.Services.AddSingleton<IdempotencyKeys>();
builder.Services.AddHostedService<Housekeeping>();
builder.UseOrleans(SiloSetup.Configure);

var app = builder.Build();
app.MapServiceHealth();
await DatabaseWait.UntilMigratedAsync(app.Services, app.Lifetime.ApplicationStopping);
await app.RunAsync();
