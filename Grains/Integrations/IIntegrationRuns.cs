using Orleans.Concurrency;

namespace FinanceIntegrations.Grains.Integrations;

/// <summary>What a grain's own background work tells it, as turns of their own. Never called from outside.</summary>
[GrainInterfaceType("fi.integration.runs"), Alias("fi.integration.runs")]
internal interface IIntegrationRuns : IGrainWithGuidKey
{
    /// <summary>The background run has an outcome; the activation that ran it holds it.</summary>
    [Alias("ended")] Task RunEnded(Guid runId);

    /// <summary>The provider refused the tokens obtained at that time, or they are due. True: there are others now.</summary>
    [Alias("renew"), AlwaysInterleave] Task<bool> RenewTokens(DateTimeOffset refusedObtainedAt);

    /// <summary>The keeper has a slot for its call: decide, and store what is going to be sent.</summary>
    [Alias("refresh-begin")] Task BeginRefresh();

    /// <summary>The token endpoint has answered, or never will: store that.</summary>
    [Alias("refresh-end")] Task EndRefresh();

    /// <summary>The provider has answered a write, or never will: store that.</summary>
    [Alias("write-end")] Task EndWrite(Guid id);

    /// <summary>A write was looked up: store what was seen.</summary>
    [Alias("write-look")] Task EndLook(Guid id);

    /// <summary>A write is past its deadline: from now on it is looked up.</summary>
    [Alias("write-abandon")] Task AbandonWrite(Guid id);

    /// <summary>Webhooks brought disputes, or payouts that failed: deadlines are looked at, and a person is told of what was ordered here.</summary>
    /// <returns>True: there was something to store, and the deliveries are done with it. False: there was not, and they are not marked.</returns>
    [Alias("records")] Task<bool> RecordsChanged(long[] eventIds, bool disputes, bool payouts);

    /// <summary>What a deleted integration had brought in is erased: store that.</summary>
    [Alias("purged")] Task Purged();

    /// <summary>Webhooks say that these streams have news: the deliveries are done when that is noted, and a run reads them.</summary>
    [Alias("asked")] Task StreamsAsked(long[] eventIds, string[] streams);

    /// <summary>A webhook says that the user left; the delivery is done with the change.</summary>
    [Alias("withdrawn")] Task ConsentWithdrawn(long eventId, DateTimeOffset at);
}
