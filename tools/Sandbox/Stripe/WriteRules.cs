using FinanceIntegrations.Sandbox.Stripe.Ledger;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>What a call does to the books: the object as it is then, or why nothing was done.</summary>
internal delegate (StripeObject? Changed, StripeError? Refused) WriteAction(Books books, long at);

/// <summary>
/// What can be changed through the API. Reading a call's parameters may refuse it; what the books say against it comes once it is executed,
/// and is kept under its idempotency key.
/// </summary>
internal static class WriteRules
{
    private const int LongestDescriptor = 22, LongestEvidence = 20_000, LongestEvidenceTogether = 150_000;

    /// <summary>Of one document of evidence (docs.stripe.com/file-upload).</summary>
    private const int LargestFile = 5_000_000;

    /// <summary>Where a file is given as it is, and not as a form's field.</summary>
    public const string FilesRoute = "/files";

    /// <summary>Routes below <c>/v1</c>.</summary>
    public static readonly IReadOnlyList<string> Routes = ["/payouts", "/payouts/{id}/cancel", "/disputes/{id}", "/disputes/{id}/close", FilesRoute];

    /// <exception cref="ArgumentException">The path is none of <see cref="Routes"/>.</exception>
    public static (WriteAction? Action, StripeError? Refused) Read(string path, IReadOnlyList<KeyValuePair<string, string>> pairs)
    {
        var form = new WriteForm(pairs);
        var action = path.Split('/')[2..] switch
        {
            ["payouts"] => CreatePayout(form),
            ["payouts", var id, "cancel"] => CancelPayout(id),
            ["disputes", var id] => UpdateDispute(id, form),
            ["disputes", var id, "close"] => CloseDispute(id),
            ["files"] => Upload(form),
            _ => throw new ArgumentException($"Nothing can be changed at {path}.", nameof(path)),
        };
        return form.Refusal is { } refused ? (null, refused) : (action, null);
    }

    private static WriteAction CreatePayout(WriteForm form)
    {
        var (amount, currency) = (form.Amount("amount"), form.Needed("currency"));
        if (currency.Length > 0 && (currency.Length != 3 || !currency.All(char.IsAsciiLetter)))
            form.Refuse(StripeError.Invalid($"Invalid currency: {currency}.", "currency"));
        currency = currency.ToLowerInvariant();
        var destination = form.Text("destination");
        var order = new PayoutOrder(amount, currency, "")
        {
            Method = form.OneOf("method", "standard", "instant") ?? "standard",
            Description = form.Text("description"),
            Descriptor = form.Text("statement_descriptor", LongestDescriptor),
            Metadata = new SortedDictionary<string, string>(form.Metadata(), StringComparer.Ordinal),
        };
        _ = form.OneOf("source_type", "bank_account", "card", "fpx");
        return (books, at) =>
        {
            if (destination is not null && !books.BankAccounts.ContainsValue(destination))
                return Refused(StripeError.Missing(400, "external account", destination, "destination"));
            if (!books.BankAccounts.TryGetValue(currency, out var account) || (destination ?? account) != account)
                return Refused(new(400, $"Sorry, you don't have any external accounts in that currency ({currency}).", null, "currency"));
            return books.Sums[currency].Available < amount
                ? Refused(new(400,
                    "You have insufficient funds in your Stripe account. One likely reason you have insufficient funds is that your funds are "
                    + "automatically being paid out; try enabling manual payouts by going to https://dashboard.stripe.com/account/payouts.",
                    "balance_insufficient"))
                : Done(books.PayOut(at, order with { Destination = account }));
        };
    }

    private static WriteAction CancelPayout(string id) => (books, at) =>
    {
        if (books.Payouts.Find(id) is not { } payout) return Refused(StripeError.Missing(404, "payout", id, "payout"));
        if (payout.Automatic) return Refused(new(400, "You can't cancel automatic Stripe payouts."));
        if (payout.Status != "pending") return Refused(new(400, $"Payouts can only be canceled while they are pending; this one is {payout.Status}."));
        books.CancelPayout(at, payout);
        return Done(payout);
    };

