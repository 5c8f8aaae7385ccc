using FinanceIntegrations.Domain.Providers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.FeatureManagement;

namespace FinanceIntegrations.Providers;

/// <summary>
/// The deployment's switches, by Microsoft.FeatureManagement: <c>FeatureManagement:provider_stripe</c> and
/// <c>FeatureManagement:provider_stripe_payouts</c>. What no setting names is on; a setting that changes is seen at the next call. What changes
/// something at the provider, <c>FeatureManagement:provider_stripe_create_payout</c>, is off until a setting switches it on.
/// </summary>
public sealed class ProviderFeatures(IFeatureManager features, IFeatureDefinitionProvider definitions)
{
    internal const string Section = "FeatureManagement";

    internal const string Prefix = "provider_";

    /// <summary>False: the provider is not called.</summary>
    public ValueTask<bool> AllowsAsync(ProviderId provider) => IsOnAsync(NameOf(provider));

    /// <summary>False: the stream is not read. Says nothing of the provider's own switch.</summary>
    public ValueTask<bool> AllowsAsync(ProviderId provider, string stream) => IsOnAsync(NameOf(provider, stream));

    /// <summary>False, as long as no setting says otherwise: no such order is taken. Says nothing of the provider's own switch.</summary>
    /// <param name="kind">One of <see cref="Domain.Operations.WriteKinds"/>.</param>
    public async ValueTask<bool> AllowsWriteAsync(ProviderId provider, string kind) => await features.IsEnabledAsync(NameOf(provider, kind));

    /// <param name="part">A stream, or a kind of order; null: the provider itself.</param>
    internal static string NameOf(ProviderId provider, string? part = null) =>
        part is null ? Prefix + provider.Value : $"{Prefix}{provider.Value}_{part}";

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
            .SelectMany(e => e.Info.Streams.Select(s => s.Id).Concat(e.Info.Writes).Select(part => ProviderFeatures.NameOf(e.Info.Id, part))
                .Append(ProviderFeatures.NameOf(e.Info.Id)))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var unknown = options.Set.Where(set => set.StartsWith(ProviderFeatures.Prefix, StringComparison.OrdinalIgnoreCase) && !known.Contains(set)).ToList();
        return unknown.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(unknown.Select(set => $"{ProviderFeatures.Section}:{set} names no provider, no stream of one and nothing that one lets us change."));
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
