using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FinanceIntegrations.Sandbox.PayPal.Ledger;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Sandbox.PayPal;

/// <summary>Transaction search and balances (paypal.md §3).</summary>
internal sealed partial class PayPalReports(PayPalGate gate, IOptions<PayPalOptions> options, TimeProvider clock)
{
    private const long LongestWindow = 31 * 86_400;
    private const long Depth = 3 * 366 * 86_400L;

    private long Refreshed => clock.GetUtcNow().ToUnixTimeSeconds() - options.Value.LagSeconds;

    public void Map(IEndpointRouteBuilder paypal)
    {
        paypal.MapGet("/v1/reporting/transactions", TransactionsAsync);
        paypal.MapGet("/v1/reporting/balances", BalancesAsync);
    }

    private async Task TransactionsAsync(HttpContext http)
    {
        if (await gate.AdmitAsync(http) is not { } merchant) return;
        var query = http.Request.Query;
        if (Time(query["start_date"]) is not { } start)
            await InvalidAsync(http, "/start_date", "INVALID_PARAMETER_SYNTAX", "start_date must be an Internet date and time with seconds.");
        else if (Time(query["end_date"]) is not { } end)
            await InvalidAsync(http, "/end_date", "INVALID_PARAMETER_SYNTAX", "end_date must be an Internet date and time with seconds.");
        else if (end < start)
            await InvalidAsync(http, "/end_date", "INVALID_DATE_RANGE", "The end date must not be before the start date.");
        else if (end - start > LongestWindow)
            await InvalidAsync(http, "/end_date", "INVALID_DATE_RANGE", "Date range is greater than 31 days.");
        else if (start > Refreshed || start < Refreshed - Depth)
            await InvalidAsync(http, "/start_date", "INVALID_DATE_RANGE", "Data for the given start date is not available.");
        else if (Number(query["page_size"], 100) is not (>= 1 and <= 500 and var size))
            await InvalidAsync(http, "/page_size", "INVALID_PARAMETER_VALUE", "page_size must be from 1 to 500.");
        else if (Number(query["page"], 1) is not (>= 1 and var page))
            await InvalidAsync(http, "/page", "INVALID_PARAMETER_VALUE", "page must be from 1.");
        else
            await PageAsync(http, merchant, (start, end, size, page), query["transaction_type"], query["transaction_status"]);
    }

    private async Task PageAsync(HttpContext http, PayPalMerchant merchant, (long Start, long End, int Size, int Page) asked, string? type, string? status)
    {
        List<PayPalRow> rows;
        lock (merchant.Books.Gate)
            rows = [.. merchant.Books.Rows.Where(row => row.At >= asked.Start && row.At <= Math.Min(asked.End, Refreshed)
                && (type is null || row.Code == type) && (status is null || row.Status == status))];
        if (rows.Count > options.Value.MaxRows)
        {
            await PayPalErrors.WriteAsync(http, 400, "RESULTSET_TOO_LARGE",
                $"Result set size is greater than the maximum limit. Change the filter criteria and try again. {options.Value.MaxRows}");
            return;
        }
        var details = new JsonArray();
        foreach (var row in rows.Skip((asked.Page - 1) * asked.Size).Take(asked.Size)) details.Add(row.Json());
        await http.Response.WriteAsJsonAsync(new JsonObject
        {
            ["transaction_details"] = details,
            ["account_number"] = merchant.Id,
            ["start_date"] = PayPalClock.Write(asked.Start, "yyyy-MM-dd'T'HH:mm:ss'+0000'"),
            ["end_date"] = PayPalClock.Write(Math.Min(asked.End, Refreshed), "yyyy-MM-dd'T'HH:mm:ss'+0000'"),
            ["last_refreshed_datetime"] = PayPalClock.Write(Refreshed, "yyyy-MM-dd'T'HH:mm:ss'+0000'"),
            ["page"] = asked.Page,
            ["total_items"] = rows.Count,
            ["total_pages"] = (rows.Count + asked.Size - 1) / asked.Size,
            ["links"] = new JsonArray(PayPalLinks.Of(PayPalProvider.ApiHost + "/v1/reporting/transactions" + http.Request.QueryString, "self")),
        }, http.RequestAborted);
    }

    private async Task BalancesAsync(HttpContext http)
    {
        if (await gate.AdmitAsync(http) is not { } merchant) return;
        var currency = (string?)http.Request.Query["currency_code"];
        long? asOf = null;
        if (http.Request.Query.TryGetValue("as_of_time", out var text) && (asOf = Time(text)) is null)
        {
            await InvalidAsync(http, "/as_of_time", "INVALID_PARAMETER_SYNTAX", "as_of_time must be an Internet date and time with seconds.");
            return;
        }
        var balances = new JsonArray();
        lock (merchant.Books.Gate)
        {
            foreach (var (code, total) in asOf is { } at ? At(merchant.Books, at) : merchant.Books.Balance())
            {
                if (currency is not (null or "ALL") && currency != code) continue;
                var withheld = asOf is null ? merchant.Books.Withheld(code) : 0;
                balances.Add(new JsonObject
                {
                    ["currency"] = code,
                    ["primary"] = code == "GBP",
                    ["total_balance"] = PayPalCurrency.Money(total, code),
                    ["available_balance"] = PayPalCurrency.Money(total - withheld, code),
                    ["withheld_balance"] = PayPalCurrency.Money(withheld, code),
                });
            }
        }
        await http.Response.WriteAsJsonAsync(new JsonObject
        {
            ["balances"] = balances,
            ["account_id"] = merchant.Id,
            ["as_of_time"] = PayPalClock.Seconds(asOf ?? Refreshed),
            ["last_refresh_time"] = PayPalClock.Seconds(Refreshed),
        }, http.RequestAborted);
    }

    private static Dictionary<string, long> At(PayPalBooks books, long at) => books.Rows.Where(row => row.Status == "S" && row.At <= at)
        .GroupBy(row => row.Currency).ToDictionary(group => group.Key, group => group.Sum(row => row.Net));

    private static Task InvalidAsync(HttpContext http, string field, string issue, string message) =>
        PayPalErrors.WriteAsync(http, 400, "INVALID_REQUEST", message, field, issue);

    /// <summary>Unix seconds; null where the pattern of the specification does not fit.</summary>
    internal static long? Time(string? text) => text is not null && InternetTime().IsMatch(text)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? at.ToUnixTimeSeconds() : null;

    internal static int Number(string? text, int @default) => text is null ? @default : int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : -1;

    [GeneratedRegex("^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[1-2][0-9]|3[0-1])[Tt]([0-1][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)([.][0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$")]
    private static partial Regex InternetTime();
}
