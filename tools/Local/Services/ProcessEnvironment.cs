namespace FinanceIntegrations.Local.Services;

/// <summary>
/// What each process is told: the same keys that the AppHost gives, so that a process cannot tell who started it.
/// </summary>
internal sealed class ProcessEnvironment(LocalPorts ports, LocalSecrets secrets, string postgres, string sandboxData)
{
    private const string Clustering = "Orleans__Clustering";

    private string Redis { get; } = RedisServer.ConnectionStringFor(ports.Redis);

    public string ApiUrl { get; } = Url(ports.Api);

    public string SandboxUrl { get; } = Url(ports.Sandbox);

    public static string Url(int port) => $"http://127.0.0.1:{port}";

    public Dictionary<string, string> Migrator() => new(Common(ResourceNames.Migrator)) { [EnvironmentKeys.PostgresConnection] = postgres };

    public Dictionary<string, string> Sandbox() => new(Common(ResourceNames.Sandbox, ports.Sandbox))
    {
        [EnvironmentKeys.SandboxStripeClientId] = secrets.StripeClientId,
        [EnvironmentKeys.SandboxStripeSecretKey] = secrets.StripeSecretKey,
        [EnvironmentKeys.SandboxSquareClientId] = secrets.SquareClientId,
        [EnvironmentKeys.SandboxSquareClientSecret] = secrets.SquareClientSecret,
        [EnvironmentKeys.SandboxPayPalClientId] = secrets.PayPalClientId,
        [EnvironmentKeys.SandboxPayPalClientSecret] = secrets.PayPalClientSecret,
        [EnvironmentKeys.SandboxPayPalRoot] = secrets.PayPalRoot,
        [EnvironmentKeys.SandboxDataFolder] = sandboxData,
    };

    public Dictionary<string, string> Silo(int index)
    {
        var own = ports.Silos[index];
        // Behind all of it is the sandbox: what moves money can be tried.
        var switches = WriteSwitches.All.Select(on => KeyValuePair.Create(on, "true"));
        return new([.. Service(ResourceNames.Silo, own.Http, index == 0 ? ResourceNames.Silo : $"{ResourceNames.Silo}-{index + 1}"), .. switches])
        {
            ["Orleans__Endpoints__AdvertisedIPAddress"] = "127.0.0.1",
            ["Orleans__Endpoints__SiloPort"] = $"{own.Silo}",
            ["Orleans__Endpoints__GatewayPort"] = $"{own.Gateway}",
            [$"Orleans__GrainStorage__{ResourceNames.GrainStorage}__ProviderType"] = ResourceNames.OrleansProvider,
            [$"Orleans__GrainStorage__{ResourceNames.GrainStorage}__Invariant"] = ResourceNames.OrleansInvariant,
            [$"Orleans__GrainStorage__{ResourceNames.GrainStorage}__ConnectionName"] = ResourceNames.Database,
            ["Orleans__Reminders__ProviderType"] = ResourceNames.OrleansProvider,
            ["Orleans__Reminders__Invariant"] = ResourceNames.OrleansInvariant,
            ["Orleans__Reminders__ConnectionName"] = ResourceNames.Database,
            [EnvironmentKeys.TokenMasterKey] = secrets.TokenMasterKey,
            [EnvironmentKeys.StripeClientSecret] = secrets.StripeSecretKey,
            [EnvironmentKeys.StripeApiBase] = SandboxUrl + EndpointPaths.SandboxStripe,
            [EnvironmentKeys.StripeConnectBase] = SandboxUrl + EndpointPaths.SandboxStripe,
            [EnvironmentKeys.StripeFilesBase] = SandboxUrl + EndpointPaths.SandboxStripe,
            [EnvironmentKeys.SquareClientSecret] = secrets.SquareClientSecret,
            [EnvironmentKeys.SquareApiBase] = SandboxUrl + EndpointPaths.SandboxSquare,
            [EnvironmentKeys.PayPalClientSecret] = secrets.PayPalClientSecret,
            [EnvironmentKeys.PayPalLoginBase] = SandboxUrl + EndpointPaths.SandboxPayPal,
        };
    }

    public Dictionary<string, string> Api() => new(Service(ResourceNames.Api, ports.Api, ResourceNames.Api))
    {
        [EnvironmentKeys.DevelopmentSigningKey] = secrets.SigningKey,
        [EnvironmentKeys.EdgeMasterKey] = secrets.EdgeMasterKey,
        [EnvironmentKeys.PublicUrl] = ApiUrl,
        [EnvironmentKeys.FirstRedirectUri] = ApiUrl + EndpointPaths.OAuthCallback,
        [EnvironmentKeys.StripeWebhookSecret] = secrets.StripeWebhookSecret,
        [EnvironmentKeys.SquareWebhookSecret] = secrets.SquareWebhookSecret,
        [EnvironmentKeys.SquareWebhookUrl] = ApiUrl + EndpointPaths.SquareWebhooks,
        [EnvironmentKeys.PayPalWebhookSecret] = secrets.PayPalWebhookId,
        [EnvironmentKeys.PayPalWebhookRoots] = secrets.PayPalRootCertificate,
    };

    /// <param name="process">Tells its connections from others' in <c>pg_stat_activity</c>.</param>
    private Dictionary<string, string> Service(string name, int port, string process) => new(Common(name, port))
    {
        [EnvironmentKeys.PostgresConnection] = $"{postgres};Application Name={process}",
        [EnvironmentKeys.RedisConnection] = Redis,
        ["Orleans__ClusterId"] = ResourceNames.Orleans,
        ["Orleans__ServiceId"] = ResourceNames.Orleans,
        ["Orleans__EnableDistributedTracing"] = "true",
        [$"{Clustering}__ProviderType"] = ResourceNames.OrleansProvider,
        [$"{Clustering}__Invariant"] = ResourceNames.OrleansInvariant,
        [$"{Clustering}__ConnectionName"] = ResourceNames.Database,
        [EnvironmentKeys.StripeClientId] = secrets.StripeClientId,
        [EnvironmentKeys.SquareClientId] = secrets.SquareClientId,
        [EnvironmentKeys.PayPalClientId] = secrets.PayPalClientId,
        [EnvironmentKeys.PayPalApiBase] = SandboxUrl + EndpointPaths.SandboxPayPal,   // the api fetches certificates there
    };

    private static Dictionary<string, string> Common(string name, int? port = null)
    {
        var common = new Dictionary<string, string>
        {
            ["DOTNET_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["OTEL_SERVICE_NAME"] = name,
            ["DOTNET_NOLOGO"] = "true",
        };
        if (port is { } listening)
            common["ASPNETCORE_URLS"] = Url(listening);
        return common;
    }
}
