using FinanceIntegrations.Sandbox.Foundation;
using FinanceIntegrations.Sandbox.Square.Ledger;

namespace FinanceIntegrations.Sandbox.Square;

/// <summary>One seller: who it is, and its books.</summary>
internal sealed class Seller
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required Books Books { get; init; }

    /// <param name="id">The merchant's id.</param>
    /// <param name="name">Of the business.</param>
    /// <param name="country">Its country decides the currency.</param>
    /// <param name="payments">Exactly so many before the anchor.</param>
    /// <param name="seed">The same seed and anchor, the same books.</param>
    /// <param name="anchor">Unix seconds.</param>
    public static Seller Open(string id, string name, Country country, int payments, long seed, long anchor)
    {
        var end = anchor * 1_000;
        var books = new Books(id, name, country, Chance.For(seed, "square/" + id), opened: end - (400 * History.Day), closed: end - (100 * History.Day));
        History.Write(books, end, payments);
        return new() { Id = id, Name = name, Books = books };
    }
}
