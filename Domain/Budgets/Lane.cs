namespace FinanceIntegrations.Domain.Budgets;

/// <summary>Why a call is made, most urgent first. The order and the numbers are stored: they stay.</summary>
public enum Lane
{
    /// <summary>A person waits for the answer.</summary>
    Person = 0,

    /// <summary>A webhook said that there is news.</summary>
    Webhook = 1,

    Schedule = 2,

    /// <summary>History, or everything again: nobody waits.</summary>
    Backfill = 3,
}

/// <summary>How lanes share what is limited: calls in a window, runs on a silo, the next moments of a paced budget.</summary>
/// <remarks>
/// Two promises. A more urgent lane finds its part whatever the less urgent ones did: a person, 15 of 100; webhooks and the schedule, 10 each.
/// And no lane starves: each finds 2 of 100 whatever the more urgent ones did. The rest is for whoever comes.
/// </remarks>
public static class Lanes
{
    public const int Count = 4;

    /// <summary>How far ahead of now a paced budget is given out: what a less urgent lane has taken is the wait of the person behind it.</summary>
    private static readonly TimeSpan[] Ahead =
        [TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(250), TimeSpan.FromMilliseconds(100)];

    /// <summary>Of a limit, what a lane keeps from the one that asks. The sum of what others keep is always below the limit.</summary>
    public static int Kept(int limit, Lane by, Lane from) => by == from ? 0
        : by > from ? Least(limit)
        : by != Lane.Person ? limit / 10
        : limit < 2 ? 0 : Math.Max(1, limit * 15 / 100);

    /// <summary>What no other lane takes from a lane.</summary>
    public static int Least(int limit) => limit / 50;

    /// <summary>How many more a lane may have.</summary>
    /// <param name="used">Taken so far, by lane.</param>
    public static int Room(int limit, ReadOnlySpan<int> used, Lane lane)
    {
        var (room, least) = (limit, limit);
        for (var other = Lane.Person; other <= Lane.Backfill; other++)
        {
            var taken = used[(int)other];
            room -= Math.Max(taken, Kept(limit, other, lane));
            least -= other == lane ? taken : Math.Max(taken, Least(limit));
        }
        return Math.Max(0, Math.Max(room, Math.Min(least, Least(limit) - used[(int)lane])));
    }

    /// <summary>How far ahead of now a lane may take calls. The longer it has waited, the farther: at last as far as a person.</summary>
    public static TimeSpan Horizon(Lane lane, TimeSpan waited)
    {
        var horizon = Ahead[(int)lane] + (waited / 4);
        return horizon < Ahead[0] ? horizon : Ahead[0];
    }
}
