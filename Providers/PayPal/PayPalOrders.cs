using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using FinanceIntegrations.Domain.Money;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>An order as the JSON that PayPal takes, pure. What cannot be sent as it was ordered is an error, before any call.</summary>
/// <remarks>Lengths and forms are those of PayPal's descriptions of Payouts 1.9 and Disputes 1.10.</remarks>
internal static class PayPalOrders
{
    private const int LongestId = 30, LongestDisputeId = 255, LongestReceiver = 127, PayerIdLength = 13, LongestNote = 4000, LongestForeignNote = 1000;

    /// <returns>Empty for the cancellation, which says all by its address.</returns>
    public static ProviderResult<byte[]> Body(WriteOrder order, WriteMark mark) => order switch
    {
        CreatePayout payout => Body(payout, mark),
        CancelPayout { PayoutId: var id } => IsId(id, LongestId) ? Array.Empty<byte>() : NoId,
        SubmitEvidence { DisputeId: var id } submission => IsId(id, LongestDisputeId) ? PayPalEvidenceOrders.Body(submission, mark) : NoId,
        AcceptDispute { DisputeId: var id } => IsId(id, LongestDisputeId) ? Body(mark) : NoId,
        _ => Misfit("order_unknown", "PayPal takes no such order from us."),
    };

    public static ProviderError Misfit(string code, string message) => new(ErrorClass.Validation, code, message);

    private static ProviderError NoId => Misfit("bad_id", "The order names no object that PayPal could have.");

    /// <summary>One batch with one item, both named by our reference.</summary>
    private static ProviderResult<byte[]> Body(CreatePayout payout, WriteMark mark)
    {
        if (!Currency.TryParse(payout.Currency, out var currency)) return Misfit("unknown_currency", "ISO 4217 does not list the currency.");
        var decimals = PayPalMoney.Decimals(currency);
        if (payout.Amount <= 0 || decimal.Round(payout.Amount, decimals) != payout.Amount)
            return Misfit("bad_amount", $"PayPal pays out no such amount of {currency.Code}: it must be above 0, with at most {decimals} decimals.");
        if (payout.DestinationId is not { Length: > 0 } receiver)
            return Misfit("destination_missing", "PayPal pays to somebody: the destination is an e-mail address or a payer id.");
        if (RecipientType(receiver) is not { } type) return Misfit("bad_destination", "The destination is neither an e-mail address nor a payer id.");
        if (payout.Method is not null) return Misfit("bad_method", "PayPal knows no methods of payouts.");
        if (payout.Description is { } note && note.Length > (note.All(char.IsAscii) ? LongestNote : LongestForeignNote))
            return Misfit("description_too_long", $"The description has more than {LongestNote} characters, or {LongestForeignNote} with foreign ones.");
        return JsonSerializer.SerializeToUtf8Bytes(
            new PayPalPayoutOrder
            {
                SenderBatchHeader = new() { SenderBatchId = mark.Reference },
                Items =
                [
                    new()
                    {
                        RecipientType = type,
                        Receiver = receiver,
                        Amount = new() { Currency = currency.Code, Value = payout.Amount.ToString($"F{decimals}", CultureInfo.InvariantCulture) },
                        Note = string.IsNullOrWhiteSpace(payout.Description) ? null : payout.Description,
                        SenderItemId = mark.Reference,
                    },
                ],
            }, PayPalOrderJson.Default.PayPalPayoutOrder);
    }

    /// <summary>The whole amount goes back to the buyer. Only PayPal sees the note.</summary>
    private static byte[] Body(WriteMark mark) => JsonSerializer.SerializeToUtf8Bytes(
        new PayPalAcceptance { Note = PayPalEvidenceOrders.Signature(mark), AcceptClaimType = "REFUND" }, PayPalOrderJson.Default.PayPalAcceptance);

    /// <summary>An id that a batch could have, and that leads to no other address.</summary>
    public static bool IsBatch(string id) => IsId(id, LongestId);

    private static string? RecipientType(string receiver) => receiver.Length switch
    {
        <= LongestReceiver when receiver.Split('@') is [{ Length: > 0 }, { Length: > 0 }] && receiver.All(c => c is > ' ' and <= '~') => "EMAIL",
        PayerIdLength when receiver.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c)) => "PAYPAL_ID",
        _ => null,
    };

    /// <summary>Nothing that would lead to another address.</summary>
    private static bool IsId(string id, int longest) => id.Length > 0 && id.Length <= longest && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}

internal sealed class PayPalPayoutOrder
{
    public required PayPalBatchHeader SenderBatchHeader { get; init; }
    public required IReadOnlyList<PayPalPayoutOrderItem> Items { get; init; }
}

internal sealed class PayPalBatchHeader
{
    public string? SenderBatchId { get; set; }
}

internal sealed class PayPalPayoutOrderItem
{
    public required string RecipientType { get; init; }
    public required PayPalPayoutMoney Amount { get; init; }
    public string? Note { get; init; }
    public required string Receiver { get; init; }
    public required string SenderItemId { get; init; }
}

/// <summary>Money of Payouts.</summary>
internal sealed class PayPalPayoutMoney
{
    public required string Currency { get; init; }
    public required string Value { get; init; }
}

internal sealed class PayPalAcceptance
{
    public required string Note { get; init; }
    public required string AcceptClaimType { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PayPalPayoutOrder))]
[JsonSerializable(typeof(PayPalAcceptance))]
[JsonSerializable(typeof(PayPalEvidenceOrder))]
internal sealed partial class PayPalOrderJson : JsonSerializerContext;
