namespace FinanceIntegrations.Domain.Money;

/// <summary>Whole minor units ⇄ decimal amounts. The number of decimals comes with the call: providers deviate from ISO 4217 in places.</summary>
public static class MinorUnits
{
    private static readonly decimal[] Scale = [1m, 10m, 100m, 1_000m, 10_000m];

    /// <summary>1234 at 2 decimals is 12.34. Exact for every <see cref="long"/>.</summary>
    /// <param name="decimals">0–4.</param>
    public static decimal ToAmount(long minor, int decimals) => new(
        lo: (int)(Magnitude(minor) & 0xFFFF_FFFF), mid: (int)(Magnitude(minor) >> 32), hi: 0, isNegative: minor < 0, scale: Checked(decimals));

    /// <summary>12.34 at 2 decimals is 1234.</summary>
    /// <exception cref="ArgumentException">The amount has more decimals than the currency.</exception>
    /// <exception cref="OverflowException">The amount does not fit a <see cref="long"/>.</exception>
    public static long FromAmount(decimal amount, int decimals)
    {
        var minor = amount * Scale[Checked(decimals)];
        return decimal.Truncate(minor) == minor
            ? decimal.ToInt64(minor)
            : throw new ArgumentException($"The amount has more than {decimals} decimals.", nameof(amount));
    }

    private static ulong Magnitude(long value) => value < 0 ? (ulong)-(value + 1) + 1 : (ulong)value;

    private static byte Checked(int decimals) =>
        decimals is >= 0 and <= 4 ? (byte)decimals : throw new ArgumentOutOfRangeException(nameof(decimals), decimals, "0–4 decimals.");
}
