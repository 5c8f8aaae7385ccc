using System.Globalization;
using FinanceIntegrations.Domain.Money;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;

namespace FinanceIntegrations.Providers.Stripe;

/// <summary>An order as the form that Stripe takes, pure. What cannot be sent as it was ordered is an error, before any call.</summary>
internal static class StripeOrders
{
    /// <summary>Where our reference stands in the object.</summary>
    public const string ReferenceKey = "fi_reference";

    private const int LongestId = 255, LongestDescription = 5000, LongestDescriptor = 22;

    /// <summary>What banks' statements do not take (docs.stripe.com/get-started/account/statement-descriptors).</summary>
    private const string NotOnStatements = "<>\\'\"*";

    /// <returns>Empty for orders that say all by their address.</returns>
    public static ProviderResult<KeyValuePair<string, string>[]> Form(WriteOrder order, WriteMark mark)
    {
        if (order.SubjectId is { } id && !IsId(id)) return Misfit("bad_id", "The order names no object that Stripe could have.");
        return order switch
        {
            CreatePayout payout => Form(payout, mark),
            SubmitEvidence submission => Form(submission, mark),
            CancelPayout or AcceptDispute => Array.Empty<KeyValuePair<string, string>>(),
            _ => Misfit("order_unknown", "Stripe takes no such order from us."),
        };
    }

    private static ProviderResult<KeyValuePair<string, string>[]> Form(CreatePayout payout, WriteMark mark)
    {
        if (!Currency.TryParse(payout.Currency, out var currency)) return Misfit("unknown_currency", "ISO 4217 does not list the currency.");
        if (payout.Amount <= 0 || StripeMoney.PaidOut(payout.Amount, currency) is not { } minor)
            return Misfit("bad_amount", $"Stripe pays out no such amount of {currency.Code}: it must be above 0 and whole in the currency's smallest part.");
        if (payout.Method is not (null or "standard" or "instant")) return Misfit("bad_method", "The method is neither standard nor instant.");
        if (payout.DestinationId is { } destination && !IsId(destination)) return Misfit("bad_id", "The destination is no id that Stripe could have.");
        if (payout.Description?.Length > LongestDescription) return Misfit("description_too_long", $"The description has more than {LongestDescription} characters.");
        return Given(
            ("amount", minor.ToString(CultureInfo.InvariantCulture)),
            ("currency", currency.Code.ToLowerInvariant()),
            ("destination", payout.DestinationId),
            ("method", payout.Method),
            ("description", payout.Description),
            ("statement_descriptor", IsForStatements(payout.Description) ? payout.Description : null),
            Reference(mark));
    }

    private static ProviderResult<KeyValuePair<string, string>[]> Form(SubmitEvidence submission, WriteMark mark)
    {
        var said = submission.Evidence;
        var evidence = Given(
            ("evidence[product_description]", said.ProductDescription),
            ("evidence[customer_name]", said.CustomerName),
            ("evidence[customer_email_address]", said.CustomerEmail),
            ("evidence[service_date]", said.ServiceDate),
            ("evidence[shipping_carrier]", said.ShippingCarrier),
            ("evidence[shipping_tracking_number]", said.ShippingTrackingNumber),
            ("evidence[refund_policy_disclosure]", said.RefundPolicy),   // evidence[refund_policy] is the id of a file
            ("evidence[uncategorized_text]", said.Explanation));
        if (evidence.Length == 0 && said.Files.Count == 0) return Misfit("evidence_empty", "The evidence says nothing.");
        if (said.Files.FirstOrDefault(file => FieldOf(file.Purpose) is null) is { } odd) return Misfit("bad_purpose", $"Stripe has no place for files of purpose {odd.Purpose}.");
        if (said.Files.GroupBy(file => FieldOf(file.Purpose)).FirstOrDefault(files => files.Count() > 1) is { } crowd)
            return Misfit("too_many_files", $"Stripe has one place for {string.Join(" and ", crowd.Select(file => file.Purpose).Distinct())}: merge these files into one.");
        return evidence.Concat(Given(Reference(mark), ("submit", "true"))).ToArray();
    }

    /// <summary>
    /// Where the id of an uploaded file goes (docs.stripe.com/api/disputes/evidence_object). What was sold has a place for words only, so a file
    /// about it shares the one for whatever has none.
    /// </summary>
    /// <returns>Null: there is no place.</returns>
    public static string? FieldOf(string purpose) => purpose switch
    {
        EvidencePurposes.Receipt => "evidence[receipt]",
        EvidencePurposes.CustomerCommunication => "evidence[customer_communication]",
        EvidencePurposes.ShippingDocumentation => "evidence[shipping_documentation]",
        EvidencePurposes.RefundPolicy => "evidence[refund_policy]",
        EvidencePurposes.ProductDescription or EvidencePurposes.Other => "evidence[uncategorized_file]",
        _ => null,
    };

    private static (string, string?) Reference(WriteMark mark) => ($"metadata[{ReferenceKey}]", mark.Reference);

    /// <summary>An empty value would take away what is there.</summary>
    private static KeyValuePair<string, string>[] Given(params ReadOnlySpan<(string Name, string? Value)> fields)
    {
        var given = new List<KeyValuePair<string, string>>(fields.Length);
        foreach (var (name, value) in fields)
            if (!string.IsNullOrWhiteSpace(value)) given.Add(new(name, value));
        return [.. given];
    }

    private static bool IsForStatements(string? text) => text is { Length: > 0 and <= LongestDescriptor }
        && text.Any(char.IsAsciiLetter) && text.All(c => c is >= ' ' and <= '~' && !NotOnStatements.Contains(c, StringComparison.Ordinal));

    /// <summary>Nothing that would lead to another address.</summary>
    private static bool IsId(string id) => id.Length is > 0 and <= LongestId && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    private static ProviderError Misfit(string code, string message) => new(ErrorClass.Validation, code, message);
}
