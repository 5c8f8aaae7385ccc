using System.Text;
using System.Text.Json;
using FinanceIntegrations.Sandbox.Foundation;
using FinanceIntegrations.Sandbox.Stripe.Ledger;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>Events about objects that are on no books, each with ids of its own, for as many webhooks as anybody wants.</summary>
internal sealed class MadeUpEvents(IOptions<StripeOptions> options, TimeProvider clock)
{
    private readonly Lock _lock = new();

    // Ids must differ from those of an earlier run, which a receiver may still remember.
    private readonly Chance _chance = new((ulong)clock.GetUtcNow().UtcTicks);

    public StripeEvent Make(StripeAccount account, string type, JsonElement? given)
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow().ToUnixTimeSeconds();
            return new StripeEvent
            {
                Id = "evt_1" + _chance.Text(23),
                Created = now,
                Type = type,
                ApiVersion = options.Value.ApiVersion,
                Snapshot = given is { } element ? Encoding.UTF8.GetBytes(element.GetRawText()) : About(account, type, now),
            };
        }
    }

    private byte[] About(StripeAccount account, string type, long now)
    {
        if (type.StartsWith("account.application.", StringComparison.Ordinal)) return Named(options.Value.ClientId, "application");
        if (type.StartsWith("account.", StringComparison.Ordinal)) return account.Json;
        if (type.StartsWith("balance.", StringComparison.Ordinal)) return BalanceJson.Write(account.Books);
        // A business of one day, whose books nobody sees.
        var settings = new BooksSettings(account.Id, "SANDBOX", options.Value.ApiVersion, EventsFrom: long.MaxValue);
        var books = new Books(settings, new Chance(_chance.Next()), customers: 1);
        var profile = _chance.Pick(CurrencyProfile.All);
        var charge = books.TakePayment(now, profile, declined: type is "charge.failed" or "payment_intent.payment_failed", atOnce: true);
        if (type.StartsWith("payment_intent.", StringComparison.Ordinal)) return books.PaymentIntents.Rows[0].Json;
        if (type.StartsWith("payout.", StringComparison.Ordinal)) return Payout(books, profile, type, now);
        if (type.StartsWith("charge.dispute.", StringComparison.Ordinal)) return Dispute(books, charge, type, now);
        if (!type.Contains("refund", StringComparison.Ordinal)) return charge.Json;
        var refund = books.GiveBack(now, charge, charge.Amount);
        if (type == "refund.failed") books.RefundFailed(now, refund);
        return type == "charge.refunded" ? charge.Json : refund.Json;
    }

    private static byte[] Payout(Books books, CurrencyProfile profile, string type, long now)
    {
        var payout = books.PayOut(now, profile)!;
        if (type is "payout.paid" or "payout.reconciliation_completed") books.PayoutPaid(now, payout);
        else if (type == "payout.failed") books.PayoutFailed(now, payout);
        else if (type == "payout.updated") books.SendPayout(now, payout);
        return payout.Json;
    }

    private static byte[] Dispute(Books books, Charge charge, string type, long now)
    {
        var dispute = books.OpenDispute(now, charge, inquiry: false);
        if (type is "charge.dispute.closed" or "charge.dispute.funds_reinstated") books.CloseDispute(now, dispute, won: true);
        else if (type == "charge.dispute.updated") books.AnswerDispute(now, dispute);
        return dispute.Json;
    }

    private static byte[] Named(string id, string kind) => StripeObject.Render(json =>
    {
        json.WriteString("id", id);
        json.WriteString("object", kind);
        json.WriteString("name", "Finance Integrations");
    });
}