    private static WriteAction UpdateDispute(string id, WriteForm form)
    {
        var (evidence, metadata, submit) = (form.Under("evidence", Dispute.EvidenceFields), form.Metadata(), form.Flag("submit"));
        foreach (var (name, value) in evidence)
            if (value.Length > LongestEvidence) form.Refuse(StripeError.TooLong($"evidence[{name}]", LongestEvidence, value.Length));
        if (evidence.Values.Sum(v => v.Length) > LongestEvidenceTogether)
            form.Refuse(StripeError.Invalid($"Evidence can have at most {LongestEvidenceTogether} characters.", "evidence"));
        return (books, at) =>
        {
            if (books.Disputes.Find(id) is not { } dispute) return Refused(StripeError.Missing(404, "dispute", id, "dispute"));
            if (evidence.FirstOrDefault(one => Dispute.FileFields.Contains(one.Key) && one.Value.Length > 0 && books.Files.Find(one.Value) is null) is { Key: { } field } unknown)
                return Refused(StripeError.Missing(400, "file upload", unknown.Value, $"evidence[{field}]"));
            if (evidence.FirstOrDefault(one => Dispute.FileFields.Contains(one.Key) && books.Files.Find(one.Value) is { Purpose: not UploadedFile.DisputeEvidence }).Key is { } other)
                return Refused(StripeError.Invalid($"The file must have the purpose {UploadedFile.DisputeEvidence}.", $"evidence[{other}]"));
            var submits = submit ?? evidence.Count > 0;
            if ((submits || evidence.Count > 0) && !dispute.Answerable)
                return Refused(new(400, $"Evidence can't be submitted for this dispute: its status is {dispute.Status}."));
            Merge(dispute.Evidence, evidence);
            Merge(dispute.Metadata, metadata);
            if (submits) books.AnswerDispute(at, dispute);
            else if (evidence.Count + metadata.Count > 0) books.NoteOnDispute(at, dispute);
            return Done(dispute);
        };
    }

    private static WriteAction Upload(WriteForm form)
    {
        var purpose = form.Needed("purpose");
        if (purpose.Length > 0 && !UploadedFile.Purposes.Contains(purpose))
            form.Refuse(StripeError.Invalid($"Invalid purpose: must be one of {string.Join(", ", UploadedFile.Purposes)}", "purpose"));
        var (name, content) = form.File("file");
        var type = UploadedFile.TypeOf(content);
        if (type is null) form.Refuse(StripeError.Invalid("The file is of no type that is supported for this purpose.", "file"));
        if (content.Length > LargestFile) form.Refuse(StripeError.Invalid($"The file is too large: at most {LargestFile} bytes.", "file"));
        return (books, at) => Done(books.Keep(at, name, purpose, type!, content));
    }

    /// <summary>Only while it waits for us; an inquiry cannot be lost, it is refunded or left to lapse.</summary>
    private static WriteAction CloseDispute(string id) => (books, at) =>
    {
        if (books.Disputes.Find(id) is not { } dispute) return Refused(StripeError.Missing(404, "dispute", id, "dispute"));
        if (dispute.Status != "needs_response")
            return Refused(new(400, dispute.Open ? $"This dispute can't be closed: its status is {dispute.Status}." : "This dispute is already closed."));
        books.CloseDispute(at, dispute, won: false);
        return Done(dispute);
    };

    private static void Merge(SortedDictionary<string, string> held, Dictionary<string, string> given)
    {
        foreach (var (key, value) in given)
        {
            if (value.Length == 0) held.Remove(key);
            else held[key] = value;
        }
    }

    private static (StripeObject?, StripeError?) Done(StripeObject changed) => (changed, null);

    private static (StripeObject?, StripeError?) Refused(StripeError error) => (null, error);
}
