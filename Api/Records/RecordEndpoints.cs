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
        integration.MapGet("/accounts", List<AccountReader, AccountItem>).WithName("ListAccounts").WithSummary("Accounts, by id; type is the account's type");
        integration.MapGet("/balances", List<BalanceReader, BalanceItem>).WithName("ListBalances").WithSummary("What the accounts hold, per currency, by id");
        integration.MapGet("/transactions", List<TransactionReader, TransactionItem>).WithName("ListTransactions").WithSummary("Movements, newest first");
        integration.MapGet("/payments", List<PaymentReader, PaymentItem>).WithName("ListPayments").WithSummary("Charges and refunds, newest first");
        integration.MapGet("/payouts", List<PayoutReader, PayoutItem>).WithName("ListPayouts").WithSummary("Payouts to the bank, newest first; type is the method");
        integration.MapGet("/disputes", List<DisputeReader, DisputeItem>).WithName("ListDisputes").WithSummary("Disputes, newest first; type is the reason");
    }

    private static async Task<Results<Ok<Page<TItem>>, ProblemHttpResult>> List<TReader, TItem>(
        [AsParameters] PageQuery page, [AsParameters] RecordQuery query, OwnedIntegration integration, [FromServices] TReader reader,
        CancellationToken cancel)
        where TReader : IRecordReader<TItem> =>
        page.Read(Positions.NewestText, out var after) is { } refused
            ? refused
            : TypedResults.Ok(page.Of(await reader.ListAsync(integration.Id, query.Filter, after, page.Size + 1, cancel), TReader.PlaceOf));
}
