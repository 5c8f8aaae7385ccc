using System.Text.Json;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.Stripe.Ledger;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary><c>expand[]</c>: puts the object in the place of its id.</summary>
internal static class Expansion
{
    public static (Page Page, StripeError? Error) Expand(Page page, IReadOnlyList<string> paths, Books books)
    {
        var rows = new byte[page.Rows.Length][];
        for (var i = 0; i < rows.Length; i++)
        {
            (rows[i], var error) = Expand(page.Rows[i], paths, books, inList: true);
            if (error is not null) return (page, error);
        }
        return (page with { Rows = rows }, null);
    }

    public static (byte[] Row, StripeError? Error) Expand(byte[] row, IReadOnlyList<string> paths, Books books, bool inList)
    {
        var node = JsonNode.Parse(row)!;
        foreach (var path in paths)
        {
            var steps = path.Split('.');
            if (inList && steps[0] != "data") return (row, Refused(path));
            if (steps.Length > 5 || !Expand(node, inList ? steps.AsSpan(1) : steps, books)) return (row, Refused(path));
        }
        return (JsonSerializer.SerializeToUtf8Bytes(node), null);
    }

    private static bool Expand(JsonNode? node, ReadOnlySpan<string> steps, Books books)
    {
        if (steps.IsEmpty || node is null) return true;
        if (node is not JsonObject fields || !fields.TryGetPropertyValue(steps[0], out var value)) return false;
        if (value is null) return true;
        if (value is JsonValue text && text.TryGetValue<string>(out var id))
        {
            if (Find(books, id) is not { } found) return Unresolved(id);
            fields[steps[0]] = value = JsonNode.Parse(found);
        }
        return value is JsonObject && Expand(value, steps[1..], books);
    }

    private static byte[]? Find(Books books, string id)
    {
        lock (books.Gate)
        {
            foreach (var resource in Resource.All)
                if (resource.Shelf(books).Find(id) is { } found) return found.Json;
            return null;
        }
    }

    /// <summary>Customers and bank accounts are no resources here: their id stays, which every library accepts.</summary>
    private static bool Unresolved(string id) =>
        id.StartsWith("cus_", StringComparison.Ordinal) || id.StartsWith("ba_", StringComparison.Ordinal);

    private static StripeError Refused(string path) => StripeError.Invalid($"This property cannot be expanded ({path}).", "expand");
}
