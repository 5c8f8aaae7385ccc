using Xunit;

namespace FinanceIntegrations.Sandbox.Tests;

/// <summary>One sandbox for tests that only read.</summary>
public sealed class ConnectedSandbox : IAsyncLifetime
{
    public RunningSandbox Sandbox { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Sandbox = await RunningSandbox.StartConnectedAsync();

    public ValueTask DisposeAsync() => Sandbox.DisposeAsync();
}
