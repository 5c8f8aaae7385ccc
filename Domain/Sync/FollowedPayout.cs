namespace FinanceIntegrations.Domain.Sync;

/// <summary>A payout that somebody here ordered, or that only a webhook has told of, on its way to its end.</summary>
/// <param name="Id">The provider's.</param>
/// <param name="Since">When it was ordered, or first told of.</param>
/// <param name="CalledBack">Somebody here has ordered its cancellation, and that was not refused: money that came back is that, and no failure.</param>
/// <param name="TakenUntil">Nobody else reads it before.</param>
public sealed record FollowedPayout(string Id, DateTimeOffset Since, bool CalledBack, DateTimeOffset TakenUntil);

/// <summary>How often a payout is read again that no list of the provider's shows.</summary>
public static class PayoutFollowing
{
    /// <summary>So many are read by one page.</summary>
    public const int PageSize = 50;

    /// <summary>One that has arrived can be given back for so long: PayPal lets a receiver refund for 180 days.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(180);

    /// <summary>A payout that is young is read by every pass.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromHours(1);

    private static readonly TimeSpan NotThisPass = TimeSpan.FromMilliseconds(1);

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>
    /// One under way: every pass at first, and at least daily, however long it takes. One that has ended may still come back, ever less likely: after as
    /// long again as it has been followed, which is nine times in all where it ended on its first day. One that was called back never changes again.
    /// </summary>
    /// <param name="status">As it was read now; null: the provider does not find it.</param>
    /// <param name="since">Of <see cref="FollowedPayout"/>.</param>
    /// <returns>Null: never again.</returns>
    public static DateTimeOffset? NextReadAt(string? status, DateTimeOffset since, DateTimeOffset now)
    {
        var age = now - since;
        return status switch
        {
            "canceled" => null,
            "paid" or "failed" => Settled(age),
            null when age >= Day => Settled(age),   // not there at once, it may be late
            _ => now + (age < Young ? NotThisPass : age < 8 * Day ? age / 8 : Day),
        };

        DateTimeOffset? Settled(TimeSpan stands) => stands >= Longest ? null : Earlier(now + Later(stands, Day), since + Longest);
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
