using FinanceIntegrations.Api.Auth;
using FinanceIntegrations.Api.Lists;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Data.Reading.Records;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace FinanceIntegrations.Api.Records;

/// <summary>Filters of the unified model's lists.</summary>
/// <param name="From">Occurred at or after.</param>
/// <param name="To">Occurred before.</param>
internal readonly record struct RecordQuery(
    [FromQuery(Name = "status")] string? Status,
    [FromQuery(Name = "type")] string? Type,
    [FromQuery(Name = "currency")] string? Currency,
    [FromQuery(Name = "from")] DateTimeOffset? From,
    [FromQuery(Name = "to")] DateTimeOffset? To)
{
    public RecordFilter Filter => new(Status, Type, Currency?.ToUpperInvariant(), Period.Between(From, To));
}

/// <summary>The unified model of one integration.</summary>
internal static class RecordEndpoints
{
    public static void MapRecords(this RouteGroupBuilder integration)
    {
        integration.MapGet("/accounts", Accounts).WithName("ListAccounts").WithSummary("Accounts, by id; type is the account's type");
        integration.MapGet("/balances", Balances).WithName("ListBalances").WithSummary("What the accounts hold, per currency, by id");
        integration.MapGet("/transactions", Transactions).WithName("ListTransactions").WithSummary("Movements, newest first");
        integration.MapGet("/payments", Payments).WithName("ListPayments").WithSummary("Charges and refunds, newest first");
        integration.MapGet("/payouts", Payouts).WithName("ListPayouts").WithSummary("Payouts to the bank, newest first; type is the method");
        integration.MapGet("/disputes", Disputes).WithName("ListDisputes").WithSummary("Disputes, newest first; type is the reason");
    }

    private static async Task<Results<Ok<Page<AccountItem>>, ProblemHttpResult>> Accounts(
        [AsParameters] PageQuery page, [AsParameters] RecordQuery query, OwnedIntegration integration, AccountReader accounts,
        CancellationToken cancel) =>
        page.Read(Positions.NewestText, out var after) is { } refused
            ? refused
            : TypedResults.Ok(page.Of(await accounts.ListAsync(integration.Id, query.Filter, after.Id, page.Size + 1, cancel),
                r => new Position<string>(r.AsOf, r.Id)));

    private static async Task<Results<Ok<Page<BalanceItem>>, ProblemHttpResult>> Balances(
        [AsParameters] PageQuery page, [AsParameters] RecordQuery query, OwnedIntegration integration, BalanceReader balances,
        CancellationToken cancel) =>
        page.Read(Positions.NewestText, out var after) is { } refused
            ? refused
            : TypedResults.Ok(page.Of(await balances.ListAsync(integration.Id, query.Filter, after.Id, page.Size + 1, cancel),
                r => new Position<string>(r.AsOf, r.Id)));

    private static async Task<Results<Ok<Page<TransactionItem>>, ProblemHttpResult>> Transactions(
        [AsParameters] PageQuery page, [AsParameters] RecordQuery query, OwnedIntegration integration, TransactionReader transactions,
        CancellationToken cancel) =>
        page.Read(Positions.NewestText, out var after) is { } refused
            ? refused
            : TypedResults.Ok(page.Of(await transactions.ListAsync(integration.Id, query.Filter, after, page.Size + 1, cancel),
                r => new Position<string>(r.OccurredAt, r.Id)));

    private static async Task<Results<Ok<Page<PaymentItem>>, ProblemHttpResult>> Payments(
        [AsParameters] PageQuery page, [AsParameters] RecordQuery query, OwnedIntegration integration, PaymentReader payments,
        CancellationToken cancel) =>
        page.Read(Positions.NewestText, out var after) is { } refused
            ? refused
            : TypedResults.Ok(page.Of(await payments.ListAsync(integration.Id, query.Filter, after, page.Size + 1, cancel),
                r => new Position<string>(r.OccurredAt, r.Id)));

    private static async Task<Results<Ok<Page<PayoutItem>>, ProblemHttpResult>> Payouts(
        [AsParameters] PageQuery page, [AsParameters] RecordQuery query, OwnedIntegration integration, PayoutReader payouts,
        CancellationToken cancel) =>
        page.Read(Positions.NewestText, out var after) is { } refused
            ? refused
            : TypedResults.Ok(page.Of(await payouts.ListAsync(integration.Id, query.Filter, after, page.Size + 1, cancel),
                r => new Position<string>(r.OccurredAt, r.Id)));

    private static async Task<Results<Ok<Page<DisputeItem>>, ProblemHttpResult>> Disputes(
        [AsParameters] PageQuery page, [AsParameters] RecordQuery query, OwnedIntegration integration, DisputeReader disputes,
        CancellationToken cancel) =>
        page.Read(Positions.NewestText, out var after) is { } refused
            ? refused
            : TypedResults.Ok(page.Of(await disputes.ListAsync(integration.Id, query.Filter, after, page.Size + 1, cancel),
                r => new Position<string>(r.OccurredAt, r.Id)));
}
