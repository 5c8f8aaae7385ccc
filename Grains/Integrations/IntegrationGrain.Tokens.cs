using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Grains.Abstractions;

namespace FinanceIntegrations.Grains.Integrations;

/// <summary>The token keeper: this grain alone refreshes, one call at a time, and says so in storage before it calls.</summary>
internal sealed partial class IntegrationGrain
{
    /// <summary>Callers that waited for a refresh are answered by its result.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    private (DateTimeOffset At, ProviderError Error)? _lastFailure;

    /// <summary>Why the last renewal that a run asked for brought no tokens: a token endpoint that is away does not end a consent.</summary>
    private ProviderError? _refusedRefresh;

    public async Task<Reply<RefreshView>> RefreshTokens(bool onlyIfDue, CancellationToken cancel)
    {
        if (!State.Exists) return NotFound;
        if (State.Tokens is not { } tokens) return new Refusal("not_connected", "There are no tokens to refresh: connect the account.");
        if (!State.Enabled) return Words.RefusalOfRun("switched_off", null);
        if (State.Status == IntegrationStatus.Expired) return Words.RefusalOfRun("authorization_expired", null);
        if (await SwitchedOff() is { } off) return off;
        var now = clock.GetUtcNow();
        if (onlyIfDue ? !TokenPolicy.IsDue(tokens, now) : now - tokens.ObtainedAt < Fresh) return new RefreshView(false, tokens.ExpiresAt);
        return await Refresh() is { } error ? RefusalOf(error) : new RefreshView(true, State.Tokens.ExpiresAt);
    }

    public async Task<bool> RenewTokens(DateTimeOffset refusedObtainedAt)
    {
        if (State.Tokens is not { } tokens || State.Status == IntegrationStatus.Expired) return false;
        if (tokens.ObtainedAt > refusedObtainedAt) return true;
        _refusedRefresh = await Refresh();
        return _refusedRefresh is null;
    }

    /// <summary>Intent committed → call → new tokens committed. From the answer to its commit nothing may cancel.</summary>
    private async Task<ProviderError?> Refresh()
    {
        var now = clock.GetUtcNow();
        if (Authorizer() is not { } authorizer) return new(ErrorClass.Validation, "provider_not_configured", "This deployment cannot connect this provider.");
        if (vault.Open(State).RefreshToken is not { } refreshToken)
            return new(ErrorClass.Authentication, "no_refresh_token", "The provider gave no refresh token: the user authorizes again.");
        if (State.Refresh is { } other && now < other.Deadline)
            return new(ErrorClass.Network, "refresh_under_way", "Another refresh was begun and has not ended yet.");
        if (_lastFailure is { } last && last.At > State.Tokens!.ObtainedAt && now - last.At < Fresh) return last.Error;   // waited for it

        await Commit(Lifecycle.RefreshBegun(State, new() { Attempt = Guid.CreateVersion7(now), Deadline = now + TokenPolicy.IntentLifetime }, now));
        var answer = await authorizer.RefreshAsync(refreshToken, CancellationToken.None);
        now = clock.GetUtcNow();
        if (answer.Error is { } error)
        {
            _lastFailure = (now, error);
            LogProviderRefused(Id, "the token refresh", ErrorClasses.Name(error.Class), error.Code);
            await Commit(Lifecycle.RefreshFailed(State, error, now));
            return error;
        }
        await Commit(Lifecycle.Refreshed(State, vault.Seal(Id, answer.Value, State.Tokens, now), now));
        return null;
    }
}
