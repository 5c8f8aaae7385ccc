using FinanceIntegrations.Domain.Providers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.FeatureManagement;

namespace FinanceIntegrations.Providers;

/// <summary>
/// The deployment's switches, by Microsoft.FeatureManagement: <c>FeatureManagement:provider_stripe</c> and
/// <c>FeatureManagement:provider_stripe_payouts</c>. What no setting names is on; a setting that changes is seen at the next call.
/// </summary>
public sealed class ProviderFeatures(IFeatureManager features, IFeatureDefinitionProvider definitions)
{
    internal const string Section = "FeatureManagement";

    internal const string Prefix = "provider_";

    /// <summary>False: the provider is not called.</summary>
    public ValueTask<bool> AllowsAsync(ProviderId provider) => IsOnAsync(NameOf(provider));

    /// <summary>False: the stream is not read. Says nothing of the provider's own switch.</summary>
    public ValueTask<bool> AllowsAsync(ProviderId provider, string stream) => IsOnAsync(NameOf(provider, stream));

    internal static string NameOf(ProviderId provider, string? stream = null) =>
        stream is null ? Prefix + provider.Value : $"{Prefix}{provider.Value}_{stream}";

    /// <summary>The library takes a feature that nobody defined for one that is off.</summary>
    private async ValueTask<bool> IsOnAsync(string name) =>
        await definitions.GetFeatureDefinitionAsync(name) is null || await features.IsEnabledAsync(name);
}

/// <summary>A misspelt switch would switch nothing: it stops the start.</summary>
internal sealed class FeatureNames
{
    public IReadOnlyList<string> Set { get; set; } = [];
}

internal sealed class FeatureNamesValidation(ProviderCatalogue catalogue) : IValidateOptions<FeatureNames>
{
    public ValidateOptionsResult Validate(string? name, FeatureNames options)
    {
        var known = catalogue.All
            .SelectMany(e => e.Info.Streams.Select(s => ProviderFeatures.NameOf(e.Info.Id, s.Id)).Append(ProviderFeatures.NameOf(e.Info.Id)))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var unknown = options.Set.Where(set => set.StartsWith(ProviderFeatures.Prefix, StringComparison.OrdinalIgnoreCase) && !known.Contains(set)).ToList();
        return unknown.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(unknown.Select(set => $"{ProviderFeatures.Section}:{set} names no provider, and no stream of one."));
    }
}

internal static class FeatureRegistration
{
    public static IServiceCollection AddProviderFeatures(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection(ProviderFeatures.Section);
        services.AddFeatureManagement(section);
        services.AddSingleton<ProviderFeatures>();
        services.AddOptionsWithValidateOnStart<FeatureNames, FeatureNamesValidation>()
            .Configure(o => o.Set = [.. section.GetChildren().Select(c => c.Key)]);
        return services;
    }
}
