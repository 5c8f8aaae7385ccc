namespace FinanceIntegrations.Sandbox.Square.Ledger;

/// <summary>What became of it: <see cref="Piece"/> where evidence was uploaded; else how the dispute stands.</summary>
internal sealed record DisputeOutcome(SquareError? Error, Dispute? Dispute = null, Evidence? Piece = null)
{
    public bool Refused => Error is not null;
}

/// <summary>What a seller does about a dispute, as the journal keeps it.</summary>
/// <param name="Action"><c>upload</c>, <c>delete</c>, <c>submit</c> or <c>accept</c>.</param>
/// <param name="Key">Of an upload its idempotency key, of a deletion the evidence's id.</param>
internal sealed record DisputeAnswer(
    string Action, string? Key = null, string? Type = null, string? Text = null, string? FileName = null, string? FileType = null)
{
    /// <summary>Evidence is taken until it is submitted, and a dispute is given up until it is decided.</summary>
    public DisputeOutcome On(Books books, string id, long at)
    {
        if (books.Disputes.Find(one => one.Id == id) is not { } dispute) return new(SquareError.NotFound("Dispute"));
        var piece = dispute.Evidence.Find(one => Action == "delete" ? one.Id == Key : one.Key == Key);
        if (Action == "upload" && piece is not null)
            return piece.Type == Type && piece.Text == Text && piece.FileName == FileName
                ? new(null, dispute, piece)
                : new(new(400, "INVALID_REQUEST_ERROR", "IDEMPOTENCY_KEY_REUSED", "The idempotency key was used for other parameters.", "idempotency_key"));
        if (Action == "accept" ? !dispute.IsOpen : dispute.State != "EVIDENCE_REQUIRED")
            return new(new(400, "INVALID_REQUEST_ERROR", "BAD_REQUEST", $"The dispute is {dispute.State}."));
        if (Action == "delete" && piece is null) return new(SquareError.NotFound("Evidence"));
        if (Action == "submit" && dispute.Evidence.Count == 0) return new(new(400, "INVALID_REQUEST_ERROR", "BAD_REQUEST", "There is no evidence to submit."));
        switch (Action)
        {
            case "upload":
                piece = books.Upload(at, dispute, Key!, Type!, Text, FileName, FileType);
                books.Emit(at, "dispute.evidence.created", dispute, "dispute");
                break;
            case "delete":
                dispute.Evidence.Remove(piece!);
                books.Emit(at, "dispute.evidence.deleted", dispute, "dispute");
                break;
            default:
                if (Action == "submit") books.Submit(at, dispute);
                else books.GiveUp(at, dispute);
                books.Emit(at, "dispute.state.updated", dispute, "dispute");
                break;
        }
        return new(null, dispute, piece);
    }
}
