namespace FinanceIntegrations.Testing;

/// <summary>Waits for a condition, never for a duration.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(30);

    /// <summary>Looks until what it sees satisfies, and answers that. In time-out's message: what was expected, and what was seen last.</summary>
    /// <param name="expected">What is waited for, as a sentence: "run 42 succeeds".</param>
    /// <param name="look">Looks once. What it throws counts as not yet, and is the message's cause if it was the last.</param>
    /// <param name="satisfies">Whether that is it.</param>
    /// <param name="timeout">30 s unless told.</param>
    /// <param name="cancel">Stops the wait.</param>
    public static async Task<T> HoldsAsync<T>(
        string expected, Func<Task<T>> look, Func<T, bool> satisfies, TimeSpan? timeout = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(look);
        ArgumentNullException.ThrowIfNull(satisfies);
        var limit = timeout ?? Usual;
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            string seen;
            Exception? cause = null;
            try
            {
                var value = await look();
                if (satisfies(value))
                    return value;
                seen = value?.ToString() ?? "nothing";
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                (seen, cause) = (failure.Message, failure);
            }
            if (TimeProvider.System.GetElapsedTime(started) > limit)
                throw new TimeoutException($"expected within {limit.TotalSeconds:0.#} s: {expected}; seen last: {seen}", cause);
            await Task.Delay(Pause, cancel);
        }
    }

    /// <summary>The same for a plain yes or no.</summary>
    public static Task HoldsAsync(string expected, Func<Task<bool>> holds, TimeSpan? timeout = null, CancellationToken cancel = default) =>
        HoldsAsync(expected, holds, yes => yes, timeout, cancel);
}
