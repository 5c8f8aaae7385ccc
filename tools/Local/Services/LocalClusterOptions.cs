namespace FinanceIntegrations.Local.Services;

/// <summary>What a <see cref="LocalCluster"/> is made of.</summary>
public sealed record LocalClusterOptions
{
    /// <summary>Where data, ports, secrets and logs lie; null for a temporary folder that is deleted with the cluster.</summary>
    public string? Folder { get; init; }

    /// <summary>The checkout whose builds are run; the one this assembly was built in unless told.</summary>
    public string Checkout { get; init; } = Builds.CheckoutOf(AppContext.BaseDirectory);

    /// <summary>Release or Debug; that of this assembly unless told.</summary>
    public string Configuration { get; init; } = Builds.ConfigurationOf(AppContext.BaseDirectory);

    public int Silos { get; init; } = 1;

    /// <summary>The api's port: 0 for any free one, null for the kept one, or 5080 if that is free (any free one in a temporary folder).</summary>
    public int? ApiPort { get; init; }

    /// <summary>Environment that every .NET process gets beside its own; it wins.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The same for one process, by its name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> EnvironmentOf { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, string>>();

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
