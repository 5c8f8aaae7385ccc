using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Tokens;
using FinanceIntegrations.Grains.Abstractions;
using FinanceIntegrations.Grains.Tokens;

namespace FinanceIntegrations.Grains.Integrations;

/// <summary>
/// The token keeper: this grain alone refreshes, one call at a time, in the background, and says so in storage before it calls. Everybody
/// waits for the one refresh in flight.
/// </summary>
internal sealed partial class IntegrationGrain
{
    private static readonly ProviderError UnderWay = new(ErrorClass.Network, "refresh_under_way", "Another refresh was begun and has not ended yet.");

    private static readonly ProviderError NoRefreshToken =
        new(ErrorClass.Authentication, "no_refresh_token", "There is no refresh token that could be sent: the user authorizes again.");

    /// <summary>Stands for the refresh token where the deployment's own credentials bring the tokens.</summary>
    private const string IssuedTokens = "issued";

    private Task<ProviderError?>? _keeping;
    private RefreshWish? _wish;
    private RefreshDecision _decision;
    private RefreshIntent? _intent;
    private Task<ProviderResult<TokenGrant>>? _call;
    private (RefreshIntent Intent, ProviderResult<TokenGrant> Answer, DateTimeOffset At)? _answered;
    private (DateTimeOffset At, ProviderError Error)? _lastFailure;

    /// <summary>Why the last renewal that a run asked for brought no tokens: a token endpoint that is away does not end a consent.</summary>
    private ProviderError? _refusedRefresh;

    private bool IsKeeping => _keeping is { IsCompleted: false };

    private TokenRules Rules => Connector()?.Info.Tokens ?? new();

    /// <summary>Who owns the intents of this activation.</summary>
    private string Me => $"{GrainContext.Address.SiloAddress}/{GrainContext.ActivationId}";

    public async Task<Reply<RefreshView>> RefreshTokens(bool onlyIfDue, CancellationToken cancel)
    {
        if (!_published.Exists) return NotFound;
        if (_published.Tokens is null) return new Refusal("not_connected", "There are no tokens to refresh: connect the account.");
        if (!_published.Enabled) return Words.RefusalOfRun("switched_off", null);
        if (_published.Status == IntegrationStatus.Expired) return Words.RefusalOfRun("authorization_expired", null);
        if (await SwitchedOff() is { } off) return off;
        var wish = onlyIfDue ? RefreshWish.Due : RefreshWish.Demanded;
        var joins = IsKeeping;
        if (!joins && !IsNeeded(wish)) return new RefreshView(false, _published.Tokens.ExpiresAt);
        if (!joins && _lastFailure is { } last && clock.GetUtcNow() - last.At < RefreshDecision.Fresh) return RefusalOf(last.Error);   // waited for it
        return await OutcomeOf(Keep(wish), cancel) is { } error ? RefusalOf(error) : new RefreshView(!joins, _published.Tokens?.ExpiresAt);
    }

    public async Task<bool> RenewTokens(DateTimeOffset refusedObtainedAt)
    {
        if (_published.Tokens is not { } tokens || _published.Status == IntegrationStatus.Expired) return false;
        if (tokens.ObtainedAt > refusedObtainedAt) return true;
        _refusedRefresh = await OutcomeOf(Keep(RefreshWish.After401(refusedObtainedAt)), CancellationToken.None);
        return _refusedRefresh is null;
    }

    /// <summary>The decision is a turn of its own: whatever is sent is stored before.</summary>
    public async Task BeginRefresh()
    {
        await CommitAnswer();   // one that could not be stored: what it brought is sent next, and not what it replaced
        if (_wish is not { } wish) return;
        if (State.Refresh is { } other && other.Owner != Me) await ReadAgain();
        var now = clock.GetUtcNow();
        var fingerprint = VaultFingerprint();
        _decision = RefreshDecision.Of(State, wish, Rules, fingerprint, Me, now);
        if (_decision.Step == RefreshStep.GiveUp) await CommitWithReminder(Lifecycle.RefreshGivenUp(State, NoRefreshToken, now));
        if (!_decision.Sends) return;
        var intent = new RefreshIntent
        {
            Attempt = Guid.CreateVersion7(now),
            Owner = Me,
            Fingerprint = fingerprint!,
            BegunAt = now,
            Deadline = now + tokenOptions.Value.CallTimeout + TokenPolicy.Spare,
        };
        await CommitWithReminder(Lifecycle.RefreshBegun(State, intent, now));   // a crash from here on finds an alarm clock at the deadline
        _intent = intent;
    }

    public Task EndRefresh() => CommitAnswer();

    /// <summary>Refreshes ahead of expiry, or brings an intent that was left open to its end; nobody waits for it.</summary>
    private void KeepAhead()
    {
        if (!IsKeeping) _ = Observe(Keep(RefreshWish.Due));

        async Task Observe(Task keeping)
        {
            try
            {
                await keeping;
            }
            catch (Exception failure)
            {
                if (!_stopping.IsCancellationRequested) LogKeepingStopped(failure, Id);   // the next tick tries again
            }
        }
    }

    private Task<ProviderError?> Keep(RefreshWish wish) => _keeping is { IsCompleted: false } running ? running : _keeping = KeepInBackground(wish);

