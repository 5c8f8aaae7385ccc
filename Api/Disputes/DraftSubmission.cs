using FinanceIntegrations.Api.Operations;
using FinanceIntegrations.Data.Disputes;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Operations;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FinanceIntegrations.Api.Disputes;

/// <summary>A draft that is handed in as it stands. What it says is taken, and locked, under its operation's id.</summary>
internal sealed class DraftSubmission(EvidenceDrafts drafts, Guid integration, string dispute, long? expected) : IOrderSource
{
    public static async Task<Results<Accepted<Operation>, Ok<Operation>, ProblemHttpResult>> OrderAsync(
        string dispute, HttpRequest request, Writing write, EvidenceDrafts drafts, Guid integration, CancellationToken cancel)
    {
        if (!DraftVersion.TryRead(request, out var expected)) return DraftVersion.Unreadable;
        return await write.OrderAsync($"draft of {dispute}", new DraftSubmission(drafts, integration, dispute, expected), cancel);
    }

    public async Task<(WriteOrder? Order, ProblemHttpResult? Refused)> TakeAsync(Guid operation, CancellationToken cancel)
    {
        var outcome = await drafts.TakeAsync(integration, dispute, operation, expected, cancel);
        return outcome.Refusal is { } refusal ? (null, EvidenceEndpoints.Refused(refusal)) : (new SubmitEvidence(dispute, outcome.Draft!.Evidence), null);
    }

    public Task LeaveAsync(Guid operation) => drafts.LeaveAsync(integration, dispute, operation, CancellationToken.None);
}
