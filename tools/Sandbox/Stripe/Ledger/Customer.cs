using System.Text.Json;
using Bogus;
using FinanceIntegrations.Sandbox.Foundation;

namespace FinanceIntegrations.Sandbox.Stripe.Ledger;

/// <summary>Who pays. Not a resource of its own here; charges and payment intents name it.</summary>
internal sealed record Customer(string Id, string Name, string Email, string City, string Line1, string PostalCode)
{
    public static List<Customer> Generate(int count, Chance chance)
    {
        var faker = new Faker("en_GB") { Random = new Randomizer(chance.Below(int.MaxValue)) };
        return [.. Enumerable.Range(0, count).Select(_ => One(faker, chance))];
    }

    private static Customer One(Faker faker, Chance chance)
    {
        var first = faker.Name.FirstName();
        var last = faker.Name.LastName();
        return new("cus_" + chance.Text(14), $"{first} {last}", faker.Internet.Email(first, last, "example.com").ToLowerInvariant(),
            faker.Address.City(), faker.Address.StreetAddress(), faker.Address.ZipCode());
    }

    public void WriteBillingDetails(Utf8JsonWriter json)
    {
        json.WriteStartObject("billing_details");
        json.WriteStartObject("address");
        json.WriteString("city", City);
        json.WriteString("country", "GB");
        json.WriteString("line1", Line1);
        json.WriteNull("line2");
        json.WriteString("postal_code", PostalCode);
        json.WriteNull("state");
        json.WriteEndObject();
        json.WriteString("email", Email);
        json.WriteString("name", Name);
        json.Nulls("phone", "tax_id");
        json.WriteEndObject();
    }
}
