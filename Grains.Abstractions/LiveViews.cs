namespace FinanceIntegrations.Grains.Abstractions;

/// <summary>What the accounts hold, as the provider says it now.</summary>
[GenerateSerializer, Immutable, Alias("fi.LiveBalances")]
public sealed record LiveBalancesView([property: Id(0)] DateTimeOffset AsOf, [property: Id(1)] IReadOnlyList<LiveBalanceView> Balances);

[GenerateSerializer, Immutable, Alias("fi.LiveBalance")]
public sealed record LiveBalanceView
{
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required string AccountId { get; init; }
    [Id(2)] public required string Currency { get; init; }
    [Id(3)] public required decimal Available { get; init; }
    [Id(4)] public required decimal Pending { get; init; }
    [Id(5)] public decimal? Reserved { get; init; }
    [Id(6)] public required DateTimeOffset AsOf { get; init; }
}
