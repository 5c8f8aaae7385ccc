using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;

namespace FinanceIntegrations.Providers.Square;

/// <summary>A text of the evidence, as Square takes it: each by itself.</summary>
internal readonly record struct SquareText(string Type, string Text);

/// <summary>An order as what Square takes, pure. What cannot be sent as it was ordered is an error, before any call.</summary>
/// <remarks>Square lets nobody order a payout: it pays by its own schedule, or the seller does in the dashboard.</remarks>
internal static class SquareOrders
{
    private const int LongestId = 40, LongestText = 500, LongestName = 40;

    /// <summary>By this the evidence is known again, where Square shows its text.</summary>
    public static string Signature(WriteMark mark) => $"Reference: {mark.Reference}";

    /// <returns>Empty for the acceptance, which says all by its address.</returns>
    public static ProviderResult<IReadOnlyList<SquareText>> Texts(WriteOrder order, WriteMark mark)
    {
        if (order is not (SubmitEvidence or AcceptDispute)) return Misfit("order_unknown", "Square takes no such order.");
        if (!IsId(order.SubjectId!)) return Misfit("bad_id", "The order names no dispute that Square could have.");
        if (order is not SubmitEvidence { Evidence: var said }) return Array.Empty<SquareText>();
        List<SquareText> texts =
        [
            .. Given("REBUTTAL_EXPLANATION", said.Explanation),
            .. Given("PRODUCT_OR_SERVICE_DESCRIPTION", said.ProductDescription),
            .. Given("CARDHOLDER_INFORMATION", said.CustomerName, "Name: "),
            .. Given("CARDHOLDER_INFORMATION", said.CustomerEmail, "E-mail: "),
            .. Given("SERVICE_RECEIVED_DOCUMENTATION", said.ServiceDate, "Date of service: "),
            .. Given("PROOF_OF_DELIVERY_DOCUMENTATION", said.ShippingCarrier, "Carrier: "),
            .. Given("TRACKING_NUMBER", said.ShippingTrackingNumber),
            .. Given("CANCELLATION_OR_REFUND_DOCUMENTATION", said.RefundPolicy),
        ];
        if (texts.Count == 0 && said.Files.Count == 0) return Misfit("evidence_empty", "The evidence says nothing.");
        if (texts.Exists(text => text.Text.Length > LongestText))
            return Misfit("evidence_too_long", $"Square takes {LongestText} characters of each text at most: a longer one is a file.");
        texts.Add(new("GENERIC_EVIDENCE", Signature(mark)));
        return texts;
    }

    public static string TypeOf(EvidenceFile file) => file.Purpose switch
    {
        EvidencePurposes.Receipt => "RECEIPT",
        EvidencePurposes.CustomerCommunication => "CARDHOLDER_COMMUNICATION",
        EvidencePurposes.ShippingDocumentation => "PROOF_OF_DELIVERY_DOCUMENTATION",
        EvidencePurposes.RefundPolicy => "CANCELLATION_OR_REFUND_DOCUMENTATION",
        EvidencePurposes.ProductDescription => "PRODUCT_OR_SERVICE_DESCRIPTION",
        _ => "GENERIC_EVIDENCE",
    };

    /// <summary>Plain letters and the ending, in the length that Square has for it.</summary>
    public static string NameOf(EvidenceFile file)
    {
        var plain = string.Concat(Path.GetFileNameWithoutExtension(file.Name).Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
        var ending = file.MediaType switch { "image/jpeg" => ".jpg", "image/png" => ".png", _ => ".pdf" };
        return (plain.Length == 0 ? "file" : plain.Length > LongestName - ending.Length ? plain[..(LongestName - ending.Length)] : plain) + ending;
    }

    private static SquareText[] Given(string type, string? text, string title = "") => string.IsNullOrWhiteSpace(text) ? [] : [new(type, title + text)];

    /// <summary>Nothing that would lead to another address.</summary>
    private static bool IsId(string id) => id.Length is > 0 and <= LongestId && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    private static ProviderError Misfit(string code, string message) => new(ErrorClass.Validation, code, message);
}
