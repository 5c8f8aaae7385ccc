using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Grains.Abstractions;

namespace FinanceIntegrations.Grains.Integrations;

/// <summary>
/// What a turn may wait for. Whatever is queued behind it waits too, and is dropped after 30 s (Orleans' time-out): tokens, or a payout's answer, that a
/// dropped turn was to store. So a turn waits for a provider for no longer than this, and what takes longer goes on beside it.
/// </summary>
internal sealed partial class IntegrationGrain
{
    /// <summary>A code is sent once: what is not answered by then is begun again by the user.</summary>
    private static readonly TimeSpan LongestExchange = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan LongestRevocation = TimeSpan.FromSeconds(10);

    /// <summary>Of a deletion, for the calls that it finds under way.</summary>
    private static readonly TimeSpan LongestHearing = TimeSpan.FromSeconds(10);

    /// <summary>Of a deactivation, for what it has told to stop.</summary>
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(5);

    private static readonly Refusal CallsUnderWay =
        new("calls_under_way", "A call that changes something at the provider has not been answered yet: delete again when it is.") { RetryAfter = TimeSpan.FromSeconds(30) };

    /// <summary>A call that changes something, and that a turn waits for.</summary>
    private async Task<ProviderResult<T>> InTurn<T>(
        TimeSpan longest, Func<CancellationToken, Task<ProviderResult<T>>> call, CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(longest, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            return await call(limit.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return new ProviderError(ErrorClass.OutcomeUnknown, "timeout", "The call was sent and no answer came in time: it may have taken effect.");
        }
    }

    /// <summary>Before a deletion: what is withdrawn is what the provider gave last, and a payout that is answered now is not left unknown.</summary>
    /// <returns>False: that takes longer than a turn may wait.</returns>
    private async Task<bool> CallsEnded()
    {
        using var patience = new CancellationTokenSource(LongestHearing, clock);
        return await FinishRefresh(patience.Token) & await FinishWrites(patience.Token);   // what has ended is stored, whatever has not
    }
}
