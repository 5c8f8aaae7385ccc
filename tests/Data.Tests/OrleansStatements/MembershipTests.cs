using System.Net;
using Xunit;

namespace FinanceIntegrations.Data.Tests.OrleansStatements;

/// <summary>Cluster membership by Orleans' own provider over our statements. Each test is a cluster of its own.</summary>
public sealed class MembershipTests(OwnDatabase own) : DatabaseTest(own)
{
    private readonly OwnDatabase _own = own;
    private readonly string _cluster = $"{NewId():N}";

    [Fact]
    public async Task A_cluster_begins_once_however_many_silos_begin_it()
    {
        await using var orleans = await StartAsync(initialize: false);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => orleans.Membership.InitializeMembershipTableAsync(true, Cancel)));
        var seen = await orleans.Membership.ReadAllAsync(Cancel);
        Assert.Equal((0, 0), (seen.Version.Version, seen.Members.Count));
        Assert.Equal(1, await Source.ScalarAsync<long>("select count(*) from orleans_clusters where deployment_id = $1", Cancel, _cluster));
    }

    [Fact]
    public async Task A_silo_that_joins_is_read_back_whole_and_raises_the_version()
    {
        await using var orleans = await StartAsync();
        var silo = Silo(1);
        Assert.True(await orleans.Membership.InsertRowAsync(silo, await NextAsync(orleans), Cancel));

        foreach (var seen in new[] {
            await orleans.Membership.ReadAllAsync(Cancel), await orleans.Membership.ReadRowAsync(silo.SiloAddress, Cancel) })
        {
            Assert.Equal(1, seen.Version.Version);
            var member = Assert.Single(seen.Members).Item1;
            Assert.Equal(
                (silo.SiloAddress, silo.SiloName, silo.HostName, silo.Status, silo.ProxyPort, silo.StartTime, silo.IAmAliveTime),
                (member.SiloAddress, member.SiloName, member.HostName, member.Status, member.ProxyPort, member.StartTime,
                    member.IAmAliveTime));
            Assert.Empty(member.SuspectTimes ?? []);
        }
    }

    [Fact]
    public async Task A_row_that_is_not_there_still_says_the_version()
    {
        await using var orleans = await StartAsync();
        Assert.True(await orleans.Membership.InsertRowAsync(Silo(1), await NextAsync(orleans), Cancel));
        var seen = await orleans.Membership.ReadRowAsync(Silo(2).SiloAddress, Cancel);
        Assert.Equal((1, 0), (seen.Version.Version, seen.Members.Count));
    }

    [Fact]
    public async Task A_silo_that_is_there_or_a_version_that_is_old_changes_nothing()
    {
        await using var orleans = await StartAsync();
        var old = await NextAsync(orleans);
        Assert.True(await orleans.Membership.InsertRowAsync(Silo(1), old, Cancel));

        Assert.False(await orleans.Membership.InsertRowAsync(Silo(1), await NextAsync(orleans), Cancel));   // its row is not new
        Assert.False(await orleans.Membership.InsertRowAsync(Silo(2), old, Cancel));
        Assert.False(await orleans.Membership.UpdateRowAsync(Silo(1, SiloStatus.Dead), "0", old, Cancel));
        var unknown = Silo(2, SiloStatus.Dead);
        Assert.False(await orleans.Membership.UpdateRowAsync(unknown, "0", await NextAsync(orleans), Cancel));

        var seen = await orleans.Membership.ReadAllAsync(Cancel);
        Assert.Equal(1, seen.Version.Version);
        Assert.Equal(SiloStatus.Active, Assert.Single(seen.Members).Item1.Status);
    }

    [Fact]
    public async Task Suspicions_and_status_travel_with_an_update()
    {
        await using var orleans = await StartAsync();
        var silo = Silo(1);
        Assert.True(await orleans.Membership.InsertRowAsync(silo, await NextAsync(orleans), Cancel));
        silo.Status = SiloStatus.Dead;
        silo.AddSuspector(Silo(2).SiloAddress, Begin.UtcDateTime);
        silo.AddSuspector(Silo(3).SiloAddress, Begin.UtcDateTime.AddSeconds(5));
        Assert.True(await orleans.Membership.UpdateRowAsync(silo, "1", await NextAsync(orleans), Cancel));

        var seen = await orleans.Membership.ReadAllAsync(Cancel);
        var member = Assert.Single(seen.Members).Item1;
        Assert.Equal((2, SiloStatus.Dead), (seen.Version.Version, member.Status));
        Assert.Equal(silo.SuspectTimes, member.SuspectTimes);
    }

    [Fact]
    public async Task Of_silos_that_change_the_cluster_at_once_one_wins_each_version()
    {
        await using var orleans = await StartAsync();
        for (var round = 0; round < 5; round++)
        {
            var next = await NextAsync(orleans);
            var joined = await Task.WhenAll(Enumerable.Range(1, 6)
                .Select(n => orleans.Membership.InsertRowAsync(Silo((10 * round) + n), next, Cancel)));
            Assert.Single(joined, true);
        }
        var seen = await orleans.Membership.ReadAllAsync(Cancel);
        Assert.Equal((5, 5), (seen.Version.Version, seen.Members.Count));
    }

    [Fact]
    public async Task A_sign_of_life_moves_its_time_and_not_the_version()
    {
        await using var orleans = await StartAsync();
        var silo = Silo(1);
        Assert.True(await orleans.Membership.InsertRowAsync(silo, await NextAsync(orleans), Cancel));
        silo.IAmAliveTime = silo.IAmAliveTime.AddMinutes(3);
        await orleans.Membership.UpdateIAmAliveAsync(silo, Cancel);

        var seen = await orleans.Membership.ReadAllAsync(Cancel);
        Assert.Equal((1, silo.IAmAliveTime), (seen.Version.Version, Assert.Single(seen.Members).Item1.IAmAliveTime));
    }

    [Fact]
    public async Task Gateways_are_the_active_silos_that_have_one()
    {
        await using var orleans = await StartAsync();
        var silos = new[] { Silo(1), Silo(2), Silo(3, SiloStatus.Dead), Silo(4, SiloStatus.Joining), Silo(5, proxy: 0) };
        foreach (var silo in silos) Assert.True(await orleans.Membership.InsertRowAsync(silo, await NextAsync(orleans), Cancel));

        await orleans.Gateways.InitializeGatewayListProviderAsync(Cancel);
        var seen = await orleans.Gateways.GetGatewaysAsync(Cancel);
        Assert.Equal([30001, 30002], seen.Select(uri => uri.Port).Order());
    }

    [Fact]
    public async Task Clean_up_takes_silos_long_gone_and_never_an_active_one()
    {
        await using var orleans = await StartAsync();
        var (gone, recent, silent) = (Silo(1, SiloStatus.Dead), Silo(2, SiloStatus.Dead), Silo(3));
        recent.IAmAliveTime = Begin.UtcDateTime.AddDays(2);
        foreach (var silo in new[] { gone, recent, silent })
            Assert.True(await orleans.Membership.InsertRowAsync(silo, await NextAsync(orleans), Cancel));

        await orleans.Membership.CleanupDefunctSiloEntriesAsync(Begin.AddDays(1), Cancel);
        var left = (await orleans.Membership.ReadAllAsync(Cancel)).Members.Select(m => m.Item1.SiloAddress);
        Assert.Equal(new[] { recent.SiloAddress, silent.SiloAddress }.Order(), left.Order());
    }

    [Fact]
    public async Task Clusters_do_not_see_each_other_and_are_deleted_alone()
    {
        await using var orleans = await StartAsync();
        await using var other = await OrleansProviders.StartAsync(_own, cluster: _cluster + "-other");
        await other.Membership.InitializeMembershipTableAsync(true, Cancel);
        Assert.True(await orleans.Membership.InsertRowAsync(Silo(1), await NextAsync(orleans), Cancel));
        Assert.True(await other.Membership.InsertRowAsync(Silo(2), await NextAsync(other), Cancel));

        await orleans.Membership.DeleteMembershipTableEntriesAsync(_cluster, Cancel);
        Assert.Equal(Silo(2).SiloAddress, Assert.Single((await other.Membership.ReadAllAsync(Cancel)).Members).Item1.SiloAddress);
        Assert.Equal(0, await Source.ScalarAsync<long>("select count(*) from orleans_silos where deployment_id = $1", Cancel, _cluster));
    }

    private static MembershipEntry Silo(int number, SiloStatus status = SiloStatus.Active, int? proxy = null) => new()
    {
        SiloAddress = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 11_000 + number), 42),
        SiloName = $"silo-{number}",
        HostName = "host",
        Status = status,
        ProxyPort = proxy ?? 30_000 + number,
        StartTime = Begin.UtcDateTime,
        IAmAliveTime = Begin.UtcDateTime.AddSeconds(1),
    };

    private async Task<OrleansProviders> StartAsync(bool initialize = true)
    {
        var orleans = await OrleansProviders.StartAsync(_own, cluster: _cluster);
        if (initialize) await orleans.Membership.InitializeMembershipTableAsync(true, Cancel);
        return orleans;
    }

    private static async Task<TableVersion> NextAsync(OrleansProviders orleans) =>
        (await orleans.Membership.ReadAllAsync(Cancel)).Version.Next();
}
