namespace FinanceIntegrations.Domain.Incidents;

/// <summary>Trouble of a provider's own: many of its integrations fail alike. One, however many they are.</summary>
/// <param name="ErrorClass">What they fail with.</param>
/// <param name="Since">When it was seen.</param>
/// <param name="Affected">The most integrations that failed alike at one time.</param>
/// <param name="LastFailureAt">The newest failure that was seen.</param>
public sealed record ProviderIncident(Guid Id, string Provider, string ErrorClass, DateTimeOffset Since, int Affected, DateTimeOffset LastFailureAt);

/// <summary>How a provider's integrations fared within the window, each by its newest run.</summary>
/// <param name="Failing">Integrations that failed with this class.</param>
/// <param name="Well">Integrations that the provider served.</param>
/// <param name="LastFailureAt">Null: none failed.</param>
public sealed record Weather(string Provider, string ErrorClass, int Failing, int Well, DateTimeOffset? LastFailureAt)
{
    public int Seen => Failing + Well;
}

/// <param name="Window">How far back a run counts.</param>
/// <param name="MinAffected">Integrations that must fail alike, at least 2: one alone is no provider's trouble.</param>
/// <param name="OpensAt">Share of failing integrations that opens an incident.</param>
/// <param name="ClosesAt">Share below which it ends; under <paramref name="OpensAt"/>, so that it does not flicker.</param>
/// <param name="Silence">An incident of which nothing was heard for so long ends too: nobody is left whom it affects.</param>
public sealed record IncidentPolicy(TimeSpan Window, int MinAffected, double OpensAt, double ClosesAt, TimeSpan Silence)
{
    public static readonly IncidentPolicy Default = new(TimeSpan.FromMinutes(10), 5, 0.5, 0.2, TimeSpan.FromHours(12));

    public bool Opens(Weather weather) => weather.Failing >= MinAffected && weather.Failing >= OpensAt * weather.Seen;

    /// <summary>Silence is not success: integrations whose breakers are open ask seldom.</summary>
    public bool Ends(ProviderIncident incident, Weather weather, DateTimeOffset now) => weather.Seen == 0
        ? now - incident.LastFailureAt > Silence
        : weather.Well > 0 && weather.Failing < ClosesAt * weather.Seen;
}
