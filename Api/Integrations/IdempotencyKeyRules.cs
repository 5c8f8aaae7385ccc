using FinanceIntegrations.Api.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FinanceIntegrations.Api.Integrations;

/// <summary>What an Idempotency-Key may be, and what a bad one gets.</summary>
internal static class IdempotencyKeyRules
{
    private const int MaxLength = 255;

    public static ProblemHttpResult Refused => Problem.Invalid("Idempotency-Key", $"The key has 1–{MaxLength} printable ASCII characters.");

    public static ProblemHttpResult Reused =>
        Problem.Of(StatusCodes.Status409Conflict, "idempotency_key_reused", "The Idempotency-Key was used with another request.");

    public static bool Allow(string key) => key.Length is > 0 and <= MaxLength && key.All(c => c is >= ' ' and <= '~');
}
