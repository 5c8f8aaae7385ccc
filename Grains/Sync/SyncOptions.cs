using System.ComponentModel.DataAnnotations;

namespace FinanceIntegrations.Grains.Sync;

public sealed class SyncOptions
{
    public const string Section = "Sync";

    /// <summary>Runs at one time on one silo. Default 16.</summary>
    [Range(1, 1_000)]
    public int MaxRunsPerSilo { get; set; } = 16;

    /// <summary>Streams of one integration at one time. Default 1: a crash then costs at most the page being written and the one being fetched.</summary>
    [Range(1, 16)]
    public int MaxStreamsPerRun { get; set; } = 1;

    /// <summary>How often a silo looks for runs and webhook deliveries that nobody works on. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(5);
}
