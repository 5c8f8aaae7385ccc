using System.Globalization;
using System.Text.Json;
using FinanceIntegrations.Sandbox.Foundation;

namespace FinanceIntegrations.Sandbox.Stripe.Ledger;

internal sealed record Card(string Brand, string Funding, string Country, string Last4, string Fingerprint, int ExpiryMonth, int ExpiryYear)
{
    private static readonly string[] Brands = ["visa", "visa", "visa", "mastercard", "mastercard", "amex"];
    private static readonly string[] Countries = ["GB", "GB", "GB", "US", "JP", "FR"];

    public static Card Generate(Chance chance) => new(
        chance.Pick(Brands), chance.Happens(0.7) ? "debit" : "credit", chance.Pick(Countries),
        chance.Below(10_000).ToString("D4", CultureInfo.InvariantCulture), chance.Text(16), chance.Between(1, 12), chance.Between(2028, 2033));

    public void WritePaymentMethodDetails(Utf8JsonWriter json, long amount)
    {
        json.WriteStartObject("payment_method_details");
        json.WriteStartObject("card");
        json.WriteNumber("amount_authorized", amount);
        json.WriteNull("authorization_code");
        json.WriteString("brand", Brand);
        json.WriteStartObject("checks");
        json.WriteString("address_line1_check", "pass");
        json.WriteString("address_postal_code_check", "pass");
        json.WriteString("cvc_check", "pass");
        json.WriteEndObject();
        json.WriteString("country", Country);
        json.WriteNumber("exp_month", ExpiryMonth);
        json.WriteNumber("exp_year", ExpiryYear);
        WriteStatus(json, "extended_authorization", "disabled");
        json.WriteString("fingerprint", Fingerprint);
        json.WriteString("funding", Funding);
        WriteStatus(json, "incremental_authorization", "unavailable");
        json.WriteNull("installments");
        json.WriteString("last4", Last4);
        json.WriteNull("mandate");
        WriteStatus(json, "multicapture", "unavailable");
        json.WriteString("network", Brand);
        json.Nulls("network_token", "network_transaction_id");
        json.WriteStartObject("overcapture");
        json.WriteNumber("maximum_amount_capturable", amount);
        json.WriteString("status", "unavailable");
        json.WriteEndObject();
        json.Nulls("regulated_status", "three_d_secure", "wallet");
        json.WriteEndObject();
        json.WriteString("type", "card");
        json.WriteEndObject();
    }

    private static void WriteStatus(Utf8JsonWriter json, string name, string status)
    {
        json.WriteStartObject(name);
        json.WriteString("status", status);
        json.WriteEndObject();
    }
}
