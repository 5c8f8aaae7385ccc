using FinanceIntegrations.Api.Auth;
using FinanceIntegrations.Api.Disputes;
using FinanceIntegrations.Api.Lists;
using FinanceIntegrations.Api.OpenApi;
using FinanceIntegrations.Api.Problems;
using FinanceIntegrations.Data.Disputes;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Operations;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FinanceIntegrations.Api.Operations;

/// <summary>What changes something at the provider, and what became of it.</summary>
internal static class OperationEndpoints
{
    private const string HowItEnds =
        "Needs the role `writer`, an Idempotency-Key, and the operator's switch for it. It is committed before it is sent, and sent once. Where no answer "
        + "comes, `outcome_unknown`, it is looked up at the provider, never sent again; where that tells nothing, the attention list asks a person. "
        + "`Prefer: wait=N`: wait up to N seconds for its end.";

    private const string HowDraftsGo =
        "Without a body the saved draft goes as it stands, with its files; `If-Match`: only if it is still that version. From then on the draft is locked, "
        + "unless the operation fails. With a body, its texts go alone. ";

    public static void MapOperations(this RouteGroupBuilder integration)
    {
        var reading = integration.MapGroup("/operations").WithTags("Operations");
        reading.MapGet("/", List).WithName("ListOperations").WithSummary("Writes to the provider, newest first");
        reading.MapGet("/{operation:guid}", Get).WithName("GetOperation").WithSummary("Read a write to the provider");

        var writing = integration.MapGroup("").WithTags("Operations").RequireAuthorization(AuthServices.Writer)
            .WithMetadata(HeaderParameter.IdempotencyKey, HeaderParameter.Prefer);
        writing.MapPost("/payouts", (CreatePayoutRequest request, Writing write, CancellationToken cancel) => write.OrderAsync(request.Order, cancel))
            .WithName("CreatePayout").WithSummary("Pay money out").WithDescription(HowItEnds).ProducesValidationProblem();
        writing.MapPost("/payouts/{payout}/cancel", (string payout, Writing write, CancellationToken cancel) => write.OrderAsync(new CancelPayout(payout), cancel))
            .WithName("CancelPayout").WithSummary("Call a payout back that is not on its way yet").WithDescription(HowItEnds);
        writing.MapPost("/disputes/{dispute}/evidence",
                (string dispute, SubmitEvidenceRequest? request, HttpRequest http, Writing write, EvidenceDrafts drafts, OwnedIntegration integration, CancellationToken cancel) =>
                    request is null
                        ? DraftSubmission.OrderAsync(dispute, http, write, drafts, integration.Id, cancel)
                        : write.OrderAsync(new SubmitEvidence(dispute, request.Evidence), cancel))
            .WithMetadata(HeaderParameter.IfMatch).WithName("SubmitEvidence").WithSummary("Submit evidence against a dispute, finally").WithDescription(HowDraftsGo + HowItEnds)
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        writing.MapPost("/disputes/{dispute}/accept", (string dispute, Writing write, CancellationToken cancel) => write.OrderAsync(new AcceptDispute(dispute), cancel))
            .WithName("AcceptDispute").WithSummary("Give a dispute up: the money is lost").WithDescription(HowItEnds);
    }

    private static async Task<Results<Ok<Page<Operation>>, ProblemHttpResult>> List(
        [AsParameters] PageQuery page, string? kind, string? status, OwnedIntegration integration, OperationReader operations, CancellationToken cancel)
    {
        if (page.Read(Positions.NewestGuid, out var after) is { } refused) return refused;
        if (status is not (null or "sending" or "outcome_unknown" or "succeeded" or "failed")) return Problem.Invalid("status", "There is no such status.");
        var rows = await operations.ListAsync(integration.Id, kind, status, after, page.Size + 1, cancel);
        return TypedResults.Ok(page.Of(rows, o => new Position<Guid>(o.CreatedAt, o.OperationId)));
    }

    private static async Task<Results<Ok<Operation>, ProblemHttpResult>> Get(
        Guid operation, OwnedIntegration integration, OperationReader operations, CancellationToken cancel) =>
        await operations.FindAsync(integration.Id, operation, cancel) is { } found ? TypedResults.Ok(found) : Problem.NotFound("operation");
}
