namespace FinanceIntegrations.Providers.Tests.Stripe;

/// <summary>Stripe's own sample objects; their source is in Samples/README.md.</summary>
internal static class Sample
{
    public static byte[] Bytes(string name) => File.ReadAllBytes(PathOf(name));

    public static string Text(string name) => File.ReadAllText(PathOf(name));

    private static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Stripe", "Samples", name + ".json");
}
