using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Grains.Abstractions;
using FinanceIntegrations.Grains.Disputes;
using FinanceIntegrations.Grains.Incidents;
using FinanceIntegrations.Grains.Operations;
using FinanceIntegrations.Grains.Sync;
using FinanceIntegrations.Grains.Tokens;
using FinanceIntegrations.Grains.Webhooks;
using FinanceIntegrations.Providers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Grains.Integrations;

/// <summary>One integration: loads, asks Domain, stores, acts. Its parts: definition (here), authorization, tokens, runs, webhooks.</summary>
[GrainType("integration")]
internal sealed partial class IntegrationGrain(
    [PersistentState("integration", "integrations")] IPersistentState<IntegrationState> stored,
    ProviderRegistry providers,
    ProviderFeatures features,
    SyncEngine engine,
    SyncLimit limit,
    IOptions<ScheduleOptions> schedule,
    BreakerPolicies breakers,
    ProviderTrouble trouble,
    DeliveryWorker deliveries,
    TokenVault vault,
    IOptions<TrustOptions> trust,
    RefreshPace pace,
    Data.Attention.OpenItems items,
    Data.Sync.ParkedRows parked,
    Data.Sync.WholePasses passes,
    Data.Sync.PayoutSums sums,
    Data.Sync.FollowedPayouts payouts,
    Remapping remapping,
    Data.Integrations.PurgeStore purges,
    Data.Integrations.AccountHolders holders,
    GrainsTelemetry telemetry,
    TimeProvider clock,
    IOptions<TokenOptions> tokenOptions,
    IOptions<WriteOptions> writes,
    Data.Reading.OperationReader operations,
    IOrderFiles files,
    Data.Disputes.DisputeWatch disputes,
    IOptions<DisputeOptions> disputeOptions,
    ILogger<IntegrationGrain> log) : Grain, IIntegrationGrain, IIntegrationRuns, IRemindable, IDisposable
{
    private static readonly Refusal NotFound = new("not_found", "No such integration.");

    private readonly CancellationTokenSource _stopping = new();
    private IntegrationState _published = new();

    private IntegrationState State => stored.State;

    private Guid Id => this.GetPrimaryKey();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        stored.State = State with { Outbox = new() };   // what was stored was applied with it, once
        _published = State;
        if (State is { Exists: true, Run: { } unfinished }) StartInBackground(unfinished);   // its silo died: go on from the last page
        if (State is { Exists: true, Refresh: not null }) KeepAhead();   // begun, and its end is unknown
        if (State.Exists) KeepWrites();
        if (State.PurgePending) KeepPurging();
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_run ?? Task.CompletedTask, _pump ?? Task.CompletedTask, _purge ?? Task.CompletedTask)
            .WaitAsync(LongestGoodbye, clock, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await FinishRefresh(CancellationToken.None);
        await FinishWrites(cancellationToken);
    }

    public async Task<Reply<IntegrationStatusView>> Create(CreateIntegration command, CancellationToken cancel)
    {
        if (State.DeletedAt is not null) return NotFound;
        if (State.Exists) return State.Owner == command.Owner ? View() : NotFound;
        if (!ProviderId.TryParse(command.Provider, out var provider)) return new Refusal("provider_unknown", "No such provider.");
        if (Words.TypeOf(command.Type) is not { } type) return new Refusal("integration_type_unknown", "No such integration type.");
        await Commit(Lifecycle.Created(
            new(command.Owner, command.Name, type, provider)
            {
                OAuthProvider = command.OAuthProvider,
                Config = command.Config,
                Metadata = command.Metadata,
                SyncFrequencyMinutes = command.SyncFrequencyMinutes,
            },
            Id, clock.GetUtcNow()));
        return View();
    }

    public async Task<Reply<IntegrationStatusView>> Update(UpdateIntegration command, CancellationToken cancel)
    {
        if (!State.Exists) return NotFound;
        var update = new IntegrationUpdate(command.Name, command.Config, command.Metadata, command.SyncFrequencyMinutes, command.IsActive);
        await CommitWithReminder(Lifecycle.Updated(State, update, clock.GetUtcNow()));
        if (!command.IsActive) CancelRun();
        KeepWrites();
        return View();
    }

    public async Task<Reply<DeletionView>> Delete(bool purge, CancellationToken cancel)
    {
        if (!State.Exists) return NotFound;
        if (!await CallsEnded())
        {
            await GoOnAfterWrite();   // of those that have ended
            return CallsUnderWay;
        }
        CancelRun();
        var (revoked, message) = await RevokeAtProvider(cancel);
        await CommitWithReminder(Lifecycle.Deleted(State, purge, message, clock.GetUtcNow()));
        if (purge) KeepPurging();
        else DeactivateOnIdle();
        return new DeletionView(revoked, purge ? $"{message} Its data is being erased." : message);
    }

    public Task<Reply<IntegrationStatusView>> GetStatus(CancellationToken cancel) =>
        Task.FromResult<Reply<IntegrationStatusView>>(_published.Exists ? View() : NotFound);

    public void Dispose()
    {
        _stopping.Dispose();
        _runCancel?.Dispose();
        _pause?.Dispose();
        _pumpCancel?.Dispose();
    }

    private IntegrationStatusView View() =>
        StatusView.Of(_published, _historyShare, clock.GetUtcNow(), trouble.Of(_published.Provider, _published.LastProblem?.Class));

    /// <summary>Stores the state, its row and its outbox in one statement. Readers see it only when it is stored.</summary>
    private async Task Commit(IntegrationState next)
    {
        try
        {
            await Write(next);
        }
        catch (Exception failure)
        {
            Drop(failure);
            throw;
        }
    }

    private async Task Write(IntegrationState next)
    {
        stored.State = next with { HealthScore = HealthScore.Of(next, clock.GetUtcNow()).Score };
        try
        {
            await stored.WriteStateAsync(CancellationToken.None);
        }
        catch
        {
            stored.State = _published;
            throw;
        }
        stored.State = stored.State with { Outbox = new() };
        _published = stored.State;
    }

    /// <summary>Why nothing of the provider may be called; null: it may.</summary>
    private async ValueTask<Refusal?> SwitchedOff() =>
        ProviderId.TryParse(State.Provider, out var id) && !await features.AllowsAsync(id) ? Words.RefusalOfRun(Lifecycle.ProviderIsOff, null) : null;

    /// <summary>Memory and storage may differ: the next activation reads the truth.</summary>
    private void Drop(Exception failure)
    {
        LogCommitFailed(failure, Id);
        DeactivateOnIdle();
    }

    private ProviderId Provider => ProviderId.TryParse(_published.Provider, out var id) ? id : default;

    private IConnector? Connector() => ProviderId.TryParse(State.Provider, out var id) ? providers.Find(id) : null;

    private bool IsConfigured => ProviderId.TryParse(State.Provider, out var id) && providers.IsConfigured(id);

    private IAuthorizes? Authorizer() => ProviderId.TryParse(State.Provider, out var id) ? providers.Authorizer(id) : null;

    private static Refusal RefusalOf(ProviderError error) =>
        new("provider_error", error.Message) { ErrorClass = ErrorClasses.Name(error.Class), RetryAfter = error.RetryAfter };
}
