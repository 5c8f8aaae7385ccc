using System.ComponentModel.DataAnnotations;
using FinanceIntegrations.Domain.Tokens;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Grains.Tokens;

/// <summary>How tokens are kept. What differs by provider is its <see cref="TokenRules"/>.</summary>
public sealed class TokenOptions
{
    public const string Section = "Tokens";

    /// <summary>Total time-out of one refresh call; 5 s more, and another activation may take it for lost. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a caller waits for a refresh that others began; it goes on without them. Default 20 s, below Orleans' 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:25")]
    public TimeSpan CallerWait { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long tokens in hand are tried to be stored while the database is away. Default 25 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan StorePatience { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>How far ahead of expiry: share of the lifetime. Default 0.1.</summary>
    [Range(0, 0.5)]
    public double MarginShare { get; set; } = TokenMargins.Default.Share;

    /// <summary>At least so far, but no more than half of the lifetime. Default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan ShortestMargin { get; set; } = TokenMargins.Default.Shortest;

    /// <summary>At most so far. Default 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan LongestMargin { get; set; } = TokenMargins.Default.Longest;

    /// <summary>Share of the lifetime over which chance spreads tokens that were issued together. Default 0.25.</summary>
    [Range(0, 0.5)]
    public double Spread { get; set; } = TokenMargins.Default.Spread;

    /// <summary>Calls of the token endpoint per minute and provider, where it is not to be the connector's own figure.</summary>
    public Dictionary<string, int> CallsPerMinute { get; } = [];

    internal TokenMargins Margins => new(MarginShare, ShortestMargin, LongestMargin, Spread);
}

internal sealed class TokenOptionsValidation : IValidateOptions<TokenOptions>
{
    public ValidateOptionsResult Validate(string? name, TokenOptions options)
    {
        var problems = options.CallsPerMinute.Where(rate => rate.Value < 1)
            .Select(rate => $"{TokenOptions.Section}:{nameof(TokenOptions.CallsPerMinute)}:{rate.Key} must be at least 1.").ToList();
        if (options.ShortestMargin > options.LongestMargin)
            problems.Add($"{TokenOptions.Section}:{nameof(TokenOptions.ShortestMargin)} must not be above {nameof(TokenOptions.LongestMargin)}.");
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
