using System.Globalization;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>PayPal's times: with an offset of either form, <c>+0000</c> or <c>+00:00</c>, or <c>Z</c> (paypal.md §3, §9).</summary>
internal static class PayPalTime
{
    private static readonly string[] Forms =
    [
        "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz",
    ];

    /// <summary>UTC; null for what is no time, or has no offset.</summary>
    public static DateTimeOffset? Parse(string? text)
    {
        if (text is not { Length: >= 20 and <= 64 }) return null;
        if (text[^5] is '+' or '-' && !text.AsSpan(text.Length - 4).ContainsAnyExceptInRange('0', '9')) text = text.Insert(text.Length - 2, ":");
        if (text[^1] is not ('Z' or 'z') && text[^6] is not ('+' or '-')) return null;
        return DateTimeOffset.TryParseExact(text.ToUpperInvariant(), Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? at.ToUniversalTime() : null;
    }

    /// <summary>To the second, as the reporting API takes it.</summary>
    public static string Seconds(long unix) => Seconds(DateTimeOffset.FromUnixTimeSeconds(unix));

    public static string Seconds(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>With milliseconds, as the disputes API takes it.</summary>
    public static string Milliseconds(long unix) =>
        DateTimeOffset.FromUnixTimeSeconds(unix).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
