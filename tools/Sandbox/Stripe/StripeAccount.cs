using FinanceIntegrations.Sandbox.Foundation;
using FinanceIntegrations.Sandbox.Stripe.Ledger;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>One Stripe account: who it is, its books, and whether the platform may see them.</summary>
internal sealed class StripeAccount
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required int Transactions { get; init; }
    public required Books Books { get; init; }
    public required byte[] Json { get; init; }
    public RequestRate Rate { get; } = new();
    public RequestWindows Windows { get; } = new();
    public IdempotentAnswers Answers { get; } = new();

    /// <summary>What the user granted to the platform; null: not connected.</summary>
    public volatile string? GrantedScope;

    public static StripeAccount Open(string id, string name, int transactions, long seed, long anchor, string apiVersion)
    {
        var descriptor = name.Length > 22 ? name[..22] : name;
        var settings = new BooksSettings(id, descriptor.ToUpperInvariant(), apiVersion, anchor - (30 * BusinessDay.Seconds));
        var customers = Math.Clamp(transactions / 6, 5, 400);
        var books = History.Write(
            events => new Books(events ? settings : settings with { EventsFrom = long.MaxValue }, Chance.For(seed, id), customers),
            anchor, transactions, Chance.For(seed, "history/" + id).Next());
        return new()
        {
            Id = id,
            Name = name,
            Transactions = transactions,
            Books = books,
            Json = AccountJson.Write(id, name, settings.Descriptor, BusinessDay.Midnight(anchor) - (600 * BusinessDay.Seconds), books),
        };
    }
}
