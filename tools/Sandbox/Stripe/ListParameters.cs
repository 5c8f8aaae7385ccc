using System.Globalization;
using FinanceIntegrations.Sandbox.Stripe.Ledger;
using Microsoft.AspNetCore.WebUtilities;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>Reads the query of a list call, as strict as Stripe: what it does not know is an error.</summary>
internal static class ListParameters
{
    private static readonly IReadOnlyDictionary<string, string> NoFilter = new Dictionary<string, string>();
    private static readonly HashSet<string> NoTypes = [];

    public static (ListQuery Query, StripeError? Error) Read(QueryString text, Resource resource)
    {
        var query = new ListQuery { Equal = NoFilter, Types = NoTypes };
        Dictionary<string, string>? equal = null;
        HashSet<string>? types = null;
        List<string>? expand = null;
        foreach (var pair in new QueryStringEnumerable(text.Value))
        {
            var name = pair.DecodeName().ToString();
            var value = pair.DecodeValue().ToString();
            var bracket = name.IndexOf('[', StringComparison.Ordinal);
            var field = bracket < 0 ? name : name[..bracket];
            switch (field)
            {
                case "limit":
                    if (!TryNumber(value, out var limit)) return (query, StripeError.NotAnInteger(name, value));
                    if (limit is < 1 or > 100) return (query, OutOfRange(limit));
                    query = query with { Limit = (int)limit };
                    break;
                case "starting_after":
                    query = query with { StartingAfter = value };
                    break;
                case "ending_before":
                    query = query with { EndingBefore = value };
                    break;
                case "expand" when bracket > 0:
                    (expand ??= []).Add(value);
                    break;
                case "types" when bracket > 0 && resource.Filters.Contains("types"):
                    (types ??= []).Add(value);
                    break;
                case "created" or "arrival_date" when resource.Filters.Contains(field):
                    var range = field == "created" ? query.Created : query.ArrivalDate;
                    if (!TryNumber(value, out var time)) return (query, StripeError.NotAnInteger(name, value));
                    if (Narrow(range, bracket < 0 ? "" : name[bracket..], time) is not { } narrowed)
                        return (query, StripeError.UnknownParameter(name));
                    query = field == "created" ? query with { Created = narrowed } : query with { ArrivalDate = narrowed };
                    break;
                default:
                    if (bracket >= 0 || !resource.Filters.Contains(field)) return (query, StripeError.UnknownParameter(name));
                    (equal ??= [])[field] = value;
                    break;
            }
        }
        query = query with { Equal = equal ?? NoFilter, Types = types ?? NoTypes, Expand = expand ?? [] };
        return (query, Contradiction(query));
    }

    private static StripeError? Contradiction(ListQuery query)
    {
        if (query.StartingAfter is not null && query.EndingBefore is not null)
            return StripeError.Invalid("You may only specify one of these parameters: starting_after, ending_before.", "starting_after");
        if (query.Types.Count > 20) return StripeError.Invalid("Invalid array: you may only specify up to 20 types.", "types");
        if (query.Types.Count > 0 && query.Equal.ContainsKey("type"))
            return StripeError.Invalid("You may only specify one of these parameters: type, types.", "types");
        return null;
    }

    private static StripeError OutOfRange(long limit) => new(400, limit < 1
        ? "This value must be greater than or equal to 1."
        : $"This value must be less than or equal to 100 (it currently is '{limit}').", "parameter_invalid_integer", "limit");

    private static TimeRange? Narrow(TimeRange range, string bound, long time) => bound switch
    {
        "" => new(time, time),
        "[gt]" => range with { From = Math.Max(range.From, time + 1) },
        "[gte]" => range with { From = Math.Max(range.From, time) },
        "[lt]" => range with { To = Math.Min(range.To, time - 1) },
        "[lte]" => range with { To = Math.Min(range.To, time) },
        _ => null,
    };

    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number) && Math.Abs(number) < 1L << 52;
}
