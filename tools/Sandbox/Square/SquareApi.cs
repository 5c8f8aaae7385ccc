using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.Square.Ledger;

namespace FinanceIntegrations.Sandbox.Square;

/// <summary>The read side of <c>/v2</c>.</summary>
internal sealed class SquareApi(SquareAuthentication authentication, SquareCursors cursors, TimeProvider clock)
{
    private static readonly HashSet<string> OfPayments =
    [
        "begin_time", "end_time", "sort_order", "cursor", "location_id", "total", "last_4", "card_brand", "limit", "is_offline_payment",
        "offline_begin_time", "offline_end_time", "updated_at_begin_time", "updated_at_end_time", "sort_field",
    ];

    private static readonly HashSet<string> OfRefunds =
    [
        "begin_time", "end_time", "sort_order", "cursor", "location_id", "status", "source_type", "limit", "updated_at_begin_time",
        "updated_at_end_time", "sort_field",
    ];

    private static readonly HashSet<string> OfPayouts = ["location_id", "status", "begin_time", "end_time", "sort_order", "cursor", "limit"];
    private static readonly HashSet<string> OfEntries = ["sort_order", "cursor", "limit"];
    private static readonly HashSet<string> OfDisputes = ["cursor", "states", "location_id"];
    private static readonly HashSet<string> OfBankAccounts = ["cursor", "limit", "location_id"];
    private static readonly HashSet<string> OfLocations = [];

    private static readonly HashSet<string> States =
    [
        "INQUIRY_EVIDENCE_REQUIRED", "INQUIRY_PROCESSING", "INQUIRY_CLOSED", "EVIDENCE_REQUIRED", "PROCESSING", "WON", "LOST", "ACCEPTED",
    ];

    public void Map(IEndpointRouteBuilder square)
    {
        square.MapGet("/v2/locations", http => ListAsync(http, "MERCHANT_PROFILE_READ", "locations", OfLocations, (books, _) => new(books.Locations)));
        square.MapGet("/v2/payments", http => ListAsync(http, "PAYMENTS_READ", "payments", OfPayments, Payments));
        square.MapGet("/v2/payments/{id}", http => OneAsync(http, "PAYMENTS_READ", "payment", books => books.Payments));
        square.MapGet("/v2/refunds", http => ListAsync(http, "PAYMENTS_READ", "refunds", OfRefunds, Refunds));
        square.MapGet("/v2/refunds/{id}", http => OneAsync(http, "PAYMENTS_READ", "refund", books => books.Refunds));
        square.MapGet("/v2/payouts", http => ListAsync(http, "PAYOUTS_READ", "payouts", OfPayouts, Payouts));
        square.MapGet("/v2/payouts/{id}", http => OneAsync(http, "PAYOUTS_READ", "payout", books => books.Payouts));
        square.MapGet("/v2/payouts/{payout}/payout-entries", http => ListAsync(http, "PAYOUTS_READ", "payout_entries", OfEntries,
            (books, parameters) => Entries(books, (string)http.Request.RouteValues["payout"]!, parameters)));
        square.MapGet("/v2/disputes", http => ListAsync(http, "DISPUTES_READ", "disputes", OfDisputes, Disputes));
        square.MapGet("/v2/disputes/{id}", http => OneAsync(http, "DISPUTES_READ", "dispute", books => books.Disputes));
        square.MapGet("/v2/bank-accounts", http => BankAccountsAsync(http));
        square.Map("/v2/{**rest}", http => SquareError.NotFound("Resource").WriteAsync(http));
    }

    private sealed record Found(IEnumerable<SquareObject>? Rows, SquareError? Error = null);

    private async Task ListAsync(
        HttpContext http, string scope, string name, IReadOnlySet<string> known, Func<Books, ListParameters, Found> find)
    {
        if (authentication.Identify(http, scope, out var error) is not { } caller)
        {
            await error!.WriteAsync(http);
            return;
        }
        if (ListParameters.Read(http.Request.Query, known, out error) is not { } parameters)
        {
            await error!.WriteAsync(http);
            return;
        }
        var identity = $"{caller.Seller.Id} {http.Request.Path} {parameters.Identity}";
        var begin = parameters.Cursor is null ? 0 : cursors.Read(parameters.Cursor, identity);
        var answer = new JsonObject();
        lock (caller.Seller.Books.Gate)
        {
            var found = begin is null ? new(null, SquareError.InvalidCursor) : find(caller.Seller.Books, parameters);
            error = found.Error;
            var rows = found.Rows?.Skip(begin ?? 0).Take(parameters.Limit + 1).ToList() ?? [];
            // An empty page has no array at all.
            if (rows.Count > 0) answer[name] = new JsonArray([.. rows.Take(parameters.Limit).Select(row => (JsonNode)row.Json())]);
            if (rows.Count > parameters.Limit) answer["cursor"] = cursors.Make(identity, begin!.Value + parameters.Limit);
        }
        await (error?.WriteAsync(http) ?? http.Response.WriteAsJsonAsync(answer));
    }

