using FinanceIntegrations.Data.Incidents;
using FinanceIntegrations.Domain.Incidents;
using FinanceIntegrations.Domain.Providers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Grains.Incidents;

/// <summary>
/// Sees a provider's own trouble as one incident: looks how its integrations fared lately, over all silos, and lets Domain judge. Every silo
/// looks; an incident begins and ends in the database once, and whoever does it logs it.
/// </summary>
internal sealed partial class IncidentWatch(
    IncidentStore store, ProviderTrouble trouble, TimeProvider clock, IOptions<IncidentOptions> options, ILogger<IncidentWatch> log) : BackgroundService
{
    private static readonly string[] Classes =
        [.. Enum.GetValues<ErrorClass>().Where(c => new ProviderError(c, "", "").ProviderInTrouble).Select(ErrorClasses.Name)];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Interval, clock);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogLookFailed(failure);   // the database is away: what was known stands until the next look
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LookAsync(CancellationToken cancel)
    {
        var (now, policy) = (clock.GetUtcNow(), options.Value.Policy);
        var open = await store.OpenAsync(cancel);
        if (open.Count > 0 || await store.AnyTroubleAsync(now - policy.Window, cancel))
        {
            await JudgeAsync(open, await store.LatestAsync(now - policy.Window, now, Classes, cancel), policy, now, cancel);
            open = await store.OpenAsync(cancel);
        }
        trouble.Publish(open);
    }

    private async Task JudgeAsync(
        IReadOnlyList<ProviderIncident> open, IReadOnlyList<Fared> fared, IncidentPolicy policy, DateTimeOffset now, CancellationToken cancel)
    {
        var kinds = fared.Where(f => f.ErrorClass is not null).Select(f => (f.Provider, Class: f.ErrorClass!))
            .Union(open.Select(i => (i.Provider, Class: i.ErrorClass)));
        foreach (var (provider, kind) in kinds)
        {
            var failing = fared.FirstOrDefault(f => f.Provider == provider && f.ErrorClass == kind);
            var well = fared.FirstOrDefault(f => f.Provider == provider && f.ErrorClass is null);
            var weather = new Weather(provider, kind, failing?.Integrations ?? 0, well?.Integrations ?? 0, failing?.Newest);
            await ApplyAsync(open.FirstOrDefault(i => i.Provider == provider && i.ErrorClass == kind), weather, policy, now, cancel);
        }
    }

    private async Task ApplyAsync(ProviderIncident? incident, Weather weather, IncidentPolicy policy, DateTimeOffset now, CancellationToken cancel)
    {
        if (incident is null)
        {
            if (!policy.Opens(weather)) return;
            incident = new(Guid.CreateVersion7(now), weather.Provider, weather.ErrorClass, now, weather.Failing, weather.LastFailureAt ?? now);
            if (await store.BeginAsync(incident, cancel)) LogBegun(weather.Provider, weather.ErrorClass, weather.Failing, weather.Seen);
        }
        else if (policy.Ends(incident, weather, now))
        {
            if (await store.EndAsync(incident.Id, now, cancel)) LogEnded(incident.Provider, incident.ErrorClass, now - incident.Since, incident.Affected);
        }
        else if (weather.LastFailureAt is { } last)
        {
            await store.GoesOnAsync(incident with { Affected = weather.Failing, LastFailureAt = last }, cancel);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Provider} is in trouble ({ErrorClass}): {Failing} of the last {Seen} integrations fail alike")]
    private partial void LogBegun(string provider, string errorClass, int failing, int seen);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Provider} is well again ({ErrorClass}) after {Length}; {Affected} integrations failed alike")]
    private partial void LogEnded(string provider, string errorClass, TimeSpan length, int affected);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Providers' trouble could not be looked for; the next look is soon")]
    private partial void LogLookFailed(Exception failure);
}
