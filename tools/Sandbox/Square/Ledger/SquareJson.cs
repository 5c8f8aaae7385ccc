using System.Globalization;
using System.Text.Json.Nodes;

namespace FinanceIntegrations.Sandbox.Square.Ledger;

/// <summary>Short forms, so that a row's wire shape reads like the provider's reference.</summary>
internal static class SquareJson
{
    /// <param name="at">Unix milliseconds.</param>
    public static string Time(long at) =>
        DateTimeOffset.FromUnixTimeMilliseconds(at).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Nine digits, as events have them.</summary>
    public static string NanoTime(long at) => Time(at)[..^1] + "037943Z";

    public static string Day(long at) =>
        DateTimeOffset.FromUnixTimeMilliseconds(at).UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static JsonObject Money(long amount, string currency) => new() { ["amount"] = amount, ["currency"] = currency };

    /// <summary>As payouts and their entries spell it.</summary>
    public static JsonObject PayoutMoney(long amount, string currency) => new() { ["amount"] = amount, ["currency_code"] = currency };
}