    /// <summary>A caller's patience ends before Orleans' does; the refresh goes on.</summary>
    private async Task<ProviderError?> OutcomeOf(Task<ProviderError?> keeping, CancellationToken cancel)
    {
        try
        {
            return await keeping.WaitAsync(tokenOptions.Value.CallerWait, TimeProvider.System, cancel);
        }
        catch (TimeoutException)
        {
            return UnderWay with { RetryAfter = TokenPolicy.Spare };
        }
    }

    /// <summary>Slot → intent committed → call → new tokens committed. Null: there are good tokens.</summary>
    private async Task<ProviderError?> KeepInBackground(RefreshWish wish)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (Authorizer() is not { } authorizer) return new(ErrorClass.Validation, "provider_not_configured", "This deployment cannot connect this provider.");
        while (true)
        {
            if (!IsNeeded(wish)) return null;
            if (await SwitchedOff() is { } off) return new(ErrorClass.Validation, off.Code, off.Message);
            var urgent = wish.Reason == RefreshReason.Due ? _published.Tokens?.ExpiresAt ?? DateTimeOffset.MaxValue : DateTimeOffset.MinValue;
            await pace.EnterAsync(Provider, Rules, urgent, _stopping.Token);   // before the intent: waiting takes nothing from its deadline
            await Begin(wish);
            switch (_decision.Step)
            {
                case RefreshStep.NotNeeded:
                    return null;
                case RefreshStep.GiveUp:
                    return NoRefreshToken;
                case RefreshStep.Later:
                    return TriedBefore(_decision.Until!.Value);
                case RefreshStep.Wait:
                    LogRefreshElsewhere(Id, _decision.Until!.Value);
                    await Task.Delay(Later(_decision.Until.Value), clock, _stopping.Token);
                    continue;
            }
            if (_intent is not { } intent) throw new OperationCanceledException("The activation ends.");
            if (_decision.Step != RefreshStep.Go) LogTokenReused(Id, _decision.Step);
            var answer = await (_call = Call(authorizer, intent));
            await StoreAnswer();
            return answer.Error;
        }
    }

    /// <summary>A turn that waits for 30 s behind others is dropped: then another is asked for, until the answer is stored.</summary>
    private async Task StoreAnswer()
    {
        while (_answered is not null && !_stopping.IsCancellationRequested)
        {
            try
            {
                await this.AsReference<IIntegrationRuns>().EndRefresh().WaitAsync(_stopping.Token);
            }
            catch (TimeoutException)
            {
                LogTokensWait(Id, "other turns take long");
            }
        }
    }

    private async Task Begin(RefreshWish wish)
    {
        (_wish, _intent) = (wish, null);
        try
        {
            await this.AsReference<IIntegrationRuns>().BeginRefresh().WaitAsync(_stopping.Token);
        }
        finally
        {
            _wish = null;   // a turn that comes later than anybody waits for it begins nothing
        }
    }

    /// <summary>Never throws: whatever happens is the attempt's answer.</summary>
    private async Task<ProviderResult<TokenGrant>> Call(IAuthorizes authorizer, RefreshIntent intent)
    {
        using var limit = new CancellationTokenSource(tokenOptions.Value.CallTimeout, TimeProvider.System);
        ProviderResult<TokenGrant> answer;
        try
        {
            var held = vault.Open(_published);
            answer = held.RefreshToken is null && authorizer is IIssuesTokens issuer
                ? await issuer.IssueAsync(held.ExternalAccountId, limit.Token)
                : await authorizer.RefreshAsync(held.RefreshToken!, limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            answer = new ProviderError(ErrorClass.OutcomeUnknown, "timeout", "The call was sent and no answer came: it may have taken effect.");
        }
        catch (Exception bug)
        {
            LogRefreshBroke(Id, bug.GetType().Name);   // its text may hold what the provider said
            answer = new ProviderError(ErrorClass.OutcomeUnknown, "refresh_broke", "The refresh met an error of ours: it may have taken effect.");
        }
        if (answer.Error is { Class: ErrorClass.RateLimited } slow) pace.Pause(Provider, slow.RetryAfter ?? TokenPolicy.Spare);
        telemetry.TokensRefreshed(_published.Provider, answer.Error is { } error ? ErrorClasses.Name(error.Class) : "refreshed");
        _answered = (intent, answer, clock.GetUtcNow());
        return answer;
    }

    /// <summary>Before the grain goes or is deleted: a call that is under way is heard to its end, and what it brought is stored.</summary>
    /// <returns>False: the patience has ended before the call.</returns>
    private async Task<bool> FinishRefresh(CancellationToken patience)
    {
        if (_call is { } call) await ((Task)call).WaitAsync(patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await CommitAnswer();
        return _call is null or { IsCompleted: true };
    }

    private bool IsNeeded(RefreshWish wish) => _published.Refresh is not null
        || RefreshDecision.Of(_published, wish, Rules, "", Me, clock.GetUtcNow()).Step != RefreshStep.NotNeeded;

    private string? VaultFingerprint() => State.Tokens is null
        ? null
        : TokenVault.Fingerprint(vault.Open(State).RefreshToken) ?? (Authorizer() is IIssuesTokens ? IssuedTokens : null);

    private TimeSpan Later(DateTimeOffset until) => until - clock.GetUtcNow() is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero;

    private ProviderError TriedBefore(DateTimeOffset again) =>
        new(ErrorClass.ProviderUnavailable, "refresh_failed_before", "The tokens could not be refreshed; that is tried again later.") { RetryAfter = Later(again) };
}
