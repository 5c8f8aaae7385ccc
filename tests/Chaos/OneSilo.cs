using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Chaos;

/// <summary>A product with one silo, for the tests that leave it whole in the end. What one of them is told is nothing to the others.</summary>
[CollectionDefinition]
public sealed class OneSilo : ICollectionFixture<OneSilo>, IAsyncLifetime
{
    /// <summary>Who owns all that such a test connects.</summary>
    public const string Owner = "alice";

    private ProductCluster? _product;

    public ProductCluster Product => _product ?? throw new InvalidOperationException("not started");

    public async ValueTask InitializeAsync() =>
        _product = await ProductCluster.StartAsync(ChaosTest.OptionsWith(BreakerTests.Settings, WriteTests.Settings), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        if (_product is not null) await _product.DisposeAsync();
    }

    /// <summary>
    /// The next test finds all processes running, no fault, and nothing connected that could call a provider. Where PostgreSQL was killed, the api
    /// refuses what meets a connection of before, and takes it the next time.
    /// </summary>
    public async Task ForgetAsync()
    {
        foreach (var name in Product.Processes.Names.Except(Product.Processes.Processes.Keys)) await Product.Processes.StartAsync(name);
        await Product.Sandbox.MendAsync();
        using var owner = Product.User(Owner);
        await Eventually.HoldsAsync("all that was connected is deleted", async () =>
        {
            var connected = await owner.ListAsync("/");
            foreach (var integration in connected) (await owner.SendAsync(HttpMethod.Delete, $"/{integration["id"]}")).MustBeOk("delete");
            return connected.Count;
        }, left => left == 0);
    }
}
