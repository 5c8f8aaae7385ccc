namespace FinanceIntegrations.Sandbox.Stripe.Ledger;

/// <summary>How a business sells, pays fees and is paid out in one currency. Amounts are minor units; JPY has none.</summary>
internal sealed record CurrencyProfile
{
    public required string Code { get; init; }

    /// <summary>Fee in hundredths of a percent, and per charge.</summary>
    public required long FeeBasisPoints { get; init; }
    public required long FeeFixed { get; init; }
    public required long DisputeFee { get; init; }
    public required long MonthlyFee { get; init; }
    public required IReadOnlyList<long> Prices { get; init; }

    /// <summary>Day of the weekly payout; null: every business day.</summary>
    public DayOfWeek? PayoutDay { get; init; }

    /// <summary>Of a thousand charges, how many are in this currency.</summary>
    public required int Share { get; init; }

    public static readonly IReadOnlyList<CurrencyProfile> All =
    [
        new()
        {
            Code = "gbp", FeeBasisPoints = 150, FeeFixed = 20, DisputeFee = 2000, MonthlyFee = 1000, Share = 720,
            Prices = [999, 1450, 1999, 2400, 3500, 4999, 7500, 12000, 18950, 42000],
        },
        new()
        {
            Code = "usd", FeeBasisPoints = 325, FeeFixed = 20, DisputeFee = 1500, MonthlyFee = 1200, Share = 190, PayoutDay = DayOfWeek.Monday,
            Prices = [1299, 1900, 2500, 4900, 9900, 14900, 24900],
        },
        new()
        {
            Code = "jpy", FeeBasisPoints = 360, FeeFixed = 0, DisputeFee = 1500, MonthlyFee = 1500, Share = 90, PayoutDay = DayOfWeek.Thursday,
            Prices = [1500, 1980, 3200, 4800, 9800, 15000, 32000],
        },
    ];

    public static CurrencyProfile Of(string code) => All.First(profile => profile.Code == code);

    public long FeeOn(long amount) => (((amount * FeeBasisPoints) + 5000) / 10_000) + FeeFixed;
}

/// <summary>Days at which banks move money: Monday to Friday, midnight UTC. Unix seconds in and out.</summary>
internal static class BusinessDay
{
    public const long Seconds = 86_400;

    public static long Midnight(long time) => time - (time % Seconds);

    /// <summary>1970-01-01 was a Thursday.</summary>
    public static DayOfWeek WeekdayOf(long time) => (DayOfWeek)(((time / Seconds) + 4) % 7);

    public static bool Is(long time) => WeekdayOf(time) is not (DayOfWeek.Saturday or DayOfWeek.Sunday);

    public static long After(long time, int days)
    {
        var day = Midnight(time);
        while (days > 0)
        {
            day += Seconds;
            if (Is(day)) days--;
        }
        return day;
    }
}
