namespace FinanceIntegrations.Grains.Abstractions;

/// <summary>The grain could not reach its database. Whether the call had an effect is unknown; a later look tells.</summary>
[GenerateSerializer, Alias("fi.StoreUnavailable")]
public sealed class StoreUnavailableException(string message) : Exception(message);
