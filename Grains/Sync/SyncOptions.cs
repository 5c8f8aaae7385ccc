using System.ComponentModel.DataAnnotations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Grains.Sync;

public sealed class SyncOptions
{
    public const string Section = "Sync";

    /// <summary>Runs at one time on one silo. Default 16.</summary>
    [Range(1, 1_000, ErrorMessage = "Sync:MaxRunsPerSilo is 1–1,000.")]
    public int MaxRunsPerSilo { get; set; } = 16;

    /// <summary>Streams of one integration at one time. Default 1: a crash then costs at most the page being written and the one being fetched.</summary>
    [Range(1, 16, ErrorMessage = "Sync:MaxStreamsPerRun is 1–16.")]
    public int MaxStreamsPerRun { get; set; } = 1;

    /// <summary>How often a silo looks for runs and webhook deliveries that nobody works on. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00", ErrorMessage = "Sync:SweepInterval is 0.1 s to 10 minutes.")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// What is to differ from the providers' own policies, by stream: <c>Sync__Streams__stripe_payouts__Every=06:00:00</c>; <c>stripe</c> stands
    /// for all of its streams.
    /// </summary>
    public Dictionary<string, StreamOptions> Streams { get; } = new(StringComparer.OrdinalIgnoreCase);

    public StreamPolicy PolicyOf(ProviderId provider, StreamInfo stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var policy = stream.Policy;
        foreach (var key in new[] { provider.Value, $"{provider.Value}_{stream.Id}" })
            if (Streams.TryGetValue(key, out var set)) policy = policy.With(set.Window, set.HistoryDepth, set.Every, set.FullEvery);
        return policy;
    }
}

/// <summary>Members of a <see cref="StreamPolicy"/>. Null: the provider's own; zero: none.</summary>
public sealed class StreamOptions
{
    public TimeSpan? Window { get; set; }

    public TimeSpan? HistoryDepth { get; set; }

    public TimeSpan? Every { get; set; }

    public TimeSpan? FullEvery { get; set; }
}

/// <summary>A stream that there is not, or a time that cannot be, stops the start.</summary>
internal sealed class StreamOptionsValidation(ProviderCatalogue catalogue) : IValidateOptions<SyncOptions>
{
    public ValidateOptionsResult Validate(string? name, SyncOptions options)
    {
        var known = catalogue.All.SelectMany(e => e.Info.Streams.Select(s => $"{e.Info.Id}_{s.Id}").Append(e.Info.Id.Value))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        List<string> wrong = [];
        foreach (var (key, set) in options.Streams)
        {
            if (!known.Contains(key)) wrong.Add($"{SyncOptions.Section}:Streams:{key} names no provider, and no stream of one.");
            foreach (var (member, time) in new[] { ("Window", set.Window), ("HistoryDepth", set.HistoryDepth), ("Every", set.Every), ("FullEvery", set.FullEvery) })
                if (time < TimeSpan.Zero || time > TimeSpan.FromDays(36_500)) wrong.Add($"{SyncOptions.Section}:Streams:{key}:{member} is from 0 to 100 years.");
        }
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }
}
