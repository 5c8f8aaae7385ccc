using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using FinanceIntegrations.Sandbox.Foundation;
using FinanceIntegrations.Sandbox.Square.Ledger;
using FinanceIntegrations.Sandbox.Webhooks;

namespace FinanceIntegrations.Sandbox.Square;

/// <summary>What to send, as the control API spells it.</summary>
internal sealed record WebhookOrder
{
    public required string Url { get; init; }
    public required string Secret { get; init; }

    /// <summary>The URL that is signed, where it is not <see cref="Url"/>: a subscription behind a proxy.</summary>
    public string? NotificationUrl { get; init; }
    public required string Account { get; init; }
    public string? Type { get; init; }
    public string? EventId { get; init; }

    /// <summary>The body, as it is.</summary>
    public string? Body { get; init; }

    /// <summary>How often each event is sent.</summary>
    public int Duplicate { get; init; } = 1;
    public int Count { get; init; } = 1;
}

internal sealed record WebhookOutcome(
    int Sent, IReadOnlyDictionary<string, int> Statuses, IReadOnlyList<string> EventIds, IReadOnlyList<string> AcceptedEventIds);

/// <summary>Signs events as Square does, and sends them.</summary>
internal sealed class SquareWebhooks(WebhookSender sender, TimeProvider clock)
{
    private readonly Lock _lock = new();

    // Not the books' own, which draw the same ids after a restart. Theirs differ from those of an earlier run, which a receiver may still remember.
    private readonly Chance _madeUp = new((ulong)clock.GetUtcNow().UtcTicks);

    public static WebhookMessage Message(byte[] body, string notificationUrl, string key, long firstSent, int retry = 0) => new(
        body,
        () =>
        {
            List<(string, string)> headers =
            [
                ("x-square-hmacsha256-signature", SquareSignature.Sign(notificationUrl, body, key)),
                ("x-square-signature", SquareSignature.Legacy(notificationUrl, body, key)),
                ("square-environment", "Sandbox"),
                ("square-initial-delivery-timestamp", SquareJson.NanoTime(firstSent)),
            ];
            if (retry > 0) headers.AddRange([("square-retry-number", retry.ToString(CultureInfo.InvariantCulture)), ("square-retry-reason", "http_error")]);
            return headers;
        },
        "Square Connect v2");

    public async Task<WebhookOutcome> SendAsync(WebhookOrder order, Seller seller, CancellationToken cancel)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var statuses = new ConcurrentDictionary<string, int>();
        var (sent, ids, accepted) = (0, new List<string>(), new List<string>());
        foreach (var (id, body) in Choose(order, seller, now))
        {
            ids.Add(id);
            var taken = false;
            for (var time = 0; time < Math.Max(1, order.Duplicate); time++, sent++)
            {
                var status = await sender.SendAsync(order.Url, Message(body, order.NotificationUrl ?? order.Url, order.Secret, now, time), cancel);
                statuses.AddOrUpdate(status.ToString(CultureInfo.InvariantCulture), 1, (_, count) => count + 1);
                taken |= status is >= 200 and < 300;
            }
            if (taken) accepted.Add(id);
        }
        return new(sent, statuses, ids, accepted);
    }

    /// <summary>Events of the books; of a type that they have none of, ones about the newest object, each with an id of its own.</summary>
    private List<(string Id, byte[] Body)> Choose(WebhookOrder order, Seller seller, long now)
    {
        if (order.Body is { } given) return [("", Encoding.UTF8.GetBytes(given))];
        var books = seller.Books;
        lock (books.Gate)
        {
            if (order.EventId is { } wanted) return [.. books.Events.Where(happened => happened.Id == wanted).Select(happened => (happened.Id, happened.Body()))];
            var type = order.Type ?? "payment.updated";
            var known = books.Events.FindAll(happened => happened.Type == type).TakeLast(order.Count).ToList();
            if (known.Count < order.Count) known = [.. Enumerable.Range(0, order.Count).Select(_ => MakeUp(books, seller.Id, type, now))];
            return [.. known.Select(happened => (happened.Id, happened.Body()))];
        }
    }

    private SquareEvent MakeUp(Books books, string merchant, string type, long now)
    {
        var kind = type.Split('.')[0];
        SquareObject? about = kind switch
        {
            "payment" => books.Payments[^1],
            "refund" => books.Refunds[^1],
            "payout" => books.Payouts[^1],
            "dispute" => books.Disputes[^1],
            _ => null,
        };
        lock (_lock)
            return new(Books.Guid(_madeUp), merchant, about?.LocationId, type, now, kind, about?.Id ?? Books.Guid(_madeUp), about?.Json());
    }
}
