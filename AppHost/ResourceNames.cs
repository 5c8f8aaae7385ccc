namespace FinanceIntegrations;

/// <summary>
/// The words that whoever starts our processes (AppHost or the local runner) and the processes themselves agree on. Plain constants and
/// no Aspire type, so that the local runner and the tests compile this file too.
/// </summary>
internal static class ResourceNames
{
    public const string Postgres = "postgres-server";
    public const string Redis = "redis";
    public const string Migrator = "migrator";
    public const string Sandbox = "sandbox";
    public const string Silo = "silo";
    public const string Api = "api";

    /// <summary>The database's resource name is the connection's name: <c>ConnectionStrings__postgres</c>.</summary>
    public const string Database = "postgres";
    public const string DatabaseName = "financeintegrations";

    public const string Orleans = "finance-integrations";
    public const string OrleansProvider = "AdoNet";
    public const string OrleansInvariant = "Npgsql";
    public const string GrainStorage = "integrations";
}

/// <summary>Environment keys that our processes read beside <c>Orleans__…</c> and <c>OTEL_…</c>.</summary>
internal static class EnvironmentKeys
{
    public const string PostgresConnection = "ConnectionStrings__" + ResourceNames.Database;
    public const string RedisConnection = "ConnectionStrings__" + ResourceNames.Redis;

    public const string DevelopmentSigningKey = "Auth__DevelopmentSigningKey";
    public const string Authority = "Auth__Authority";
    public const string Audience = "Auth__Audience";
    public const string EdgeMasterKey = "DataProtection__EdgeMasterKey";
    public const string TokenMasterKey = "DataProtection__TokenMasterKey";
    public const string PublicUrl = "Api__PublicUrl";
    public const string FirstRedirectUri = "OAuth__RedirectUris__0";

    public const string StripeClientId = "STRIPE_CLIENT_ID";
    public const string StripeClientSecret = "STRIPE_CLIENT_SECRET";
    public const string StripeWebhookSecret = "STRIPE_WEBHOOK_SECRET";
    public const string StripeApiBase = "STRIPE_API_BASE";
    public const string StripeConnectBase = "STRIPE_CONNECT_BASE";
    public const string StripeFilesBase = "STRIPE_FILES_BASE";
    public const string SquareClientId = "SQUARE_CLIENT_ID";
    public const string SquareClientSecret = "SQUARE_CLIENT_SECRET";
    public const string SquareWebhookSecret = "SQUARE_WEBHOOK_SECRET";
    public const string SquareWebhookUrl = "SQUARE_WEBHOOK_URL";
    public const string SquareApiBase = "SQUARE_API_BASE";

    public const string PayPalClientId = "PAYPAL_CLIENT_ID";
    public const string PayPalClientSecret = "PAYPAL_CLIENT_SECRET";
    public const string PayPalWebhookSecret = "PAYPAL_WEBHOOK_SECRET";
    public const string PayPalWebhookRoots = "PAYPAL_WEBHOOK_ROOTS";
    public const string PayPalApiBase = "PAYPAL_API_BASE";
    public const string PayPalLoginBase = "PAYPAL_LOGIN_BASE";

    public const string SandboxPayPalClientId = "Sandbox__PayPal__ClientId";
    public const string SandboxPayPalClientSecret = "Sandbox__PayPal__ClientSecret";
    public const string SandboxPayPalRoot = "Sandbox__PayPal__Root";
    public const string SandboxStripeClientId = "Sandbox__Stripe__ClientId";
    public const string SandboxStripeSecretKey = "Sandbox__Stripe__SecretKey";
    public const string SandboxSquareClientId = "Sandbox__Square__ClientId";
    public const string SandboxSquareClientSecret = "Sandbox__Square__ClientSecret";
    public const string SandboxDataFolder = "Sandbox__DataFolder";
}

/// <summary>What lets each kind of order be taken: on where all the providers are the sandbox, off unless an operator says otherwise.</summary>
internal static class WriteSwitches
{
    public static IReadOnlyList<string> All { get; } =
    [
        "FeatureManagement__provider_stripe_create_payout",
        "FeatureManagement__provider_stripe_cancel_payout",
        "FeatureManagement__provider_stripe_submit_evidence",
        "FeatureManagement__provider_stripe_accept_dispute",
        "FeatureManagement__provider_paypal_create_payout",
        "FeatureManagement__provider_paypal_cancel_payout",
        "FeatureManagement__provider_paypal_submit_evidence",
        "FeatureManagement__provider_paypal_accept_dispute",
        "FeatureManagement__provider_square_submit_evidence",
        "FeatureManagement__provider_square_accept_dispute",
    ];
}

/// <summary>Paths that more than one process has to agree on.</summary>
internal static class EndpointPaths
{
    public const string Ready = "/health";
    public const string OAuthCallback = "/api/integrations/oauth/callback";
    public const string StripeWebhooks = "/api/integrations/webhooks/stripe";
    public const string SandboxStripe = "/stripe";
    public const string SquareWebhooks = "/api/integrations/webhooks/square";
    public const string SandboxSquare = "/square";
    public const string PayPalWebhooks = "/api/integrations/webhooks/paypal";
    public const string SandboxPayPal = "/paypal";
}
