using FinanceIntegrations.Local.Services;
using FinanceIntegrations.RotatingProvider;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Chaos;

/// <summary>Two silos; the one that refreshes is killed. Whether a working token must be left is computed from the sandbox's own log.</summary>
public sealed class TokenTests : ChaosTest
{
    /// <summary>Stands for a provider that burns everything when a rotated token comes in again.</summary>
    private const string Burning = "quickbooks";

    /// <summary>A rotated token works for 30 minutes more.</summary>
    private const string Graceful = "xero";

    private static readonly int Kills = LongRun.Choose(usual: 1, full: 20);

    protected override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string> { ["Tokens__CallTimeout"] = "00:00:04" };

    protected override LocalClusterOptions Options
    {
        get
        {
            var withProviders = RotatingProviders.Environment;
            return base.Options with
            {
                Silos = 2,
                EnvironmentOf = new Dictionary<string, IReadOnlyDictionary<string, string>>
                {
                    [ResourceNames.Silo] = withProviders,
                    [$"{ResourceNames.Silo}-2"] = withProviders,
                    [ResourceNames.Api] = withProviders,
                },
            };
        }
    }

    [Fact]
    public async Task A_silo_killed_around_a_refresh_loses_no_token_that_the_providers_rules_allow_to_keep()
    {
        await Sandbox.TokenLifeAsync(Burning, new { grace_seconds = 0, keeps_value_for_seconds = 0, reuse_burns = true }, Cancel);
        foreach (var point in Enum.GetValues<KillPoint>()) await KillAsync(Burning, point, Kills);
        await KillAsync(Graceful, KillPoint.AfterTheProviderRotated, Kills / 2);
        await KillAsync(Graceful, KillPoint.AfterItsAnswer, Kills / 2);
    }

    private async Task KillAsync(string provider, KillPoint point, int kills)
    {
        var account = await Sandbox.NewOrganisationAsync(provider, Cancel);
        using var user = Product.User("alice");
        var refresh = new KilledRefresh(Product, user, provider, account, await user.ConnectedBooksAsync(provider, account, Cancel));
        for (var kill = 0; kill < kills; kill++)
        {
            await refresh.ReadyAsync(Cancel);
            var (silo, lost) = await refresh.KillAsync(point, Cancel);
            await Product.Processes.StartAsync(silo, Cancel);
            var ends = await refresh.SettledAsync(Recovery, Cancel);
            var outcome = $"{provider} {point} {kill}: lost {lost}, {ends}, {await refresh.TellAsync(Cancel)}";
            if (lost && provider == Burning)
            {
                Assert.True(ends == "expired", outcome);
                Assert.True(await refresh.OpenItemsAsync("consent_needed", Cancel) == 1, outcome);
                await user.ConnectAsync(refresh.Id, account, Cancel);   // the same integration, with all its data
                Assert.True(await refresh.OpenItemsAsync("consent_needed", Cancel) == 0, outcome);
            }
            else
            {
                Assert.True(ends == "active", outcome);
            }
            Assert.Equal("succeeded", (string?)(await user.SyncAsync(refresh.Id, cancel: Cancel))["status"]);
        }
        await refresh.ReadyAsync(Cancel);   // and the refresh token that it is left with works
        (await user.PostAsync($"/{refresh.Id}/oauth/refresh", cancel: Cancel)).MustBeOk(await refresh.TellAsync(Cancel));
        Assert.Equal("rotated", (await Sandbox.RefreshesAsync(provider, account, Cancel))[^1].Outcome);
    }
}

/// <summary>When the silo dies that makes the refresh.</summary>
public enum KillPoint
{
    BeforeTheIntent,
    AfterTheIntent,
    AfterTheProviderRotated,
    AfterItsAnswer,
    AfterTheCommit,
}
