using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd;

/// <summary>What every test on the shared product starts from.</summary>
public abstract class ProductTest(SharedCluster shared) : IDisposable
{
    private readonly List<ApiUser> _users = [];

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected ProductCluster Product => shared.Product;

    protected SandboxControl Sandbox => shared.Product.Sandbox;

    public void Dispose()
    {
        foreach (var user in _users) user.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A user that nobody else is.</summary>
    protected ApiUser NewUser(string name = "user", bool admin = false, TimeSpan? lifetime = null, bool writer = false) =>
        Keep(Product.User($"{name}-{Guid.CreateVersion7()}", admin, lifetime, writer));

    protected ApiUser Keep(ApiUser user)
    {
        _users.Add(user);
        return user;
    }

    /// <summary>Lets the sandbox send an account's event to the app's endpoint.</summary>
    protected Task<WebhookOutcome> SendEventAsync(string account, string eventId, int duplicate = 1) =>
        Sandbox.SendWebhooksAsync(
            new { url = Product.StripeWebhooks, secret = Product.StripeWebhookSecret, account, event_id = eventId, duplicate }, Cancel);

    /// <summary>Every event that the sandbox sent is processed.</summary>
    protected Task ProcessedAsync(params string[] eventIds) =>
        Eventually.HoldsAsync($"{eventIds.Length} events are processed",
            () => Product.ScalarAsync<long>("select count(*) from webhook_events where provider_event_id = any ($1) and processed", Cancel, (object)eventIds),
            processed => processed == eventIds.Length, cancel: Cancel);

    /// <summary>Holds every list of the api against the sandbox's books, row by row.</summary>
    protected async Task AgreesWithBooksAsync(ApiUser user, string id, string account)
    {
        ArgumentNullException.ThrowIfNull(user);
        var books = await Sandbox.BooksAsync(account, Cancel);
        foreach (var kind in StripeBooks.Kinds)
            Assert.Equal(books.Lines(kind), StripeBooks.Seen(kind, await user.ListAsync($"/{id}/{kind}", cancel: Cancel)));
    }
}
