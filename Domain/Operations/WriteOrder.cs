using System.Text.Json.Serialization;

namespace FinanceIntegrations.Domain.Operations;

/// <summary>What is to be changed at a provider. Stored before it is sent, so it holds nothing secret.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(CreatePayout), WriteKinds.CreatePayout)]
[JsonDerivedType(typeof(CancelPayout), WriteKinds.CancelPayout)]
[JsonDerivedType(typeof(SubmitEvidence), WriteKinds.SubmitEvidence)]
[JsonDerivedType(typeof(AcceptDispute), WriteKinds.AcceptDispute)]
public abstract record WriteOrder
{
    /// <summary>One of <see cref="WriteKinds"/>.</summary>
    [JsonIgnore] public abstract string Kind { get; }

    /// <summary>The provider's id of the object that is changed; null where one is made.</summary>
    [JsonIgnore] public abstract string? SubjectId { get; }

    /// <summary>The stream that shows the change.</summary>
    [JsonIgnore] public abstract string Stream { get; }
}

/// <summary>Money goes out.</summary>
/// <param name="Amount">Above 0, in whole minor units of the currency.</param>
/// <param name="Currency">ISO 4217, upper case.</param>
/// <param name="DestinationId">The provider's id of the bank account or card, or the receiver; null: the account's default.</param>
/// <param name="Method"><c>standard</c> · <c>instant</c>; null: the provider's default.</param>
/// <param name="Description">For the statement, as far as the provider takes it.</param>
public sealed record CreatePayout(decimal Amount, string Currency, string? DestinationId = null, string? Method = null, string? Description = null) : WriteOrder
{
    [JsonIgnore] public override string Kind => WriteKinds.CreatePayout;

    [JsonIgnore] public override string? SubjectId => null;

    [JsonIgnore] public override string Stream => "payouts";
}

/// <summary>A payout that is not on its way yet is called back.</summary>
public sealed record CancelPayout(string PayoutId) : WriteOrder
{
    [JsonIgnore] public override string Kind => WriteKinds.CancelPayout;

    [JsonIgnore] public override string? SubjectId => PayoutId;

    [JsonIgnore] public override string Stream => "payouts";
}

/// <summary>Evidence against a dispute, final: it cannot be taken back or added to.</summary>
public sealed record SubmitEvidence(string DisputeId, DisputeEvidence Evidence) : WriteOrder
{
    [JsonIgnore] public override string Kind => WriteKinds.SubmitEvidence;

    [JsonIgnore] public override string? SubjectId => DisputeId;

    [JsonIgnore] public override string Stream => "disputes";
}

/// <summary>The dispute is given up: the money is lost.</summary>
public sealed record AcceptDispute(string DisputeId) : WriteOrder
{
    [JsonIgnore] public override string Kind => WriteKinds.AcceptDispute;

    [JsonIgnore] public override string? SubjectId => DisputeId;

    [JsonIgnore] public override string Stream => "disputes";
}

/// <summary>What a seller can say about a dispute, in words that every provider has a place for. Null: nothing to say.</summary>
public sealed record DisputeEvidence
{
    /// <summary>What was sold.</summary>
    public string? ProductDescription { get; init; }

    public string? CustomerName { get; init; }

    public string? CustomerEmail { get; init; }

    /// <summary>Day of the service, as the provider's bank reads it.</summary>
    public string? ServiceDate { get; init; }

    public string? ShippingCarrier { get; init; }

    public string? ShippingTrackingNumber { get; init; }

    public string? RefundPolicy { get; init; }

    /// <summary>Why the payer's claim is wrong.</summary>
    public string? Explanation { get; init; }

    /// <summary>At most one of a purpose but <see cref="EvidencePurposes.Other"/>, as the providers' bank forms have it.</summary>
    /// <remarks>An order from before there were files names none; the deserializer then gives null. Every empty list is the same one: records compare it so.</remarks>
    public IReadOnlyList<EvidenceFile> Files { get; init => field = value is { Count: > 0 } ? value : []; } = [];

    /// <summary>Every text, said or not.</summary>
    [JsonIgnore]
    public IReadOnlyList<string?> Texts =>
        [ProductDescription, CustomerName, CustomerEmail, ServiceDate, ShippingCarrier, ShippingTrackingNumber, RefundPolicy, Explanation];

    /// <summary>No text and no file.</summary>
    [JsonIgnore] public bool SaysNothing => Files.Count == 0 && this with { Files = [] } == new DisputeEvidence();
}

/// <summary>A file that speaks for the seller: what an order says of it. Its bytes are <see cref="IOrderFiles"/>'.</summary>
/// <param name="Purpose">One of <see cref="EvidencePurposes"/>.</param>
/// <param name="Name">As the person called it, without a path; shown to the bank.</param>
/// <param name="MediaType">One of <see cref="EvidencePurposes.MediaTypes"/>; the bytes agree with it.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Of the bytes, lower-case hex: what was ordered is what is sent.</param>
public sealed record EvidenceFile(Guid Id, string Purpose, string Name, string MediaType, long Size, string Sha256);

/// <summary>What a file is to prove, in words that every provider has a place for. Stable codes.</summary>
public static class EvidencePurposes
{
    public const string Receipt = "receipt";
    public const string CustomerCommunication = "customer_communication";
    public const string ShippingDocumentation = "shipping_documentation";
    public const string RefundPolicy = "refund_policy";
    public const string ProductDescription = "product_description";
    public const string Other = "other";

    public static readonly IReadOnlyList<string> All = [Receipt, CustomerCommunication, ShippingDocumentation, RefundPolicy, ProductDescription, Other];

    /// <summary>What Stripe, PayPal and Square all take.</summary>
    public static readonly IReadOnlyList<string> MediaTypes = ["application/pdf", "image/jpeg", "image/png"];

    /// <summary>Bytes of all files of one order together; the least that a provider takes (Stripe: 5 MB, docs.stripe.com/disputes/responding).</summary>
    public const long MostBytes = 4_500_000;
}

/// <summary>Stable codes: they stand in rows, states, switches and answers.</summary>
public static class WriteKinds
{
    public const string CreatePayout = "create_payout";
    public const string CancelPayout = "cancel_payout";
    public const string SubmitEvidence = "submit_evidence";
    public const string AcceptDispute = "accept_dispute";
}
