using System.Security.Claims;
using FinanceIntegrations.Api.Auth;
using FinanceIntegrations.Api.Limits;
using FinanceIntegrations.Api.OpenApi;
using FinanceIntegrations.Api.Operations;
using FinanceIntegrations.Api.Problems;
using FinanceIntegrations.Data.Disputes;
using FinanceIntegrations.Domain.Operations;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FinanceIntegrations.Api.Disputes;

/// <summary>Drafts of evidence: saved, with their files, before anything is sent.</summary>
internal static class EvidenceEndpoints
{
    private const string Versions =
        "The answer's ETag is the draft's version, which every change of texts or files replaces. `If-Match`: only if it is still that one, else 412 "
        + "`evidence_stale`. 409 `evidence_locked` while the draft is being handed in, or was.";

    public static void MapEvidence(this RouteGroupBuilder integration)
    {
        integration.MapGet("/disputes/summary", Summary).WithTags("Disputes").WithName("SummarizeDisputes")
            .WithSummary("How many disputes are open, need a response, were won and lost, and the money, per currency");
        var draft = integration.MapGroup("/disputes/{dispute}/evidence").WithTags("Disputes");
        draft.MapGet("/", Get).WithName("GetEvidence").WithSummary("The draft of what is going to be said about a dispute").WithDescription(Versions);
        draft.MapGet("/files/{file:guid}", Download).WithName("GetEvidenceFile").WithSummary("Download a file of the draft");

        var writing = draft.MapGroup("").RequireAuthorization(AuthServices.Writer).WithMetadata(HeaderParameter.IfMatch);
        writing.MapPut("/", Save).WithName("SaveEvidence").WithSummary("Replace the draft's texts; nothing is sent").WithDescription(Versions)
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        writing.MapDelete("/", Delete).WithName("DeleteEvidence").WithSummary("Throw the draft away, with its files").WithDescription(Versions);
        writing.MapPost("/files", Add).WithName("AddEvidenceFile").WithSummary("Add a file to the draft: the body is the file")
            .WithDescription($"PDF, JPEG or PNG, {EvidencePurposes.MostBytes} bytes of all files together, one of each purpose but `other`. The same file again changes nothing. " + Versions)
            .Accepts<byte[]>(EvidencePurposes.MediaTypes[0], [.. EvidencePurposes.MediaTypes.Skip(1)])
            .WithMetadata(new BodyLimit(EvidencePurposes.MostBytes))
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status413PayloadTooLarge);
        writing.MapDelete("/files/{file:guid}", Remove).WithName("RemoveEvidenceFile").WithSummary("Take a file out of the draft").WithDescription(Versions);
    }

    private static async Task<Ok<DisputeSummary>> Summary(OwnedIntegration integration, DisputeMoney money, CancellationToken cancel) =>
        TypedResults.Ok(new DisputeSummary(await money.SumsAsync(integration.Id, cancel)));

    private static async Task<Results<Ok<EvidenceDocument>, ProblemHttpResult>> Get(
        string dispute, OwnedIntegration integration, HttpResponse response, EvidenceDrafts drafts, CancellationToken cancel)
    {
        if (await drafts.FindAsync(integration.Id, dispute, cancel) is not { } found) return Problem.NotFound("dispute");
        return Show(found, response);
    }

    private static async Task<Results<Ok<EvidenceDocument>, ProblemHttpResult>> Save(
        string dispute, SaveEvidenceRequest request, OwnedIntegration integration, HttpContext http, EvidenceDrafts drafts, TimeProvider clock,
        CancellationToken cancel)
    {
        if (!DraftVersion.TryRead(http.Request, out var expected)) return DraftVersion.Unreadable;
        var outcome = await drafts.SaveAsync(integration.Id, dispute, request.Evidence, expected, http.User.Id(), clock.GetUtcNow(), cancel);
        return outcome.Refusal is { } refusal ? Refused(refusal) : Show(outcome.Draft!, http.Response);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        string dispute, OwnedIntegration integration, HttpRequest request, ClaimsPrincipal user, EvidenceDrafts drafts, TimeProvider clock, CancellationToken cancel)
    {
        if (!DraftVersion.TryRead(request, out var expected)) return DraftVersion.Unreadable;
        var outcome = await drafts.DeleteAsync(integration.Id, dispute, expected, user.Id(), clock.GetUtcNow(), cancel);
        return outcome.Refusal is { } refusal ? Refused(refusal) : TypedResults.NoContent();
    }

    private static async Task<Results<Created<AddedFile>, Ok<AddedFile>, ProblemHttpResult>> Add(
        string dispute, string? purpose, string? name, OwnedIntegration integration, HttpContext http, EvidenceDrafts drafts, TimeProvider clock,
        CancellationToken cancel)
    {
        if (!DraftVersion.TryRead(http.Request, out var expected)) return DraftVersion.Unreadable;
        if (purpose is null || !EvidencePurposes.All.Contains(purpose)) return Problem.Invalid("purpose", $"purpose is one of {string.Join(", ", EvidencePurposes.All)}.");
        var mediaType = http.Request.ContentType?.Split(';')[0].Trim().ToLowerInvariant() ?? "";
        if (EvidenceRules.ProblemOfName(name, mediaType) is { } problem) return Problem.Invalid("name", problem);
        if (http.Request.ContentLength > EvidencePurposes.MostBytes) return Refused("evidence_too_large");
        using var body = new MemoryStream((int)(http.Request.ContentLength ?? 0));
        await http.Request.Body.CopyToAsync(body, cancel);
        var content = body.GetBuffer().AsMemory(0, (int)body.Length);
        if (!EvidenceRules.Agrees(content.Span, mediaType))
            return Problem.Of(StatusCodes.Status400BadRequest, "evidence_type_disagrees", $"The body is not what its Content-Type {mediaType} says.");

        var now = clock.GetUtcNow();
        var file = new EvidenceFile(Guid.CreateVersion7(now), purpose, name!, mediaType, content.Length, EvidenceRules.Hash(content.Span));
        var outcome = await drafts.AddAsync(integration.Id, dispute, new(file, content), expected, http.User.Id(), now, cancel);
        if (outcome.Refusal is { } refusal) return Refused(refusal);
        var (added, draft) = (outcome.File!, outcome.Draft!);
        http.Response.Headers.ETag = DraftVersion.Tag(draft);
        var location = $"/api/integrations/{integration.Id}/disputes/{Uri.EscapeDataString(dispute)}/evidence/files/{added.Id}";
        if (added.Id == file.Id) return TypedResults.Created(location, new AddedFile(added, draft.Version));
        http.Response.Headers.Location = location;
        return TypedResults.Ok(new AddedFile(added, draft.Version));
    }

    /// <summary>As an attachment, and never guessed at: it came from outside.</summary>
    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> Download(
        string dispute, Guid file, OwnedIntegration integration, EvidenceDrafts drafts, CancellationToken cancel) =>
        await drafts.ReadFileAsync(integration.Id, dispute, file, cancel) is { } stored
            ? TypedResults.File(stored.Content, stored.MediaType, stored.Name)
            : Problem.NotFound("evidence_file");

    private static async Task<Results<Ok<EvidenceDocument>, ProblemHttpResult>> Remove(
        string dispute, Guid file, OwnedIntegration integration, HttpContext http, EvidenceDrafts drafts, TimeProvider clock, CancellationToken cancel)
    {
        if (!DraftVersion.TryRead(http.Request, out var expected)) return DraftVersion.Unreadable;
        var outcome = await drafts.RemoveAsync(integration.Id, dispute, file, expected, http.User.Id(), clock.GetUtcNow(), cancel);
        return outcome.Refusal is { } refusal ? Refused(refusal) : Show(outcome.Draft!, http.Response);
    }

    internal static ProblemHttpResult Refused(string code) => code switch
    {
        DraftRefusals.NotHeld => Problem.NotFound("dispute"),
        DraftRefusals.FileUnknown => Problem.NotFound("evidence_file"),
        DraftRefusals.Stale => Problem.Of(StatusCodes.Status412PreconditionFailed, code, "The draft was changed meanwhile: read it again."),
        DraftRefusals.Locked => Problem.Of(StatusCodes.Status409Conflict, code, "Evidence against this dispute is being handed in, or was: it can be changed only if that fails."),
        DraftRefusals.Empty => Problem.Of(StatusCodes.Status409Conflict, code, "There is nothing in the draft that could be handed in."),
        "evidence_purpose_taken" => Problem.Of(StatusCodes.Status409Conflict, code, "The draft has a file of this purpose: take that out first, or say other."),
        "evidence_too_many_files" => Problem.Of(StatusCodes.Status409Conflict, code, $"A draft has at most {EvidenceRules.MostFiles} files."),
        _ => Problem.Of(StatusCodes.Status413PayloadTooLarge, code, $"All files of a draft together have at most {EvidencePurposes.MostBytes} bytes."),
    };

    private static Ok<EvidenceDocument> Show(EvidenceDraft draft, HttpResponse response)
    {
        response.Headers.ETag = DraftVersion.Tag(draft);
        return TypedResults.Ok(EvidenceDocument.Of(draft));
    }
}
