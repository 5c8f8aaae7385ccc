using FinanceIntegrations.Api.Auth;
using FinanceIntegrations.Api.Lists;
using FinanceIntegrations.Api.Problems;
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

/// <summary>The unified model of one integration. Always the last good data, with its age.</summary>
internal static class RecordEndpoints
{
    public static void MapRecords(this RouteGroupBuilder integration)
    {
        integration.MapGet("/accounts", List<AccountReader, AccountItem>).WithName("ListAccounts").WithSummary("Accounts, by id; type is the account's type");
        integration.MapGet("/balances", Balances).WithName("ListBalances").WithSummary("What the accounts hold, per currency, by id")
            .WithDescription("`live`: asks the provider now. Where it does not answer, the last good data comes instead, `stale`, with the reason in `stale_because`.");
        integration.MapGet("/balances/history", BalanceHistory).WithName("ListBalanceHistory")
            .WithSummary("What the accounts held before: each change of the figures, newest first")
            .WithDescription("`account`, `currency`, and `from` and `to` of the change. A row holds until the next one of the same account and currency.");
        integration.MapGet("/transactions", List<TransactionReader, TransactionItem>).WithName("ListTransactions").WithSummary("Movements, newest first");
        integration.MapGet("/payments", List<PaymentReader, PaymentItem>).WithName("ListPayments").WithSummary("Charges and refunds, newest first");
        integration.MapGet("/payouts", List<PayoutReader, PayoutItem>).WithName("ListPayouts").WithSummary("Payouts to the bank, newest first; type is the method");
        integration.MapGet("/payouts/{payout}", Payout).WithName("GetPayout").WithSummary("Read a payout, with what its entries come to");
        integration.MapGet("/payouts/{payout}/entries", Entries).WithName("ListPayoutEntries").WithSummary("The movements that a payout is made of, newest first");
        integration.MapGet("/disputes", List<DisputeReader, DisputeItem>).WithName("ListDisputes").WithSummary("Disputes, newest first; type is the reason");
    }

    private static async Task<Results<Ok<RecordPage<TItem>>, ProblemHttpResult>> List<TReader, TItem>(
        [AsParameters] PageQuery page, [AsParameters] RecordQuery query, OwnedIntegration integration, [FromServices] TReader reader, RecordAge age,
        CancellationToken cancel)
        where TReader : IRecordReader<TItem>
    {
        if (page.Read(Positions.NewestText, out var after) is { } refused) return refused;
        var (asOf, stale) = await age.OfAsync(integration.Row, TReader.Kind, cancel);   // first: what is read after it is at least as new
        var rows = page.Of(await reader.ListAsync(integration.Id, query.Filter, after, page.Size + 1, cancel), TReader.PlaceOf);
        return TypedResults.Ok(new RecordPage<TItem>(rows.Items, rows.NextCursor, asOf, stale));
    }

    private static async Task<Results<Ok<RecordPage<BalanceItem>>, ProblemHttpResult>> Balances(
        [AsParameters] PageQuery page, [AsParameters] RecordQuery query, bool? live, OwnedIntegration integration, BalanceReader reader, RecordAge age,
        LiveBalances balances, CancellationToken cancel)
    {
        var stored = await List<BalanceReader, BalanceItem>(page, query, integration, reader, age, cancel);
        if (live is not true || stored.Result is not Ok<RecordPage<BalanceItem>> { Value: { } held }) return stored;
        return TypedResults.Ok(await balances.OverAsync(integration.Id, held, query.Filter.Currency, cancel));
    }

    private static async Task<Results<Ok<RecordPage<BalanceHistoryItem>>, ProblemHttpResult>> BalanceHistory(
        [AsParameters] PageQuery page, string? account, string? currency, DateTimeOffset? from, DateTimeOffset? to, OwnedIntegration integration,
        BalanceHistoryReader reader, RecordAge age, CancellationToken cancel)
    {
        if (page.Read(Positions.NewestNumber, out var after) is { } refused) return refused;
        var (asOf, stale) = await age.OfAsync(integration.Row, BalanceReader.Kind, cancel);   // first: what is read after it is at least as new
        var filter = new BalanceHistoryFilter(account, currency?.ToUpperInvariant(), Period.Between(from, to));
        var rows = page.Of(await reader.ListAsync(integration.Id, filter, after, page.Size + 1, cancel), BalanceHistoryReader.PlaceOf);
        return TypedResults.Ok(new RecordPage<BalanceHistoryItem>(rows.Items, rows.NextCursor, asOf, stale));
    }

    private static async Task<Results<Ok<PayoutItem>, ProblemHttpResult>> Payout(
        string payout, OwnedIntegration integration, PayoutReader reader, CancellationToken cancel) =>
        await reader.FindAsync(integration.Id, payout, cancel) is { } found ? TypedResults.Ok(found) : Problem.NotFound("payout");

    private static async Task<Results<Ok<RecordPage<PayoutEntryItem>>, ProblemHttpResult>> Entries(
        string payout, [AsParameters] PageQuery page, OwnedIntegration integration, PayoutReader payouts, PayoutEntryReader reader, RecordAge age,
        CancellationToken cancel)
    {
        if (page.Read(Positions.NewestText, out var after) is { } refused) return refused;
        var (asOf, stale) = await age.OfEntriesAsync(integration.Row, cancel);   // first: what is read after it is at least as new
        var rows = await reader.ListAsync(integration.Id, payout, after, page.Size + 1, cancel);
        if (rows.Count == 0 && await payouts.FindAsync(integration.Id, payout, cancel) is null) return Problem.NotFound("payout");
        var entries = page.Of(rows, PayoutEntryReader.PlaceOf);
        return TypedResults.Ok(new RecordPage<PayoutEntryItem>(entries.Items, entries.NextCursor, asOf, stale));
    }
}
