namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>The platform that Stripe knows. Section <c>Sandbox:Stripe</c>.</summary>
internal sealed class StripeOptions
{
    public const string Section = "Sandbox:Stripe";

    /// <summary>The platform's client id. Default <c>ca_sandbox</c>.</summary>
    public string ClientId { get; set; } = "ca_sandbox";

    /// <summary>The platform's secret key. Default <c>sk_test_sandbox</c>.</summary>
    public string SecretKey { get; set; } = "sk_test_sandbox";

    /// <summary>Requests per second and account; 0: no limit. Default 25, as in Stripe's own sandboxes.</summary>
    public int RequestsPerSecond { get; set; } = 25;

    /// <summary>Further limits, of each account or of the app, over any length of time. Default: none.</summary>
    public IList<RequestLimit> Limits { get; } = [];

    /// <summary>Balance transactions of the default account. Default 2,400.</summary>
    public int Transactions { get; set; } = 2400;

    /// <summary>The version in which events are written, and answers to requests that name none.</summary>
    public string ApiVersion { get; set; } = "2026-10-28.endive";
}
