namespace FinanceIntegrations.Local;

/// <summary>Where everything of a checkout lies that is not the checkout: data, ports, secrets, logs. Ignored by git.</summary>
internal static class LocalFolder
{
    public static string Of(string checkout) => Path.Combine(checkout, ".local");
}
