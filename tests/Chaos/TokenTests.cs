using FinanceIntegrations.Local.Services;
using FinanceIntegrations.RotatingProvider;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Chaos;

/// <summary>
/// Two silos; the one that makes several refreshes, each at another point, is killed. Whether a working token must be left is computed from the
/// sandbox's own log.
/// </summary>
public sealed class TokenTests : ChaosTest
{
    /// <summary>Stands for a provider that burns everything when a rotated token comes in again.</summary>
    private const string Burning = "quickbooks";

    /// <summary>A rotated token works for 30 minutes more.</summary>
    private const string Graceful = "xero";

    private static readonly int Kills = LongRun.Choose(usual: 2, full: 20);

    private static readonly string[] Silos = [ResourceNames.Silo, $"{ResourceNames.Silo}-2"];

    /// <summary>Long enough for the first to wait while the others come to their points. In this order: nothing holds a refresh after its commit.</summary>
    private static readonly Dictionary<string, string> Settings = new() { ["Tokens__CallTimeout"] = "00:00:10" };

    protected override LocalClusterOptions Options
    {
        get
        {
            var withProviders = RotatingProviders.Environment;
            return OptionsWith(Settings) with
            {
                Silos = Silos.Length,
                EnvironmentOf = Silos.Append(ResourceNames.Api).ToDictionary(name => name, _ => withProviders),
            };
        }
    }

    [Fact]
    public async Task A_silo_killed_around_a_refresh_loses_no_token_that_the_providers_rules_allow_to_keep()
    {
        await Sandbox.TokenLifeAsync(Burning, new { grace_seconds = 0, keeps_value_for_seconds = 0, reuse_burns = true }, Cancel);
        await Product.Processes.StopAsync(Silos[1]);   // so that all live on the first; they move to the other when it is killed, and back
        using var user = Product.User("alice");
        List<KilledRefresh> refreshes =
        [
            await ConnectedAsync(user, Graceful, KillPoint.AfterTheProviderRotated),
            await ConnectedAsync(user, Graceful, KillPoint.AfterItsAnswer),
        ];
        foreach (var point in Enum.GetValues<KillPoint>()) refreshes.Add(await ConnectedAsync(user, Burning, point));
        await Product.Processes.StartAsync(Silos[1], Cancel);

        for (var kill = 0; kill < Kills; kill++) await DieAsync(refreshes, Silos[kill % Silos.Length]);

        foreach (var refresh in refreshes)
        {
            await refresh.ReadyAsync(Cancel);
            (await user.PostAsync($"/{refresh.Id}/oauth/refresh", cancel: Cancel)).MustBeOk(await refresh.TellAsync(Cancel));
            Assert.Equal("rotated", (await Sandbox.RefreshesAsync(refresh.Provider, refresh.Account, Cancel))[^1].Outcome);
        }
    }

    private async Task<KilledRefresh> ConnectedAsync(ApiUser user, string provider, KillPoint point)
    {
        var account = await Sandbox.NewOrganisationAsync(provider, Cancel);
        return new(Product, user, await user.ConnectedBooksAsync(provider, account, Cancel)) { Provider = provider, Account = account, Point = point };
    }

    /// <summary>All at once: how long an intent is waited for is waited for only once.</summary>
    private async Task DieAsync(List<KilledRefresh> refreshes, string silo)
    {
        foreach (var refresh in refreshes) await refresh.ReadyAsync(Cancel);
        await Task.WhenAll(refreshes.GroupBy(refresh => refresh.Provider).Select(lane => HoldAsync(lane, silo)));
        await Product.Processes.KillAsync(silo);
        foreach (var refresh in refreshes) await refresh.ReleaseAsync(Cancel);
        await Task.WhenAll(refreshes.Select(SurvivesAsync));
        await Product.Processes.StartAsync(silo, Cancel);
    }

    /// <summary>One after the other: a fault strikes the first that refreshes at that provider.</summary>
    private static async Task HoldAsync(IEnumerable<KilledRefresh> lane, string silo)
    {
        foreach (var refresh in lane) await refresh.HoldAsync(silo, Cancel);
    }

    private async Task SurvivesAsync(KilledRefresh refresh)
    {
        var lost = await refresh.IsLostAsync(Cancel);
        var ends = await refresh.SettledAsync(Recovery, Cancel);
        var outcome = $"{refresh.Provider} {refresh.Point}: lost {lost}, {ends}, {await refresh.TellAsync(Cancel)}";
        if (lost && refresh.Provider == Burning)
        {
            Assert.True(ends == "expired", outcome);
            Assert.True(await refresh.OpenItemsAsync("consent_needed", Cancel) == 1, outcome);
            await refresh.ReconnectAsync(Cancel);   // the same integration, with all its data
            Assert.True(await refresh.OpenItemsAsync("consent_needed", Cancel) == 0, outcome);
        }
        else
        {
            Assert.True(ends == "active", outcome);
        }
        Assert.True(await refresh.SyncsAsync(Recovery, Cancel) == "succeeded", outcome);
    }
}

/// <summary>When the silo dies that makes the refresh.</summary>
public enum KillPoint
{
    AfterTheIntent,
    AfterTheProviderRotated,
    AfterItsAnswer,
    BeforeTheIntent,
    AfterTheCommit,
}
