using System.Text;
using System.Text.Json;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>A seller's evidence as the pieces that PayPal takes: each of a type, with notes, documents, or the shipment's tracking number. Pure.</summary>
internal static class PayPalEvidenceOrders
{
    private const int LongestNotes = 2000, LongestTracking = 255, LongestCarrier = 2000, LongestName = 100;

    /// <summary>Of the first PayPal takes tracking numbers alone, and documents of the second.</summary>
    private const string Shipment = "PROOF_OF_FULFILLMENT", ShipmentDocuments = "ADDITIONAL_PROOF_OF_SHIPMENT", Other = "OTHER";

    /// <summary>Carriers that PayPal has a word for and that people spell like it; every other goes by its name.</summary>
    private static readonly HashSet<string> Carriers = ["UPS", "USPS", "FEDEX", "DHL", "ROYAL_MAIL", "PARCELFORCE", "TNT", "DPD"];

    /// <summary>By this the evidence is known again: it stands in the notes.</summary>
    public static string Signature(WriteMark mark) => $"Reference: {mark.Reference}";

    public static ProviderResult<byte[]> Body(SubmitEvidence submission, WriteMark mark)
    {
        var said = submission.Evidence;
        if (said.Files.Count == 0 && said.Texts.All(string.IsNullOrWhiteSpace)) return PayPalOrders.Misfit("evidence_empty", "The evidence says nothing.");
        if (said.ShippingTrackingNumber?.Length > LongestTracking || said.ShippingCarrier?.Length > LongestCarrier)
            return PayPalOrders.Misfit("evidence_too_long", $"PayPal takes a tracking number of {LongestTracking} characters, and a carrier of {LongestCarrier}.");
        var pieces = Pieces(said, mark);
        return pieces.Any(piece => piece.Notes?.Length > LongestNotes)
            ? PayPalOrders.Misfit("evidence_too_long", $"PayPal takes {LongestNotes} characters of text at most in each of description, refund policy, and all the rest together.")
            : JsonSerializer.SerializeToUtf8Bytes(new PayPalEvidenceOrder { Evidences = pieces }, PayPalOrderJson.Default.PayPalEvidenceOrder);
    }

    /// <summary>As PayPal's form of names has it: plain letters, one point. Behind its number, for two files may have one name.</summary>
    public static string NameOf(EvidenceFile file, int place)
    {
        var stem = Path.GetFileNameWithoutExtension(file.Name);
        var plain = string.Concat(stem.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
        var ending = file.MediaType switch { "image/jpeg" => "jpg", "image/png" => "png", _ => "pdf" };
        return $"{place + 1}-{(plain.Length > LongestName ? plain[..LongestName] : plain)}.{ending}";
    }

    private static List<PayPalEvidencePiece> Pieces(DisputeEvidence said, WriteMark mark)
    {
        var documents = said.Files.Select((file, place) => (Type: TypeOf(file.Purpose), Document: new PayPalDocument { Name = NameOf(file, place) }))
            .ToLookup(one => one.Type, one => one.Document);
        var notes = new Dictionary<string, string?>
        {
            ["ITEM_DESCRIPTION"] = Given(said.ProductDescription),
            ["RETURN_POLICY"] = Given(said.RefundPolicy),
            [Other] = Rest(said, mark),
        };
        var pieces = new List<PayPalEvidencePiece>();
        if (Tracking(said) is { } tracking) pieces.Add(new() { EvidenceType = Shipment, EvidenceInfo = tracking });
        foreach (var type in new[] { ShipmentDocuments, "ITEM_DESCRIPTION", "RETURN_POLICY", "PROOF_OF_RECEIPT_COPY", Other })
            if (notes.GetValueOrDefault(type) is not null || documents.Contains(type))
                pieces.Add(new() { EvidenceType = type, Notes = notes.GetValueOrDefault(type), Documents = documents.Contains(type) ? [.. documents[type]] : null });
        return pieces;
    }

    private static PayPalEvidenceInfo? Tracking(DisputeEvidence said)
    {
        if (Given(said.ShippingTrackingNumber) is not { } number) return null;
        var carrier = Given(said.ShippingCarrier);
        var word = carrier?.Trim().ToUpperInvariant().Replace(' ', '_');
        var known = word is not null && Carriers.Contains(word);
        return new()
        {
            TrackingInfo = [new() { CarrierName = known ? word! : Other, CarrierNameOther = known ? null : carrier ?? "unknown", TrackingNumber = number }],
        };
    }

    /// <summary>What PayPal has no place of its own for, and our reference.</summary>
    private static string Rest(DisputeEvidence said, WriteMark mark)
    {
        var rest = new StringBuilder();
        Line(said.Explanation, "");
        Line(said.CustomerName, "Customer: ");
        Line(said.CustomerEmail, "E-mail: ");
        Line(said.ServiceDate, "Date of service: ");
        if (Given(said.ShippingTrackingNumber) is null) Line(said.ShippingCarrier, "Carrier: ");
        return rest.Append(Signature(mark)).ToString();

        void Line(string? text, string title)
        {
            if (Given(text) is { } given) rest.Append(title).Append(given).Append('\n');
        }
    }

    private static string TypeOf(string purpose) => purpose switch
    {
        EvidencePurposes.Receipt => "PROOF_OF_RECEIPT_COPY",
        EvidencePurposes.ShippingDocumentation => ShipmentDocuments,
        EvidencePurposes.RefundPolicy => "RETURN_POLICY",
        EvidencePurposes.ProductDescription => "ITEM_DESCRIPTION",
        _ => Other,
    };

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}

internal sealed class PayPalEvidenceOrder
{
    public required IReadOnlyList<PayPalEvidencePiece> Evidences { get; init; }
}

internal sealed class PayPalEvidencePiece
{
    public required string EvidenceType { get; init; }
    public PayPalEvidenceInfo? EvidenceInfo { get; init; }
    public IReadOnlyList<PayPalDocument>? Documents { get; init; }
    public string? Notes { get; init; }
}

internal sealed class PayPalEvidenceInfo
{
    public required IReadOnlyList<PayPalTracking> TrackingInfo { get; init; }
}

internal sealed class PayPalTracking
{
    public required string CarrierName { get; init; }
    public string? CarrierNameOther { get; init; }
    public required string TrackingNumber { get; init; }
}

internal sealed class PayPalDocument
{
    public required string Name { get; init; }
}
