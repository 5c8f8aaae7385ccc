namespace FinanceIntegrations.Sandbox.PayPal;

/// <summary>The app that PayPal knows, and how this PayPal behaves. Section <c>Sandbox:PayPal</c>.</summary>
internal sealed class PayPalOptions
{
    public const string Section = "Sandbox:PayPal";

    public string ClientId { get; set; } = "paypal-sandbox";

    public string ClientSecret { get; set; } = "paypal-sandbox-secret";

    /// <summary>Life of the app's token, in seconds. Default 32,400, nine hours.</summary>
    public int TokenSeconds { get; set; } = 32_400;

    /// <summary>Rows of the default account. Default 600.</summary>
    public int Transactions { get; set; } = 600;

    /// <summary>The most rows that one query may have; above it there is none at all. Default 10,000.</summary>
    public int MaxRows { get; set; } = 10_000;

    /// <summary>So many seconds old is what the reports know. Default 0; PayPal's own is up to 3 hours.</summary>
    public int LagSeconds { get; set; }

    /// <summary>Requests per second and account; 0, the default: no limit. PayPal publishes none.</summary>
    public int RequestsPerSecond { get; set; }

    /// <summary>PEM of the root, certificate and RSA key, that the signing certificates hang from. Default: one that is made at the start.</summary>
    public string Root { get; set; } = "";
}
