using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Api.OAuth;

internal static class OAuthServices
{
    public static IServiceCollection AddHostedAuthorization(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<OAuthOptions>, OAuthOptionsValidator>();
        services.AddOptionsWithValidateOnStart<OAuthOptions>().BindConfiguration(OAuthOptions.Section);
        services.AddSingleton<IValidateOptions<ApiOptions>, ApiOptionsValidator>();
        services.AddOptionsWithValidateOnStart<ApiOptions>().BindConfiguration(ApiOptions.Section).ValidateDataAnnotations();
        return services.AddSingleton<AuthorizationSeals>();
    }
}
