using FinanceIntegrations.Sandbox.Stripe.Ledger;
using FinanceIntegrations.Sandbox.Webhooks;

namespace FinanceIntegrations.Sandbox.Stripe;

internal sealed record NewAccount(string? Id, int? Transactions, long? Seed);

internal sealed record AdvanceOrder(AdvanceKind Kind, int? Count, long? Until, string? Id);

internal sealed record ConnectOrder(string? Scope);

/// <summary><c>/control/stripe</c>: accounts, their books, what happens to them, and webhooks.</summary>
internal sealed class StripeControl(StripePlatform platform, StripeWebhooks webhooks, WebhookTargets targets)
{
    public void Map(IEndpointRouteBuilder control)
    {
        control.MapGet("/accounts", () => platform.Accounts.Select(Summary));
        control.MapPost("/accounts", (NewAccount order) => platform.Create(order.Id, order.Transactions ?? 300, order.Seed) is { } account
            ? Results.Ok(Summary(account))
            : Refused($"Account '{order.Id}' exists."));
        control.MapGet("/accounts/{id}/books", (string id) => On(id, account => Results.Bytes(BooksJson(account), "application/json")));
        control.MapPost("/accounts/{id}/connect", (string id, ConnectOrder? order) => On(id, account =>
            Told(platform.Connect(account.Id, order?.Scope ?? "read_write"))));
        control.MapPost("/accounts/{id}/revoke", (string id) => On(id, account => Told(platform.Disconnect(account.Id))));
        control.MapPost("/accounts/{id}/advance", (string id, AdvanceOrder order) => On(id, account =>
            order.Count is < 1 or > 10_000 || (order.Id is not null && order.Count > 1)
                ? Refused("count must be from 1 to 10,000, and 1 with an id.")
                : platform.Advance(account, order.Kind, order.Count ?? 1, order.Until, order.Id) is { } change
                    ? Told(change)
                    : Refused($"That cannot happen to '{order.Id}'.")));
        MapWebhooks(control);
    }

    private void MapWebhooks(IEndpointRouteBuilder control)
    {
        control.MapPost("/webhooks", async (WebhookOrder order, CancellationToken cancel) =>
        {
            if (!WebhookSender.IsAllowed(order.Url)) return Refused("url must be a loopback address.");
            if (order.AllSecrets.Count == 0) return Refused("secret or secrets is required.");
            return platform.Find(order.Account) is { } account
                ? Results.Ok(await webhooks.SendAsync(order, account, cancel))
                : NoSuchAccount(order.Account);
        });
        control.MapGet("/webhook-targets", () => targets.All.Select(target => new { target.Url, target.Types }));
        control.MapPost("/webhook-targets", (WebhookTarget target) =>
        {
            if (!WebhookSender.IsAllowed(target.Url)) return Refused("url must be a loopback address.");
            targets.Add(target);
            return Results.NoContent();
        });
        control.MapDelete("/webhook-targets", () =>
        {
            targets.Clear();
            return Results.NoContent();
        });
    }

    private IResult On(string id, Func<StripeAccount, IResult> answer) =>
        platform.Find(id) is { } account ? answer(account) : NoSuchAccount(id);

    private static IResult NoSuchAccount(string id) => Results.NotFound(new { message = $"No such account: '{id}'" });

    private static IResult Refused(string message) => Results.BadRequest(new { message });

    private static IResult Told(Change change) => Results.Ok(new { change.Ids, EventIds = change.Events.Select(item => item.Id) });

    private static object Summary(StripeAccount account) => new
    {
        account.Id,
        account.Name,
        Connected = account.GrantedScope is not null,
        Scope = account.GrantedScope,
        BalanceTransactions = account.Books.BalanceTransactions.Rows.Count,
        Charges = account.Books.Charges.Rows.Count,
        Refunds = account.Books.Refunds.Rows.Count,
        Payouts = account.Books.Payouts.Rows.Count,
        Disputes = account.Books.Disputes.Rows.Count,
        Events = account.Books.Events.Rows.Count,
    };

    /// <summary>Ground truth: everything as the API would give it, newest first, and the payout of each balance transaction.</summary>
    private static byte[] BooksJson(StripeAccount account)
    {
        var books = account.Books;
        var balance = BalanceJson.Write(books);
        lock (books.Gate)
        {
            return StripeObject.Render(json =>
            {
                json.WriteString("account", account.Id);
                json.Raw("balance", balance);
                foreach (var resource in Resource.All)
                {
                    json.WriteStartArray(resource.Path["/v1/".Length..]);
                    foreach (var row in resource.Shelf(books).Rows.Reverse()) json.WriteRawValue(row.Json, skipInputValidation: true);
                    json.WriteEndArray();
                }
                json.WriteStartObject("payout_of_balance_transaction");
                foreach (var row in books.BalanceTransactions.Rows)
                    if (row.Payout is not null) json.WriteString(row.Id, row.Payout);
                json.WriteEndObject();
            });
        }
    }
}
