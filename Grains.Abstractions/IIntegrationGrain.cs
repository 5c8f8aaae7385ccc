using Orleans.Concurrency;

namespace FinanceIntegrations.Grains.Abstractions;

/// <summary>One integration. Key: its id. Every answer comes within a second, or is a run's id.</summary>
[GrainInterfaceType("fi.integration"), Alias("fi.integration")]
public interface IIntegrationGrain : IGrainWithGuidKey
{
    /// <summary>Creates the integration. Called again with the same id it answers the same and changes nothing.</summary>
    [Alias("create")] Task<Reply<IntegrationStatusView>> Create(CreateIntegration command, CancellationToken cancel = default);

    [Alias("update")] Task<Reply<IntegrationStatusView>> Update(UpdateIntegration command, CancellationToken cancel = default);

    /// <summary>Revokes at the provider, stops reminders, hides the integration. Says so if it could not revoke.</summary>
    /// <param name="purge">Erases its data too, in the background: answered when that is committed, not when the last row is gone.</param>
    [Alias("delete")] Task<Reply<DeletionView>> Delete(bool purge, CancellationToken cancel = default);

    /// <summary>Last stored status. Answers while a sync runs.</summary>
    [Alias("status"), AlwaysInterleave] Task<Reply<IntegrationStatusView>> GetStatus(CancellationToken cancel = default);

    /// <summary>Commits nonce and PKCE verifier, answers the provider's address.</summary>
    [Alias("authorize")] Task<Reply<AuthorizationView>> BeginAuthorization(BeginAuthorization command, CancellationToken cancel = default);

    /// <summary>Burns the nonce, exchanges the code, commits the tokens, starts the first sync.</summary>
    [Alias("token")] Task<Reply<IntegrationStatusView>> CompleteAuthorization(CompleteAuthorization command, CancellationToken cancel = default);

    /// <summary>Refreshes the tokens now. Any number of callers wait for the one refresh under way, each for 20 s at most.</summary>
    /// <param name="onlyIfDue">Leave tokens alone that are not near their expiry.</param>
    [Alias("refresh"), AlwaysInterleave] Task<Reply<RefreshView>> RefreshTokens(bool onlyIfDue, CancellationToken cancel = default);

    /// <summary>Starts a sync, or joins the one under way.</summary>
    [Alias("sync")] Task<Reply<SyncTicket>> StartSync(StartSync command, CancellationToken cancel = default);

    /// <summary>Tries the connection: each check with its time and verdict, or, after 20 s, that they took too long. Holds up nothing else.</summary>
    [Alias("test"), AlwaysInterleave] Task<Reply<ConnectionTestView>> Test(CancellationToken cancel = default);

    /// <summary>Does what a person decides about an item of the attention list, and keeps who decided. The same answer again changes nothing.</summary>
    [Alias("resolve")] Task<Reply<SettledView>> Resolve(ResolveAttention command, CancellationToken cancel = default);

    /// <summary>Maps parked rows again from what was kept of them; the provider is not called. Answers within a second, if need be with where to go on.</summary>
    [Alias("remap")] Task<Reply<RemapView>> Remap(RemapParked command, CancellationToken cancel = default);

    /// <summary>Asks the provider what the accounts hold now, once, for at most three seconds. Stores nothing.</summary>
    [Alias("balances"), AlwaysInterleave] Task<Reply<LiveBalancesView>> ReadBalances(CancellationToken cancel = default);

    /// <summary>Changes something at the provider: committed, then sent once, in the background. Asked again with the same id, nothing is sent again.</summary>
    [Alias("write")] Task<Reply<WriteView>> Write(StartWrite command, CancellationToken cancel = default);

    /// <summary>There may be webhook deliveries waiting. A hint: losing it costs the time until the sweep.</summary>
    [Alias("webhooks"), OneWay, AlwaysInterleave] Task TakeWebhooks();
}
