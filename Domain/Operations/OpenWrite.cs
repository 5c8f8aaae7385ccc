namespace FinanceIntegrations.Domain.Operations;

/// <summary>A write that was begun and has not come to a known end. Committed before it is sent: a crash in between is then known, not guessed.</summary>
public sealed record OpenWrite
{
    /// <summary>Of its row in <c>operations</c>.</summary>
    public Guid Id { get; init; }

    public required WriteOrder Order { get; init; }

    public required WriteMark Mark { get; init; }

    /// <summary>The user (<c>sub</c>) who asked for it.</summary>
    public string By { get; init; } = "";

    /// <summary>Until then it is taken for one that is being sent; afterwards whoever sent it is dead.</summary>
    public DateTimeOffset Deadline { get; init; }

    /// <summary>No answer came: it may have happened. From then on it is looked up, and never sent again.</summary>
    public bool Unknown { get; init; }

    /// <summary>When it is looked up next; null while it is being sent.</summary>
    public DateTimeOffset? LookAt { get; init; }

    /// <summary>Look-ups that told nothing, in a row.</summary>
    public int FailedLooks { get; init; }

    /// <summary>When it wants attention by itself.</summary>
    public DateTimeOffset DueAt => LookAt ?? Deadline;
}

/// <summary>How a write of which no answer came is brought to its end.</summary>
/// <param name="Settling">After <see cref="OpenWrite.Deadline"/>: before, a look-up that shows nothing may only be early. Longer than a provider works on one request.</param>
/// <param name="FirstPause">Before the first look-up; doubled after each.</param>
/// <param name="LongestPause">Between look-ups.</param>
/// <param name="LooksBeforeAttention">So many that told nothing, and a person is asked.</param>
public sealed record WritePolicy(TimeSpan Settling, TimeSpan FirstPause, TimeSpan LongestPause, int LooksBeforeAttention)
{
    public static readonly WritePolicy Default = new(TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(10), 5);

    /// <param name="looks">Made so far.</param>
    public TimeSpan Pause(int looks) => looks >= 20 ? LongestPause : TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << looks));
}

/// <summary>A write as its row in <c>operations</c> has it: what was asked for, by whom, and what became of it.</summary>
public sealed record OperationRow
{
    public Guid Id { get; init; }

    /// <summary>One of <see cref="WriteKinds"/>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The provider's id of what it changes; null where it makes something.</summary>
    public string? SubjectId { get; init; }

    public WriteOrder? Order { get; init; }

    /// <summary>Our own, by which the provider can find it.</summary>
    public string Reference { get; init; } = "";

    public string By { get; init; } = "";

    /// <summary><c>sending</c> · <c>outcome_unknown</c> · <c>succeeded</c> · <c>failed</c>: it has surely not happened.</summary>
    public string Status { get; init; } = "";

    /// <summary>The object at the provider that was made or changed.</summary>
    public string? ExternalId { get; init; }

    public string? ProviderStatus { get; init; }

    public string? ErrorClass { get; init; }

    public string? ErrorCode { get; init; }

    public string? Message { get; init; }

    /// <summary>The user who decided what became of it, where nobody could tell.</summary>
    public string? DecidedBy { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? SettledAt { get; init; }
}
