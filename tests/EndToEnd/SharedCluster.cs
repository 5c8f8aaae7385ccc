using FinanceIntegrations.EndToEnd;
using FinanceIntegrations.EndToEnd.Tracing;
using FinanceIntegrations.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedCluster))]
// A fault of the sandbox strikes every account, and two processors are few for two of these at once.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace FinanceIntegrations.EndToEnd;

/// <summary>One product for the whole assembly, its telemetry collected. Every test has users and sandbox accounts of its own.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    private ProductCluster? _product;

    public ProductCluster Product => _product ?? throw new InvalidOperationException("not started");

    internal OtlpReceiver Telemetry { get; } = new();

    public async ValueTask InitializeAsync()
    {
        _product = await ProductCluster.StartAsync(new() { Environment = ProductSettings.With(Telemetry.Environment) }, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_product is not null) await _product.DisposeAsync();
        await Telemetry.DisposeAsync();
    }
}
