using CsCheck;
using FinanceIntegrations.Domain.Incidents;
using FinanceIntegrations.Domain.Integrations;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

public sealed class IncidentTests
{
    private static readonly IncidentPolicy Policy = IncidentPolicy.Default;
    private static readonly DateTimeOffset Now = States.Begin;

    private static readonly Gen<Weather> AnyWeather = Gen.Select(Gen.Int[0, 1_000], Gen.Int[0, 1_000]).Select((failing, well) => Of(failing, well));

    [Fact]
    public void Few_failures_are_no_incident_whatever_their_share() =>
        Gen.Select(Gen.Int[0, Policy.MinAffected - 1], Gen.Int[0, 100]).Sample((failing, well) => Assert.False(Policy.Opens(Of(failing, well))));

    [Fact]
    public void Many_failures_among_many_more_that_are_served_are_no_incident() => Assert.False(Policy.Opens(Of(failing: 400, well: 600)));

    [Fact]
    public void What_opens_an_incident_does_not_end_it() =>
        AnyWeather.Sample(weather => Assert.False(Policy.Opens(weather) && Policy.Ends(Incident(Now), weather, Now)));

    [Fact]
    public void One_more_failure_never_ends_an_incident_and_one_more_success_never_opens_one() =>
        AnyWeather.Sample(weather =>
        {
            if (!Policy.Ends(Incident(Now), weather, Now)) Assert.False(Policy.Ends(Incident(Now), weather with { Failing = weather.Failing + 1 }, Now));
            if (!Policy.Opens(weather)) Assert.False(Policy.Opens(weather with { Well = weather.Well + 1 }));
        });

    [Fact]
    public void Silence_is_no_success_until_it_has_lasted()
    {
        Assert.False(Policy.Ends(Incident(Now - Policy.Silence), Of(0, 0), Now));
        Assert.True(Policy.Ends(Incident(Now - Policy.Silence), Of(0, 0), Now.AddTicks(1)));
    }

    [Fact]
    public void An_incident_changes_the_advice_of_an_affected_connection_and_no_point_of_its_score() =>
        States.AnyState.Sample(life =>
        {
            var (alone, within) = (HealthScore.Of(life.State, life.Now), HealthScore.Of(life.State, life.Now, Incident(Now)));
            Assert.Equal(alone.Score, within.Score);
            Assert.Equal(alone.Losses.Select(l => (l.Cause, l.Points)), within.Losses.Select(l => (l.Cause, l.Points)));
            Assert.All(within.Losses.Where(l => l.Cause is "recent_failures" or "circuit_open" or "stale_data"),
                l => Assert.StartsWith("Nothing to do here: the provider itself", l.Advice, StringComparison.Ordinal));
        });

    private static Weather Of(int failing, int well) => new("stripe", "provider_unavailable", failing, well, failing > 0 ? Now : null);

    private static ProviderIncident Incident(DateTimeOffset lastFailure) =>
        new(Guid.CreateVersion7(Now), "stripe", "provider_unavailable", Now, 7, lastFailure);
}
