using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using FinanceIntegrations.Sandbox.Foundation;
using FinanceIntegrations.Sandbox.Stripe.Ledger;
using FinanceIntegrations.Sandbox.Webhooks;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>What to send, as the control API spells it.</summary>
internal sealed record WebhookOrder
{
    public required string Url { get; init; }
    public string? Secret { get; init; }

    /// <summary>Several v1 signatures, as during a rotation.</summary>
    public IReadOnlyList<string>? Secrets { get; init; }
    public required string Account { get; init; }
    public string? Type { get; init; }
    public string? EventId { get; init; }
    public int? Count { get; init; }

    /// <summary>The events' data.object, instead of a made-up one.</summary>
    public JsonElement? Object { get; init; }

    /// <summary>Makes up new events though the books have some of that type.</summary>
    public bool Synthesise { get; init; }
    public int Concurrency { get; init; } = 1;
    public string? ApiVersion { get; init; }
    public long TimestampOffsetSeconds { get; init; }

    /// <summary>How often each event is sent.</summary>
    public int Duplicate { get; init; } = 1;
    public bool Shuffle { get; init; }
    public int DelayMilliseconds { get; init; }

    public IReadOnlyList<string> AllSecrets => Secrets ?? (Secret is null ? [] : [Secret]);
}

internal sealed record WebhookOutcome(
    int Sent, IReadOnlyDictionary<string, int> Statuses, IReadOnlyList<string> EventIds, IReadOnlyList<string> AcceptedEventIds);

/// <summary>Signs events as Stripe does, and sends them to a Connect endpoint.</summary>
internal sealed class StripeWebhooks(WebhookSender sender, MadeUpEvents madeUp, TimeProvider clock)
{
    public WebhookMessage Message(
        StripeEvent about, string account, IReadOnlyList<string> secrets, string? apiVersion = null, long offset = 0)
    {
        var body = about.ForConnectEndpoint(account, apiVersion);
        return new(
            body,
            () => [("Stripe-Signature", StripeSignature.Header(clock.GetUtcNow().ToUnixTimeSeconds() + offset, body, secrets))],
            "Stripe/1.0 (+https://stripe.com/docs/webhooks)");
    }

    public async Task<WebhookOutcome> SendAsync(WebhookOrder order, StripeAccount account, CancellationToken cancel)
    {
        var events = Choose(order, account);
        var statuses = new ConcurrentDictionary<string, int>();
        var accepted = new ConcurrentDictionary<string, bool>();
        var posts = events.SelectMany(item => Enumerable.Repeat(item, Math.Max(1, order.Duplicate))).ToArray();
        if (order.Shuffle) Shuffle(posts);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, order.Concurrency), CancellationToken = cancel };
        await Parallel.ForEachAsync(posts, parallel, async (item, stop) =>
        {
            if (order.DelayMilliseconds > 0) await Task.Delay(order.DelayMilliseconds, stop);
            var message = Message(item, account.Id, order.AllSecrets, order.ApiVersion, order.TimestampOffsetSeconds);
            var status = await sender.SendAsync(order.Url, message, stop);
            statuses.AddOrUpdate(status.ToString(CultureInfo.InvariantCulture), 1, (_, count) => count + 1);
            if (status is >= 200 and < 300) accepted[item.Id] = true;
        });
        return new(
            posts.Length, statuses, [.. events.Select(item => item.Id)], [.. events.Select(item => item.Id).Where(accepted.ContainsKey)]);
    }

    private List<StripeEvent> Choose(WebhookOrder order, StripeAccount account)
    {
        var count = order.Count ?? 1;
        lock (account.Books.Gate)
        {
            var events = account.Books.Events;
            if (order.EventId is not null) return events.Find(order.EventId) is { } one ? [one] : [];
            if (order.Object is null && !order.Synthesise)
            {
                var known = events.Rows.Reverse().Where(item => item.Type == (order.Type ?? "payout.paid")).Take(count).ToList();
                if (known.Count == count) return known;
            }
        }
        return [.. Enumerable.Range(0, count).Select(_ => madeUp.Make(account, order.Type ?? "payout.paid", order.Object))];
    }

    private void Shuffle(StripeEvent[] posts)
    {
        var chance = new Chance((ulong)clock.GetUtcNow().UtcTicks);
        for (var i = posts.Length - 1; i > 0; i--)
        {
            var other = chance.Below(i + 1);
            (posts[i], posts[other]) = (posts[other], posts[i]);
        }
    }
}
