using FinanceIntegrations.Api.Auth;
using FinanceIntegrations.Api.Lists;
using FinanceIntegrations.Api.Problems;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Providers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FinanceIntegrations.Api.Budgets;

/// <summary>A provider's limit of calls, and how much of it is used: why a sync waits, and until when.</summary>
internal sealed record CallBudgetDocument
{
    public required string Provider { get; init; }

    /// <summary>`account`: this connection's account at the provider; `app`: all of this deployment's calls together.</summary>
    public required string Scope { get; init; }

    /// <summary>The account at the provider; null for the app's.</summary>
    public string? Account { get; init; }

    /// <summary>Class of endpoints; `*`: all.</summary>
    public required string Class { get; init; }

    /// <summary>`limit` calls in so many seconds.</summary>
    public required double PerSeconds { get; init; }
    public required int Limit { get; init; }
    public required int Used { get; init; }

    /// <summary>Given out to a silo and perhaps not made yet; lost with it they count as used.</summary>
    public required int Leased { get; init; }
    public required int Left { get; init; }

    /// <summary>When the next calls come back; null: all are there.</summary>
    public DateTimeOffset? RefillsAt { get; init; }

    /// <summary>The provider asked to wait until then.</summary>
    public DateTimeOffset? BlockedUntil { get; init; }
    public required IReadOnlyList<WaitingDocument> Waiting { get; init; }

    public static CallBudgetDocument Of(CallBudgetRow row) => new()
    {
        Provider = row.Provider,
        Scope = row.Account.Length == 0 ? "app" : "account",
        Account = row.Account.Length == 0 ? null : row.Account,
        Class = row.Class,
        PerSeconds = row.Per.TotalSeconds,
        Limit = row.Calls,
        Used = row.Used,
        Leased = row.Leased,
        Left = row.Left,
        RefillsAt = row.RefillsAt,
        BlockedUntil = row.BlockedUntil,
        Waiting = [.. row.Waiting.GroupBy(w => w.Lane).Select(g => new WaitingDocument(g.Key, g.Sum(w => w.Calls), g.Min(w => w.Since)))],
    };
}

/// <param name="Lane">Why they wait, most urgent first: `person`, `webhook`, `schedule`, `backfill`.</param>
/// <param name="Since">Since when the first of them waits.</param>
internal sealed record WaitingDocument(Lane Lane, int Calls, DateTimeOffset Since);

/// <summary>Call budgets, one by one.</summary>
internal static class CallBudgetEndpoints
{
    private const int Most = 500;

    public static void MapBudgets(this RouteGroupBuilder api) => api.MapGet("/budgets", List).RequireAuthorization(AuthServices.Admin)
        .WithName("ListBudgets").WithSummary("Call budgets of all providers: the app's, those that somebody waits for, those used last");

    public static void MapIntegrationBudgets(this RouteGroupBuilder integration) => integration.MapGet("/budgets", OfIntegration)
        .WithName("GetBudgets").WithSummary("The connection's call budgets: used, left, when they refill, who waits");

    private static async Task<Results<Ok<Page<CallBudgetDocument>>, ProblemHttpResult>> List(
        string? provider, CallBudgetReader budgets, CancellationToken cancel)
    {
        if (provider is not null && !ProviderId.TryParse(provider, out _)) return Problem.Invalid("provider", "There is no such provider.");
        return TypedResults.Ok(PageOf(await budgets.ListAsync(provider, Most, cancel)));
    }

    private static async Task<Ok<Page<CallBudgetDocument>>> OfIntegration(OwnedIntegration integration, CallBudgetReader budgets, CancellationToken cancel) =>
        TypedResults.Ok(PageOf(await budgets.OfAccountAsync(integration.Row.Provider, integration.Row.ExternalAccountId ?? "", cancel)));

    private static Page<CallBudgetDocument> PageOf(IReadOnlyList<CallBudgetRow> rows) => new([.. rows.Select(CallBudgetDocument.Of)], null);
}
