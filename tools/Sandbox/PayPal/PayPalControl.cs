using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.PayPal.Ledger;
using FinanceIntegrations.Sandbox.Webhooks;

namespace FinanceIntegrations.Sandbox.PayPal;

internal sealed record PayPalNewAccount(int? Transactions, long? Seed);

internal sealed record PayPalAdvanceOrder(PayPalAdvance Kind, int? Count);

/// <param name="Status">Of the batch's items, as PayPal spells it.</param>
internal sealed record PayPalPayoutOrder(string Status);

internal sealed record PayPalTokenOrder(int? Seconds);

/// <summary><c>/control/paypal</c>: merchants, their books, what happens to them, tokens and webhooks.</summary>
internal sealed class PayPalControl(PayPalPlatform platform, PayPalWebhooks webhooks, PayPalAppTokens tokens, PayPalSigning signing)
{
    public void Map(IEndpointRouteBuilder control)
    {
        control.MapGet("/accounts", () => platform.Merchants.Prepend(platform.Own).Select(Summary));
        control.MapPost("/accounts", (PayPalNewAccount order) => Results.Ok(Summary(platform.Create(order.Transactions ?? 300, order.Seed))));
        control.MapGet("/accounts/{id}/books", (string id) => On(id, merchant => Results.Json(Books(merchant))));
        control.MapPost("/accounts/{id}/connect", (string id) => On(id, merchant =>
        {
            platform.Grant(merchant);
            return Results.Ok(Summary(merchant));
        }));
        control.MapPost("/accounts/{id}/revoke", (string id) => On(id, merchant => Told(platform.Withdraw(merchant))));
        control.MapPost("/accounts/{id}/advance", (string id, PayPalAdvanceOrder order) => On(id, merchant =>
            order.Count is < 1 or > 10_000 ? Refused("count must be from 1 to 10,000.") : Told(platform.Advance(merchant, order.Kind, order.Count ?? 1))));
        control.MapPost("/accounts/{id}/payouts/{batch}", (string id, string batch, PayPalPayoutOrder order) => On(id, merchant =>
            platform.AdvancePayout(merchant, batch, order.Status) is { } change ? Told(change) : Refused("There is no such batch, or its items cannot come to that status.")));
        control.MapPost("/tokens/expire", (PayPalTokenOrder order) =>
        {
            tokens.Expire(order.Seconds);
            return Results.NoContent();
        });
        control.MapGet("/root", () => Results.Text(signing.RootPem));
        control.MapPost("/certificates", () => Results.Ok(new { url = signing.Rotate() }));
        control.MapPost("/webhooks", async (PayPalWebhookOrder order, CancellationToken cancel) =>
            !WebhookSender.IsAllowed(order.Url) ? Refused("url must be a loopback address.")
            : platform.Find(order.Account) is { } merchant ? Results.Ok(await webhooks.SendAsync(order, merchant, cancel))
            : NoSuchAccount(order.Account));
    }

    private IResult On(string id, Func<PayPalMerchant, IResult> answer) => platform.Find(id) is { } merchant ? answer(merchant) : NoSuchAccount(id);

    private static IResult NoSuchAccount(string id) => Results.NotFound(new { message = $"No such account: '{id}'" });

    private static IResult Refused(string message) => Results.BadRequest(new { message });

    private static IResult Told(PayPalChange change) => Results.Ok(new { change.Ids, EventIds = change.Events.Select(one => one.Id) });

    private object Summary(PayPalMerchant merchant) => new
    {
        merchant.Id,
        merchant.Name,
        Own = merchant == platform.Own,
        Connected = merchant.Granted,
        Transactions = merchant.Books.Rows.Count,
        Disputes = merchant.Books.Disputes.Count,
    };

    /// <summary>Ground truth: everything as the API would give it, oldest first.</summary>
    private static JsonObject Books(PayPalMerchant merchant)
    {
        lock (merchant.Books.Gate)
        {
            return new JsonObject
            {
                ["account"] = merchant.Id,
                ["transactions"] = new JsonArray([.. merchant.Books.Rows.Select(row => row.Json())]),
                ["disputes"] = new JsonArray([.. merchant.Books.Disputes.Select(one => one.Json(PayPalProvider.ApiHost))]),
                ["balances"] = new JsonArray([.. merchant.Books.Balance().Select(held => new JsonObject
                {
                    ["currency"] = held.Key,
                    ["total"] = PayPalCurrency.Write(held.Value, held.Key),
                    ["withheld"] = PayPalCurrency.Write(merchant.Books.Withheld(held.Key), held.Key),
                    ["available"] = PayPalCurrency.Write(held.Value - merchant.Books.Withheld(held.Key), held.Key),
                })]),
                ["events"] = new JsonArray([.. merchant.Books.Events.Select(one => new JsonObject { ["id"] = one.Id, ["event_type"] = one.Type })]),
            };
        }
    }
}
