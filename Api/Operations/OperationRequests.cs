using System.ComponentModel.DataAnnotations;
using FinanceIntegrations.Domain.Money;
using FinanceIntegrations.Domain.Operations;

namespace FinanceIntegrations.Api.Operations;

/// <summary>Money that is to go out.</summary>
public sealed record CreatePayoutRequest : IValidatableObject
{
    private const int LongestText = 200;

    /// <summary>A decimal string above 0, with no more decimals than the currency has: "12.34".</summary>
    [Required(ErrorMessage = "amount is required.")]
    public decimal? Amount { get; init; }

    /// <summary>ISO 4217.</summary>
    [Required(ErrorMessage = "currency is required.")]
    public string? Currency { get; init; }

    /// <summary>The provider's id of the bank account or card, or the receiver; absent: the account's default.</summary>
    public string? DestinationId { get; init; }

    /// <summary>standard or instant; absent: the provider's default.</summary>
    public string? Method { get; init; }

    /// <summary>For the statement, as far as the provider takes it; at most 200 characters.</summary>
    public string? Description { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Amount is <= 0) yield return new("amount is above 0.", ["amount"]);
        if (Currency is not null && !(Domain.Money.Currency.TryParse(Currency, out var known) && !known.IsRetired)) yield return new("There is no such currency.", ["currency"]);
        else if (Amount is { } amount && Domain.Money.Currency.TryParse(Currency, out var currency) && !Fits(amount, currency))
            yield return new($"amount has more decimals than {currency} has, or is too large.", ["amount"]);
        if (Method is not (null or "standard" or "instant")) yield return new("method is standard or instant.", ["method"]);
        if (!Fits(DestinationId)) yield return new($"destination_id has 1–{LongestText} characters, none of them a control character.", ["destination_id"]);
        if (!Fits(Description)) yield return new($"description has 1–{LongestText} characters, none of them a control character.", ["description"]);
    }

    internal CreatePayout Order => new(Amount!.Value, Domain.Money.Currency.Parse(Currency!).Code, DestinationId, Method, Description);

    private static bool Fits(string? text) => text is null || (text.Length is > 0 and <= LongestText && !text.Any(char.IsControl));

    private static bool Fits(decimal amount, Currency currency) =>
        decimal.Round(amount, currency.Decimals) == amount && amount < 1_000_000_000_000m;
}

/// <summary>What the seller says about a dispute.</summary>
public abstract record EvidenceTexts
{
    private const int LongestText = 20_000;

    /// <summary>What was sold.</summary>
    public string? ProductDescription { get; init; }
    public string? CustomerName { get; init; }
    public string? CustomerEmail { get; init; }
    public string? ServiceDate { get; init; }
    public string? ShippingCarrier { get; init; }
    public string? ShippingTrackingNumber { get; init; }
    public string? RefundPolicy { get; init; }

    /// <summary>Why the payer's claim is wrong.</summary>
    public string? Explanation { get; init; }

    internal DisputeEvidence Evidence => new()
    {
        ProductDescription = ProductDescription,
        CustomerName = CustomerName,
        CustomerEmail = CustomerEmail,
        ServiceDate = ServiceDate,
        ShippingCarrier = ShippingCarrier,
        ShippingTrackingNumber = ShippingTrackingNumber,
        RefundPolicy = RefundPolicy,
        Explanation = Explanation,
    };

    private protected IEnumerable<ValidationResult> ProblemsOfTexts()
    {
        var texts = Evidence.Texts;
        if (texts.Any(text => text is { Length: 0 or > LongestText })) yield return new($"Each field has 1–{LongestText} characters.", ["explanation"]);
        if (texts.Any(text => text?.Contains('\0', StringComparison.Ordinal) == true)) yield return new("A field holds a character that cannot be stored.", ["explanation"]);
    }
}

/// <summary>What is handed in at once. At least one field; it is final.</summary>
public sealed record SubmitEvidenceRequest : EvidenceTexts, IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Evidence.SaysNothing
        ? ProblemsOfTexts().Prepend(new("Say something: at least one field.", ["explanation"]))
        : ProblemsOfTexts();
}

/// <summary>What a draft is to say. A field that is absent says nothing.</summary>
public sealed record SaveEvidenceRequest : EvidenceTexts, IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => ProblemsOfTexts();
}
