using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Chaos;

/// <summary>The silo is killed around payouts and evidence at every provider: each is done at most once, and its end is known, or asked.</summary>
[Collection<OneSilo>]
public sealed class WriteTests(OneSilo shared) : ChaosTest(shared)
{
    private static readonly int Rounds = LongRun.Choose(usual: 1, full: 10);

    internal static readonly IReadOnlyDictionary<string, string> Settings = new Dictionary<string, string>
    {
        ["Writes__CallTimeout"] = "00:00:10",   // long enough for the first to wait while the others come to their points
        ["Writes__Settling"] = "00:00:03",
        ["Writes__FirstPause"] = "00:00:00.200",
    };

    /// <summary>All at once, and one death for them all: how long a dead sender is waited for is waited for only once.</summary>
    [Fact]
    public async Task A_payout_or_evidence_whose_silo_dies_on_the_way_is_done_at_most_once_and_its_end_is_known()
    {
        using var user = Product.User(OneSilo.Owner, writer: true);
        for (var round = 0; round < Rounds; round++)
        {
            List<List<KilledWrite>> lanes = [.. ProviderWrite.All(Sandbox, Cancel)
                .Select(what => Enum.GetValues<WritePoint>().Select(point => new KilledWrite(Product, user, what, point)).ToList())];
            var writes = lanes.SelectMany(lane => lane).ToList();
            await Task.WhenAll(writes.Select(write => write.ConnectAsync(Cancel)));
            await Task.WhenAll(lanes.Select(HoldAsync));
            await Product.Processes.KillAsync(ResourceNames.Silo);
            foreach (var write in writes) await write.ReleaseAsync(Cancel);
            await Product.Processes.StartAsync(ResourceNames.Silo, Cancel);
            await Task.WhenAll(writes.Select(write => write.WakeAsync(Recovery, Cancel)));
            foreach (var write in writes) await write.EndsAsync(Recovery, Cancel);
            foreach (var write in writes) await write.StaysAsync(Cancel);
        }
    }

    /// <summary>One after the other: a fault strikes a path, whoever calls it.</summary>
    private static async Task HoldAsync(IEnumerable<KilledWrite> lane)
    {
        foreach (var write in lane) await write.HoldAsync(Cancel);
    }
}