    private async Task OneAsync(HttpContext http, string scope, string name, Func<Books, IEnumerable<SquareObject>> shelf)
    {
        JsonObject? found = null;
        if (authentication.Identify(http, scope, out var error) is { } caller)
        {
            lock (caller.Seller.Books.Gate)
                found = shelf(caller.Seller.Books).FirstOrDefault(row => row.Id == (string)http.Request.RouteValues["id"]!)?.Json();
            error = found is null ? SquareError.NotFound(name) : null;
        }
        await (error?.WriteAsync(http) ?? http.Response.WriteAsJsonAsync(new JsonObject { [name] = found }));
    }

    private async Task BankAccountsAsync(HttpContext http)
    {
        if (authentication.Identify(http, "BANK_ACCOUNTS_READ", out var error) is not { } caller
            || ListParameters.Read(http.Request.Query, OfBankAccounts, out error) is not { } parameters)
        {
            await error!.WriteAsync(http);
            return;
        }
        var rows = caller.Seller.Books.Locations.Where(location => parameters["location_id"] is not { } asked || location.Id == asked);
        await http.Response.WriteAsJsonAsync(
            new JsonObject { ["bank_accounts"] = new JsonArray([.. rows.Select(location => (JsonNode)location.BankAccountJson())]) });
    }

    /// <summary>Without a location, of the main one alone.</summary>
    private Found Payments(Books books, ListParameters parameters) => At(books, parameters, main: true) is { Error: { } error }
        ? new(null, error)
        : new(Ordered(books.Payments.Where(payment => payment.LocationId == (parameters["location_id"] ?? books.Locations[0].Id)
            && (parameters["total"] is not { } total || payment.Total == long.Parse(total, System.Globalization.CultureInfo.InvariantCulture))
            && (parameters["card_brand"] is not { } brand || payment.CardBrand == brand)), parameters));

    /// <summary>Without a location, of all.</summary>
    private Found Refunds(Books books, ListParameters parameters) => At(books, parameters, main: false) is { Error: { } error }
        ? new(null, error)
        : new(Ordered(books.Refunds.Where(refund => (parameters["location_id"] is not { } location || refund.LocationId == location)
            && (parameters["status"] is not { } status || refund.Status == status)
            && (parameters["source_type"] is not { } source || refund.Payment.SourceType == source)), parameters));

    private Found Payouts(Books books, ListParameters parameters) => At(books, parameters, main: true) is { Error: { } error }
        ? new(null, error)
        : parameters["status"] is { } asked && asked is not ("SENT" or "PAID" or "FAILED")
            ? new(null, SquareError.Bad("INVALID_ENUM_VALUE", $"`{asked}` is not a valid enum value for `status`.", "status"))
            : new(Ordered(books.Payouts.Where(payout => payout.LocationId == (parameters["location_id"] ?? books.Locations[0].Id)
                && (parameters["status"] is not { } status || payout.Status == status)), parameters));

    private static Found Entries(Books books, string payout, ListParameters parameters) => books.Payouts.Find(one => one.Id == payout) is { } found
        ? new(parameters.Ascending ? found.Entries : found.Entries.Reverse())
        : new(null, SquareError.NotFound("Payout"));

    private static Found Disputes(Books books, ListParameters parameters)
    {
        if (parameters["states"] is { } states && !States.Contains(states))
            return new(null, SquareError.Bad("INVALID_ENUM_VALUE", $"`{states}` is not a valid enum value for `states`.", "states"));
        return new(books.Disputes.Where(dispute => (parameters["states"] is not { } state || dispute.State == state)
            && (parameters["location_id"] is not { } location || dispute.LocationId == location)).Reverse());
    }

    private static Found At(Books books, ListParameters parameters, bool main) =>
        parameters["location_id"] is { } asked && books.Locations.All(location => location.Id != asked)
            ? new(null, SquareError.Bad("INVALID_VALUE", $"`{asked}` is not a location of the {(main ? "seller" : "merchant")}.", "location_id"))
            : new([]);

    /// <summary>By default from one year ago on, and the newest first.</summary>
    private IEnumerable<SquareObject> Ordered(IEnumerable<SquareObject> rows, ListParameters parameters)
    {
        var from = parameters.Time("begin_time") ?? clock.GetUtcNow().AddYears(-1).ToUnixTimeMilliseconds();
        var to = parameters.Time("end_time") ?? long.MaxValue;
        var changed = parameters.Time("updated_at_begin_time") ?? long.MinValue;
        var unchanged = parameters.Time("updated_at_end_time") ?? long.MaxValue;
        var within = rows.Where(row => row.Created >= from && row.Created <= to && row.Updated >= changed && row.Updated <= unchanged);
        var time = parameters.ByUpdate ? (Func<SquareObject, long>)(row => row.Updated) : row => row.Created;
        return parameters.Ascending
            ? within.OrderBy(time).ThenBy(row => row.Id, StringComparer.Ordinal)
            : within.OrderByDescending(time).ThenByDescending(row => row.Id, StringComparer.Ordinal);
    }
}
