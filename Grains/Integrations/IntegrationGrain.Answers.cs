using FinanceIntegrations.Data;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using Orleans.Storage;

namespace FinanceIntegrations.Grains.Integrations;

/// <summary>From a token endpoint's answer to its commit nothing may cancel: these tokens exist nowhere else.</summary>
internal sealed partial class IntegrationGrain
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>One write closes the intent and stores the tokens, fenced by the state's version and by the attempt.</summary>
    private async Task CommitAnswer()
    {
        if (_answered is not { } answered) return;
        var (intent, answer, at) = answered;
        if (await CommitInHand(() => Answered(intent, answer, at)) && answer.Error is { } error) _lastFailure = (clock.GetUtcNow(), error);
        _answered = null;   // until here the next turn, or the end of the activation, tries again
        if (answer.Error is { } refused) LogProviderRefused(Id, "the token refresh", ErrorClasses.Name(refused.Class), refused.Code);
        if (!_stopping.IsCancellationRequested) await SetReminder(State);   // else the one that stands at the intent's deadline sets the next
    }

    /// <summary>
    /// Stores what a provider has given once. A database that is away is waited for; a state that another wrote meanwhile is read again.
    /// </summary>
    /// <param name="answered">From the state as it is; the same state where there is nothing to store, or no longer.</param>
    /// <returns>False: nothing was stored.</returns>
    private async Task<bool> CommitInHand(Func<IntegrationState> answered)
    {
        var next = answered();
        var (started, pause) = (TimeProvider.System.GetTimestamp(), FirstPause);
        while (!ReferenceEquals(next, State))
        {
            try
            {
                await Write(next);
                return true;
            }
            catch (InconsistentStateException)
            {
                await ReadAgain();   // or it was our own write, whose end we did not hear
                next = answered();
                continue;
            }
            catch (Exception away) when (
                DatabaseFaults.IsUnavailable(away) && TimeProvider.System.GetElapsedTime(started) < tokenOptions.Value.StorePatience)
            {
                LogTokensWait(Id, away.GetType().Name);
                await Task.Delay(pause, TimeProvider.System, CancellationToken.None);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                continue;
            }
            catch (Exception failure)
            {
                Drop(failure);
                throw;
            }
        }
        return false;
    }

    /// <summary>The same state where the attempt is no longer the one that counts.</summary>
    private IntegrationState Answered(RefreshIntent intent, ProviderResult<TokenGrant> answer, DateTimeOffset at) => answer.Error is { } error
        ? Lifecycle.RefreshFailed(State, intent.Attempt, error, Rules, Random.Shared.NextDouble(), at)
        : Lifecycle.Refreshed(State, intent.Attempt, vault.Seal(Id, answer.Value, State.Tokens, Rules, at), at);

    /// <summary>Another activation may have written: what is stored counts.</summary>
    private async Task ReadAgain()
    {
        await stored.ReadStateAsync(CancellationToken.None);
        stored.State = State with { Outbox = new() };
        _published = State;
    }
}
