namespace FinanceIntegrations.AppHost;

/// <summary>
/// Orleans' AdoNet providers over one PostgreSQL database. A database passed to Orleans directly would be announced as
/// <c>PostgresDatabase</c>, a provider type that Orleans does not know; and the AdoNet ones read a connection's name, not a service key.
/// </summary>
internal sealed class AdoNetProvider(IResourceBuilder<IResourceWithConnectionString> database) : IProviderConfiguration
{
    public void ConfigureResource<T>(IResourceBuilder<T> resourceBuilder, string configSectionPath)
        where T : IResourceWithEnvironment
    {
        var section = $"Orleans__{configSectionPath.Replace(":", "__", StringComparison.Ordinal)}__";
        resourceBuilder
            .WithEnvironment(section + "ProviderType", ResourceNames.OrleansProvider)
            .WithEnvironment(section + "Invariant", ResourceNames.OrleansInvariant)
            .WithEnvironment(section + "ConnectionName", database.Resource.Name)
            .WithReference(database);
    }
}
