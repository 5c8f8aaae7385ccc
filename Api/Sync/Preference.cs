using System.Globalization;

namespace FinanceIntegrations.Api.Sync;

/// <summary>The Prefer header (RFC 7240).</summary>
internal static class Preference
{
    private const int MaxSeconds = 60;

    /// <summary>How long the caller would wait, at most a minute. A preference that we cannot read is ignored, as the RFC wants.</summary>
    public static TimeSpan? Wait(string? prefer)
    {
        foreach (var part in prefer?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            if (part.Split('=', 2, StringSplitOptions.TrimEntries) is not [var name, var value]) continue;
            if (name.Equals("wait", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0)
                return TimeSpan.FromSeconds(Math.Min(seconds, MaxSeconds));
        }
        return null;
    }
}
