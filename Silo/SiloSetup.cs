using Orleans.Configuration;

namespace FinanceIntegrations.Silo;

/// <summary>What configuration does not say. Clustering, storage and reminders come from <c>Orleans:…</c>.</summary>
internal static class SiloSetup
{
    /// <summary>Reminders due within it are held in memory. The range read (migration 0015) answers those of 6 minutes, which must stay more than both together.</summary>
    public static readonly TimeSpan ReminderWindow = TimeSpan.FromMinutes(3);

    public static readonly TimeSpan ReminderRefresh = TimeSpan.FromMinutes(1);

    public static void Configure(ISiloBuilder silo)
    {
        silo.AddActivityPropagation();
        silo.Configure<ClusterMembershipOptions>(o =>
        {
            // A silo that was killed and comes back on its ports is declared dead by its successor; others are found dead in seconds.
            o.ProbeTimeout = TimeSpan.FromSeconds(2);
            o.NumMissedProbesLimit = 3;
            o.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(15);
            o.DefunctSiloExpiration = TimeSpan.FromDays(1);
            o.DefunctSiloCleanupPeriod = TimeSpan.FromHours(1);
        });
        silo.Configure<GrainCollectionOptions>(o => o.CollectionAge = TimeSpan.FromMinutes(15));
        silo.Configure<ReminderOptions>(o =>
        {
            o.MinimumReminderPeriod = TimeSpan.FromMinutes(1);
            o.ReminderLoadingWindow = ReminderWindow;
            o.RefreshReminderListPeriod = ReminderRefresh;
        });
    }
}
