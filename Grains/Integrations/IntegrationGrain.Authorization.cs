using System.Security.Cryptography;
using System.Text;
using FinanceIntegrations.Data;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Grains.Abstractions;

namespace FinanceIntegrations.Grains.Integrations;

/// <summary>Consent by OAuth: the nonce is committed before the user leaves and burned before the code is sent.</summary>
internal sealed partial class IntegrationGrain
{
    private static readonly TimeSpan AuthorizationLifetime = TimeSpan.FromMinutes(10);

    public async Task<Reply<AuthorizationView>> BeginAuthorization(BeginAuthorization command, CancellationToken cancel)
    {
        if (!State.Exists) return NotFound;
        if (await SwitchedOff() is { } off) return off;
        if (Authorizer() is not { } authorizer || !IsConfigured) return new Refusal("provider_not_configured", "This deployment has not the keys that connect this provider.");
        var now = clock.GetUtcNow();
        var verifier = authorizer.UsesPkce ? Base64Url(RandomNumberGenerator.GetBytes(32)) : null;   // RFC 7636 §4.1: 43 characters
        var pending = new PendingAuthorization
        {
            Nonce = command.Nonce,
            CodeVerifier = verifier is null ? null : vault.Protect(Id, "code_verifier", verifier),
            RedirectUri = command.RedirectUri,
            ExpiresAt = now + AuthorizationLifetime,
        };
        await Commit(Lifecycle.AuthorizationBegun(State, pending, now));
        var challenge = verifier is null ? null : Base64Url(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        var address = authorizer.AuthorizationUrl(new(command.State, new(command.RedirectUri), challenge));
        return new AuthorizationView(address.AbsoluteUri, pending.ExpiresAt);
    }

    public async Task<Reply<IntegrationStatusView>> CompleteAuthorization(CompleteAuthorization command, CancellationToken cancel)
    {
        if (!State.Exists) return NotFound;
        var now = clock.GetUtcNow();
        if (State.Authorization is not { } pending || !SameNonce(pending.Nonce, command.Nonce))
            return new Refusal("state_used", "This authorization was already completed, or another one was begun after it.");
        if (await SwitchedOff() is { } off) return off;   // the nonce is not burned: the code may still be good when the provider is on again
        if (Authorizer() is not { } authorizer) return new Refusal("provider_not_configured", "This deployment cannot connect this provider.");

        if (now > pending.ExpiresAt || command.Code is null)
        {
            var error = command.Code is null
                ? Denials.Of(command.Error)
                : new ProviderError(ErrorClass.Consent, "state_expired", "The authorization took longer than ten minutes.");
            await Commit(Lifecycle.AuthorizationFailed(Lifecycle.AuthorizationTaken(State, now), error, now));
            return new Refusal(error.Code, error.Message) { ErrorClass = ErrorClasses.Name(error.Class) };
        }

        // Set before the tokens are: a crash right after their commit then still finds an alarm clock, and one without tokens removes itself.
        await WakeIn(TimeSpan.FromMinutes(1), State);
        await Commit(Lifecycle.AuthorizationTaken(State, now));
        var verifier = pending.CodeVerifier is { } sealedVerifier ? vault.Unprotect(Id, "code_verifier", sealedVerifier) : null;
        var exchange = new CodeExchange(command.Code, new(pending.RedirectUri), verifier) { Parameters = command.Parameters };
        var exchanged = await InTurn(LongestExchange, limit => authorizer.ExchangeAsync(exchange, limit), CancellationToken.None);
        now = clock.GetUtcNow();
        if (exchanged.Error is { } refused)
        {
            LogProviderRefused(Id, "the code exchange", ErrorClasses.Name(refused.Class), refused.Code);
            await Commit(Lifecycle.AuthorizationFailed(State, refused, now));
            return new Refusal("authorization_failed", refused.Message) { ErrorClass = ErrorClasses.Name(refused.Class) };
        }
        var grant = exchanged.Value;
        if (Lifecycle.OtherAccount(State, grant.ExternalAccountId) is { } other) return await RefuseOther(authorizer, grant, other);
        var tokens = vault.Seal(Id, grant, null, Rules, now);
        await CommitInHand(() => State.Tokens == tokens ? State : Lifecycle.Connected(State, tokens, grant.ExternalAccountId, now));   // a code is good once
        if (Lifecycle.RefusesRun(State, force: true, now) is null && State.Run is null) await BeginRun(State, "connected", [], full: false);
        return View();
    }

    /// <summary>A consent that is not ours to keep is withdrawn, unless another integration lives by it: to the provider the two are one.</summary>
    private async Task<Refusal> RefuseOther(IAuthorizes authorizer, TokenGrant grant, ProviderError other)
    {
        if (!await holders.IsHeldByAnotherAsync(Id, State.Provider, grant.ExternalAccountId!, CancellationToken.None))
        {
            var access = new ProviderAccess
            {
                IntegrationId = Id,
                ExternalAccountId = grant.ExternalAccountId,
                AccessToken = grant.AccessToken,
                RefreshToken = grant.RefreshToken,
            };
            var revoked = await InTurn(LongestRevocation, limit => authorizer.RevokeAsync(access, limit), CancellationToken.None);
            if (revoked.Error is { } error)
            {
                LogProviderRefused(Id, "revoking", ErrorClasses.Name(error.Class), error.Code);
                other = other with { Message = $"{other.Message} The new consent could not be withdrawn ({error.Code}): withdraw it there." };
            }
        }
        await Commit(Lifecycle.AuthorizationFailed(State, other, clock.GetUtcNow()));
        return new(other.Code, other.Message) { ErrorClass = ErrorClasses.Name(other.Class) };
    }

    /// <summary>Burning the consent at the provider; a deletion goes on where that fails, and says so.</summary>
    private async Task<(bool Revoked, string Message)> RevokeAtProvider(CancellationToken cancel)
    {
        if (State.Tokens is null) return (true, "Deleted; there was no consent to withdraw.");
        if (Authorizer() is not { } authorizer) return (false, "Deleted. The provider is not configured here, so the consent there still stands.");
        if (await SwitchedOff() is not null) return (false, "Deleted. The provider is switched off here, so the consent there still stands: withdraw it there.");
        var revoked = await InTurn(LongestRevocation, limit => authorizer.RevokeAsync(AccessToWithdraw(), limit), cancel);
        if (revoked.Error is not { } error) return (true, "Deleted; the consent at the provider is withdrawn.");
        LogProviderRefused(Id, "revoking", ErrorClasses.Name(error.Class), error.Code);
        return (false, $"Deleted. The consent at the provider could not be withdrawn ({error.Code}): withdraw it there.");
    }

    /// <summary>Tokens that cannot be opened any more stay closed: to some providers the account is enough, and the others refuse.</summary>
    private ProviderAccess AccessToWithdraw()
    {
        try
        {
            return vault.Open(State);
        }
        catch (CryptographicException closed) when (!DatabaseFaults.IsUnavailable(closed))   // the ring lies in the database: away is not lost
        {
            LogTokensStayClosed(closed, Id);
            return new() { IntegrationId = Id, ExternalAccountId = State.ExternalAccountId };
        }
    }

    private static bool SameNonce(string kept, string shown) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(kept), Encoding.UTF8.GetBytes(shown));

    private static string Base64Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
