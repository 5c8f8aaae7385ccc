using System.Text.Json;
using FinanceIntegrations.Sandbox.Stripe.Ledger;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>The <c>account</c> resource.</summary>
internal static class AccountJson
{
    private static readonly string[] Due = ["currently_due", "eventually_due", "past_due", "pending_verification", "errors", "alternatives"];

    public static byte[] Write(string id, string name, string descriptor, long created, Books books) => StripeObject.Render(json =>
    {
        var site = $"https://{id.ToLowerInvariant().Replace('_', '-')}.example.com";
        json.WriteString("id", id);
        json.WriteString("object", "account");
        WriteBusinessProfile(json, name, site);
        json.WriteString("business_type", "company");
        json.WriteStartObject("capabilities");
        json.WriteString("card_payments", "active");
        json.WriteString("transfers", "active");
        json.WriteEndObject();
        json.WriteBoolean("charges_enabled", true);
        json.WriteStartObject("controller");
        json.WriteString("type", "account");
        json.WriteEndObject();
        json.WriteString("country", "GB");
        json.WriteNumber("created", created);
        json.WriteString("default_currency", "gbp");
        json.WriteBoolean("details_submitted", true);
        json.WriteString("email", $"finance@{site[8..]}");
        WriteExternalAccounts(json, id, name, books);
        WriteRequirements(json, "future_requirements");
        json.EmptyObject("metadata");
        json.WriteBoolean("payouts_enabled", true);
        WriteRequirements(json, "requirements");
        WriteSettings(json, name, descriptor);
        json.WriteStartObject("tos_acceptance");
        json.WriteNumber("date", created);
        json.Nulls("ip", "user_agent");
        json.WriteEndObject();
        json.WriteString("type", "standard");
    });

    private static void WriteBusinessProfile(Utf8JsonWriter json, string name, string site)
    {
        json.WriteStartObject("business_profile");
        json.Nulls("annual_revenue", "estimated_worker_count");
        json.WriteString("mcc", "5734");
        json.WriteString("name", name);
        json.Nulls("product_description", "support_address", "support_email", "support_phone", "support_url");
        json.WriteString("url", site);
        json.WriteEndObject();
    }

    private static void WriteExternalAccounts(Utf8JsonWriter json, string id, string name, Books books)
    {
        json.WriteStartObject("external_accounts");
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        foreach (var (currency, bankAccount) in books.BankAccounts)
        {
            json.WriteStartObject();
            json.WriteString("id", bankAccount);
            json.WriteString("object", "bank_account");
            json.WriteString("account", id);
            json.WriteString("account_holder_name", name);
            json.WriteString("account_holder_type", "company");
            json.WriteNull("account_type");
            json.WriteStartArray("available_payout_methods");
            json.WriteStringValue("standard");
            json.WriteEndArray();
            json.WriteString("bank_name", "STRIPE TEST BANK");
            json.WriteString("country", currency switch { "usd" => "US", "jpy" => "JP", _ => "GB" });
            json.WriteString("currency", currency);
            json.WriteBoolean("default_for_currency", true);
            json.WriteString("fingerprint", bankAccount[^16..]);
            json.WriteString("last4", "2345");
            json.EmptyObject("metadata");
            json.WriteString("routing_number", "10-88-00");
            json.WriteString("status", "new");
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteBoolean("has_more", false);
        json.WriteString("url", $"/v1/accounts/{id}/external_accounts");
        json.WriteEndObject();
    }

    private static void WriteRequirements(Utf8JsonWriter json, string property)
    {
        json.WriteStartObject(property);
        json.Nulls("current_deadline", "disabled_reason");
        foreach (var list in Due) json.EmptyArray(list);
        json.WriteEndObject();
    }

    private static void WriteSettings(Utf8JsonWriter json, string name, string descriptor)
    {
        json.WriteStartObject("settings");
        json.EmptyObject("bacs_debit_payments");
        json.WriteStartObject("branding");
        json.Nulls("icon", "logo", "primary_color", "secondary_color");
        json.WriteEndObject();
        json.WriteStartObject("card_payments");
        json.WriteStartObject("decline_on");
        json.WriteBoolean("avs_failure", false);
        json.WriteBoolean("cvc_failure", true);
        json.WriteEndObject();
        json.Nulls("statement_descriptor_prefix", "statement_descriptor_prefix_kana", "statement_descriptor_prefix_kanji");
        json.WriteEndObject();
        json.WriteStartObject("dashboard");
        json.WriteString("display_name", name);
        json.WriteString("timezone", "Europe/London");
        json.WriteEndObject();
        json.WriteStartObject("payments");
        json.WriteString("statement_descriptor", descriptor);
        json.Nulls("statement_descriptor_kana", "statement_descriptor_kanji");
        json.WriteEndObject();
        json.WriteStartObject("payouts");
        json.WriteBoolean("debit_negative_balances", true);
        json.WriteStartObject("schedule");
        json.WriteNumber("delay_days", 2);
        json.WriteString("interval", "daily");
        json.WriteEndObject();
        json.WriteNull("statement_descriptor");
        json.WriteEndObject();
        json.EmptyObject("sepa_debit_payments");
        json.WriteEndObject();
    }
}
