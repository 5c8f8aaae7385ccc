using FinanceIntegrations.Testing;

namespace FinanceIntegrations.Chaos;

/// <summary>What a course of faults needs to know of a provider, and how it is asked.</summary>
internal sealed record FaultyProvider
{
    private static readonly IReadOnlyList<int> AllStatuses = [400, 401, 402, 403, 404, 409, 429, 500, 502, 503, 504];

    public required string Name { get; init; }

    /// <summary>Beginnings of the paths that faults strike.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>What it answers instead. A 404 where a row was just listed is a word of the provider's, and no fault: the row is kept as the list had it.</summary>
    public IReadOnlyList<int> Statuses { get; init; } = AllStatuses;

    /// <summary>Kinds of change that the sandbox takes.</summary>
    public required IReadOnlyList<string> Changes { get; init; }

    /// <summary>A delta does not see all that changes without an event: the day's full read does (providers' README).</summary>
    public bool NeedsFullRead { get; init; }

    /// <summary>An account of its own: how many rows, whose seed.</summary>
    public required Func<int, int, Task<string>> NewAccountAsync { get; init; }

    /// <summary>Lets something happen to an account. Answers the ids of the events that tell of it.</summary>
    public required Func<string, string, int, Task<IReadOnlyList<string>>> ChangeAsync { get; init; }

    /// <summary>Sends an account's event to the app's endpoint, so many times.</summary>
    public required Func<string, string, int, Task> TellAsync { get; init; }

    /// <summary>Holds what the api shows of a connection against the account's books: kind, what it must show, what its rows are.</summary>
    public required Func<string, Task<IReadOnlyList<BookOf>>> BooksAsync { get; init; }

    public static IReadOnlyList<FaultyProvider> All(ProductCluster product, CancellationToken cancel) =>
        [Stripe(product, cancel), PayPal(product, cancel), Square(product, cancel)];

    private static FaultyProvider Stripe(ProductCluster product, CancellationToken cancel) => new()
    {
        Name = "stripe",
        Statuses = LongRun.Choose(AllStatuses, full: [401, 402, 403, 409, 429, 500, 502, 503, 504]),   // 400 and 404: a payout that it does not itemise
        Paths =
            ["/v1/", "/v1/balance_transactions", "/v1/charges", "/v1/payouts", "/v1/refunds", "/v1/disputes", "/v1/events", "/v1/balance", "/v1/account"],
        Changes = ["charge", "refund", "payout", "payout_paid", "payout_failed", "dispute", "dispute_closed"],
        NewAccountAsync = (rows, seed) => product.Sandbox.NewAccountAsync(LongRun.Choose(rows, full: rows / 3), seed, cancel),
        ChangeAsync = async (account, kind, count) => (await product.Sandbox.AdvanceAsync(account, kind, count, cancel: cancel)).EventIds,
        TellAsync = (account, id, times) => product.Sandbox.SendWebhooksAsync(
            new { url = product.StripeWebhooks, secret = product.StripeWebhookSecret, account, event_id = id, duplicate = times }, cancel),
        BooksAsync = async account =>
        {
            var books = await product.Sandbox.BooksAsync(account, cancel);
            var entries = LongRun.Enabled ? books.Entries() : null;
            return
            [
                .. StripeBooks.Kinds.Select(kind => new BookOf(kind, books.Lines(kind), rows => StripeBooks.Seen(kind, rows))),
                .. entries is null ? [] : books.Ids("payouts").Select(payout => new BookOf($"payouts/{payout}/entries", entries.GetValueOrDefault(payout, []), StripeBooks.SeenEntries)),
            ];
        },
    };

    private static FaultyProvider PayPal(ProductCluster product, CancellationToken cancel) => new()
    {
        Name = "paypal",
        Statuses = [400, 401, 402, 403, 409, 429, 500, 502, 503, 504],   // each dispute is looked up
        Paths = ["/v1/reporting", "/v1/reporting/transactions", "/v1/reporting/balances", "/v1/customer/disputes"],
        Changes = ["sale", "pending_sale", "refund", "withdrawal", "dispute", "dispute_resolved", "settle"],
        NewAccountAsync = (rows, _) => product.Sandbox.NewPayPalAccountAsync(rows, cancel),
        ChangeAsync = async (account, kind, count) => (await product.Sandbox.AdvancePayPalAsync(account, kind, count, cancel)).EventIds,
        TellAsync = (account, id, times) => product.Sandbox.SendPayPalWebhookAsync(product.PayPalWebhooks, product.PayPalWebhookId, account, id, times, cancel),
        BooksAsync = async account =>
        {
            var books = await product.Sandbox.PayPalBooksAsync(account, cancel);
            return [.. PayPalBooks.Kinds.Select(kind => new BookOf(kind, books.Lines(kind), rows => PayPalBooks.Seen(kind, rows)))];
        },
    };

    private static FaultyProvider Square(ProductCluster product, CancellationToken cancel) => new()
    {
        Name = "square",
        NeedsFullRead = true,   // disputes that are opened and decided between two deltas
        Paths = ["/v2/", "/v2/payments", "/v2/refunds", "/v2/payouts", "/v2/disputes", "/v2/locations"],
        Changes = ["payment", "refund", "payout", "payout_paid", "payout_failed", "dispute", "dispute_closed"],
        NewAccountAsync = (rows, _) => product.Sandbox.NewSellerAsync(rows, cancel: cancel),
        ChangeAsync = async (account, kind, count) => (await product.Sandbox.AdvanceSellerAsync(account, kind, count, cancel)).EventIds,
        TellAsync = (account, id, times) => product.Sandbox.SendSquareWebhooksAsync(
            new { url = product.SquareWebhooks, secret = product.SquareWebhookSecret, account, event_id = id, duplicate = times }, cancel),
        BooksAsync = async account =>
        {
            var books = await product.Sandbox.SellerBooksAsync(account, cancel);
            return [.. SquareBooks.Kinds.Select(kind => new BookOf(kind, books.Lines(kind), rows => SquareBooks.Seen(kind, rows)))];
        },
    };
}

/// <summary>One list of the api, and what it must show.</summary>
internal sealed record BookOf(string Kind, IReadOnlyList<string> Lines, Func<IEnumerable<System.Text.Json.Nodes.JsonNode>, IReadOnlyList<string>> Seen);
