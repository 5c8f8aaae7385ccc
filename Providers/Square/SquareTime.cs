using System.Globalization;

namespace FinanceIntegrations.Providers.Square;

/// <summary>Square's times: RFC 3339, with no fraction or one of up to nine digits.</summary>
internal static class SquareTime
{
    private const int TickDigits = 7;

    /// <summary>No seller is older than Square, which began in 2009: lists that begin here leave nothing out.</summary>
    public const long Beginning = 1_230_768_000;   // 2009-01-01

    /// <summary>A finer fraction than .NET's 100 ns is cut, never rounded: a moment must not become later than it was.</summary>
    public static DateTimeOffset? Parse(string? text)
    {
        if (text is not { Length: >= 20 and <= 40 }) return null;
        var point = text.IndexOf('.', StringComparison.Ordinal);
        if (point > 0)
        {
            var end = point + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
            if (end - point - 1 > TickDigits) text = string.Concat(text.AsSpan(0, point + 1 + TickDigits), text.AsSpan(end));
        }
        return text[10] == 'T' && DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;
    }

    /// <param name="seconds">Unix seconds.</param>
    public static string Format(long seconds) =>
        DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
