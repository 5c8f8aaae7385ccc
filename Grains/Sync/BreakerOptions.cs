using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Grains.Sync;

/// <summary>A provider's circuit breakers, one per integration: <see cref="BreakerPolicy"/> as configuration says it, section <c>Providers:{Name}:Breaker</c>.</summary>
public sealed class BreakerOptions
{
    /// <summary>Failed runs in a row that open it. Default 5.</summary>
    public int Threshold { get; set; } = BreakerPolicy.Default.Threshold;

    /// <summary>How long it is open the first time; doubles with each probe that fails. Default 30 s.</summary>
    public TimeSpan BaseCooldown { get; set; } = BreakerPolicy.Default.BaseCooldown;

    /// <summary>The longest that it is open. Default 1 h.</summary>
    public TimeSpan MaxCooldown { get; set; } = BreakerPolicy.Default.MaxCooldown;

    internal BreakerPolicy Policy => new(Threshold, BaseCooldown, MaxCooldown);

    internal static string Section(string? provider) => $"Providers:{provider}:Breaker";
}

/// <summary>Each provider's breaker policy.</summary>
internal sealed class BreakerPolicies(IOptionsMonitor<BreakerOptions> options)
{
    public BreakerPolicy Of(string provider) => options.Get(provider).Policy;
}

/// <summary>Names the key: there is one section per provider.</summary>
internal sealed class BreakerValidation : IValidateOptions<BreakerOptions>
{
    public ValidateOptionsResult Validate(string? name, BreakerOptions options)
    {
        var problems = Problems(BreakerOptions.Section(name), options).ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(string section, BreakerOptions options)
    {
        if (options.Threshold is < 1 or > 1_000) yield return $"{section}:{nameof(options.Threshold)} is 1–1,000.";
        if (options.BaseCooldown < TimeSpan.FromSeconds(1)) yield return $"{section}:{nameof(options.BaseCooldown)} is at least 1 s.";
        if (options.MaxCooldown < options.BaseCooldown || options.MaxCooldown > TimeSpan.FromDays(1))
            yield return $"{section}:{nameof(options.MaxCooldown)} is from {nameof(options.BaseCooldown)} to 1 day.";
    }
}

internal static class BreakerRegistration
{
    public static IServiceCollection AddBreakerPolicies(this IServiceCollection services)
    {
        foreach (var provider in ProviderId.All)
            services.AddOptionsWithValidateOnStart<BreakerOptions>(provider.Value).BindConfiguration(BreakerOptions.Section(provider.Value));
        return services.AddSingleton<IValidateOptions<BreakerOptions>, BreakerValidation>().AddSingleton<BreakerPolicies>();
    }
}
