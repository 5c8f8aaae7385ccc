using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Xunit;

namespace FinanceIntegrations.Data.Tests;

/// <summary>What every test on a database starts from. Each test makes integrations of its own, so that none sees another's rows.</summary>
public abstract class DatabaseTest(OwnDatabase own) : IClassFixture<OwnDatabase>
{
    protected static readonly DateTimeOffset Begin = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected FakeTimeProvider Clock { get; } = new(Begin);

    protected NpgsqlDataSource Source => own.Source;

    /// <summary>One connection that no other test uses: what was refused on it leaves its mark.</summary>
    protected NpgsqlDataSource Alone() => PostgresRegistration.CreateDataSource(own.ConnectionString + ";Maximum Pool Size=1");

    protected string ConnectionString => own.ConnectionString;

    protected static Guid NewId() => Guid.CreateVersion7();

    protected static IntegrationState NewState(string? account = null, string owner = "alice") => Lifecycle.Created(
        new(owner, "Shop", IntegrationType.PaymentProcessor, ProviderId.Stripe), NewId(), Begin) with
    { ExternalAccountId = account };

    /// <summary>An integration as the grain's first write makes it.</summary>
    protected async Task<Guid> NewIntegrationAsync(string? account = null, string owner = "alice")
    {
        var state = NewState(account, owner);
        Assert.Equal(1, await Source.WriteStateAsync(state, null, Cancel));
        return state.Id;
    }
}
