using System.Text.Json;

namespace FinanceIntegrations.Sandbox.Stripe.Ledger;

/// <summary>Short forms, so that a row's wire shape reads like the provider's reference.</summary>
internal static class JsonWriting
{
    extension(Utf8JsonWriter json)
    {
        public void Nulls(params ReadOnlySpan<string> names)
        {
            foreach (var name in names) json.WriteNull(name);
        }

        public void EmptyObject(string name)
        {
            json.WriteStartObject(name);
            json.WriteEndObject();
        }

        public void EmptyArray(string name)
        {
            json.WriteStartArray(name);
            json.WriteEndArray();
        }

        public void Raw(string name, byte[] value)
        {
            json.WritePropertyName(name);
            json.WriteRawValue(value, skipInputValidation: true);
        }

        public void Texts(string name, IReadOnlyDictionary<string, string> values)
        {
            json.WriteStartObject(name);
            foreach (var (key, value) in values) json.WriteString(key, value);
            json.WriteEndObject();
        }

        public void Number(string name, long? value)
        {
            if (value is { } number) json.WriteNumber(name, number);
            else json.WriteNull(name);
        }
    }
}
