using System.Collections.Concurrent;

namespace FinanceIntegrations.Api.Admin;

internal enum Outcome
{
    Started,
    Skipped,
    Failed,
}

/// <param name="Code">Stable snake_case.</param>
internal readonly record struct Verdict(Outcome Outcome, string Code);

/// <summary>Counts of a sweep, and the first of what was not merely skipped.</summary>
internal sealed class Tally
{
    private const int MaxItems = 1_000;
    private readonly ConcurrentQueue<SweepItem> _items = new();
    private readonly int[] _counts = new int[Enum.GetValues<Outcome>().Length];

    public void Count(Guid integration, Verdict verdict)
    {
        Interlocked.Increment(ref _counts[(int)verdict.Outcome]);
        if (verdict.Code != "not_due" && _items.Count < MaxItems) _items.Enqueue(new(integration, verdict.Code));
    }

    public SweepProgress Progress(Guid integration, string outcome) =>
        new(integration, outcome, _counts.Sum(), _counts[(int)Outcome.Started], _counts[(int)Outcome.Skipped], _counts[(int)Outcome.Failed]);

    public SweepAnswer Answer() => new(
        _counts.Sum(), _counts[(int)Outcome.Started], _counts[(int)Outcome.Skipped], _counts[(int)Outcome.Failed], [.. _items]);
}

/// <param name="Items">Up to a thousand, without those that were not due.</param>
internal sealed record SweepAnswer(int Considered, int Started, int Skipped, int Failed, IReadOnlyList<SweepItem> Items);

internal sealed record SweepItem(Guid IntegrationId, string Outcome);

/// <summary>One integration's result, and the counts when it was known.</summary>
internal sealed record SweepProgress(Guid IntegrationId, string Outcome, int Considered, int Started, int Skipped, int Failed);
