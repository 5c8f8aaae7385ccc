using FinanceIntegrations;
using FinanceIntegrations.AppHost;

var builder = DistributedApplication.CreateBuilder(args);
builder.AddDockerComposeEnvironment("compose");

// A run is for development: keys are made and kept in user secrets, and the providers are the sandbox. A published deployment is production: its
// operator gives every secret, users come from an identity provider, and there is no sandbox.
var development = builder.ExecutionContext.IsRunMode;
var environment = development ? "Development" : "Production";
var edgeKey = Secret("edge-master-key", new RandomKey());
var tokenKey = Secret("token-master-key", new RandomKey());
var stripeId = Secret("stripe-client-id", new GenerateParameterDefault { MinLength = 24, Special = false });
var stripeSecret = Secret("stripe-client-secret", new GenerateParameterDefault { MinLength = 24, Special = false });
var stripeWebhooks = Secret("stripe-webhook-secret", new GenerateParameterDefault { MinLength = 32, Special = false });
var squareId = Secret("square-client-id", new GenerateParameterDefault { MinLength = 24, Special = false });
var squareSecret = Secret("square-client-secret", new GenerateParameterDefault { MinLength = 24, Special = false });
var squareWebhooks = Secret("square-webhook-secret", new GenerateParameterDefault { MinLength = 32, Special = false });
var payPalId = Secret("paypal-client-id", new GenerateParameterDefault { MinLength = 24, Special = false });
var payPalSecret = Secret("paypal-client-secret", new GenerateParameterDefault { MinLength = 24, Special = false });
var payPalWebhooks = Secret("paypal-webhook-id", new GenerateParameterDefault { MinLength = 17, Special = false });

var database = builder.AddPostgres(ResourceNames.Postgres)
    .WithDataVolume()
    .WithLifetime(ContainerLifetime.Persistent)
    .WithPgAdmin()
    .AddDatabase(ResourceNames.Database, ResourceNames.DatabaseName);
var redis = builder.AddRedis(ResourceNames.Redis)
    .WithLifetime(ContainerLifetime.Persistent)
    .WithRedisInsight();

var adoNet = new AdoNetProvider(database);
var orleans = builder.AddOrleans(ResourceNames.Orleans)
    .WithClusterId(ResourceNames.Orleans)
    .WithServiceId(ResourceNames.Orleans)
    .WithClustering(adoNet)
    .WithGrainStorage(ResourceNames.GrainStorage, adoNet)
    .WithReminders(adoNet);

var migrator = builder.AddProject<Projects.Migrator>(ResourceNames.Migrator, launchProfileName: null)
    .WithEnvironment("DOTNET_ENVIRONMENT", environment)
    .WithReference(database)
    .WaitFor(database);

var silo = builder.AddProject<Projects.Silo>(ResourceNames.Silo, launchProfileName: null)
    .WithHttpEndpoint()
    .WithHttpHealthCheck(EndpointPaths.Ready)
    .WithEnvironment("ASPNETCORE_ENVIRONMENT", environment)
    .WithReference(orleans)
    .WithReference(redis)
    .WithEnvironment(EnvironmentKeys.TokenMasterKey, tokenKey)
    .WithEnvironment(EnvironmentKeys.StripeClientId, stripeId)
    .WithEnvironment(EnvironmentKeys.StripeClientSecret, stripeSecret)
    .WithEnvironment(EnvironmentKeys.SquareClientId, squareId)
    .WithEnvironment(EnvironmentKeys.SquareClientSecret, squareSecret)
    .WithEnvironment(EnvironmentKeys.PayPalClientId, payPalId)
    .WithEnvironment(EnvironmentKeys.PayPalClientSecret, payPalSecret)
    .WithReplicas(2)
    .WaitForCompletion(migrator);   // not for Redis: a cluster without it is slower, and whole

var api = builder.AddProject<Projects.Api>(ResourceNames.Api, launchProfileName: null)
    .WithHttpEndpoint(port: development ? 5080 : null)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck(EndpointPaths.Ready)
    .WithUrlForEndpoint("http", (EndpointReference _) => new ResourceUrlAnnotation { Url = "/scalar", DisplayText = "API reference" })
    .WithEnvironment("ASPNETCORE_ENVIRONMENT", environment)
    .WithReference(orleans.AsClient())
    .WithReference(redis)
    .WithEnvironment(EnvironmentKeys.EdgeMasterKey, edgeKey)
    .WithEnvironment(EnvironmentKeys.StripeClientId, stripeId)
    .WithEnvironment(EnvironmentKeys.StripeWebhookSecret, stripeWebhooks)
    .WithEnvironment(EnvironmentKeys.SquareClientId, squareId)
    .WithEnvironment(EnvironmentKeys.SquareWebhookSecret, squareWebhooks)
    .WithEnvironment(EnvironmentKeys.PayPalClientId, payPalId)
    .WithEnvironment(EnvironmentKeys.PayPalWebhookSecret, payPalWebhooks)
    .WaitForCompletion(migrator)
    .WaitFor(silo);

var publicUrl = development
    ? ReferenceExpression.Create($"{api.GetEndpoint("http")}")
    : ReferenceExpression.Create($"{builder.AddParameter("public-url")}");
var callback = ReferenceExpression.Create($"{publicUrl}{EndpointPaths.OAuthCallback}");
api.WithEnvironment(EnvironmentKeys.SquareWebhookUrl, ReferenceExpression.Create($"{publicUrl}{EndpointPaths.SquareWebhooks}"));
api.WithEnvironment(EnvironmentKeys.PublicUrl, publicUrl).WithEnvironment(EnvironmentKeys.FirstRedirectUri, callback);

if (development)
{
    // What the simulated PayPal signs with hangs from it, and the api trusts it.
    var payPalRoot = Secret("paypal-root", new RandomRoot());
    var sandbox = builder.AddProject<Projects.Sandbox>(ResourceNames.Sandbox, launchProfileName: null)
        .WithHttpEndpoint()
        .WithHttpHealthCheck(EndpointPaths.Ready)
        .WithEnvironment("ASPNETCORE_ENVIRONMENT", environment)
        .WithEnvironment(EnvironmentKeys.SandboxStripeClientId, stripeId)
        .WithEnvironment(EnvironmentKeys.SandboxStripeSecretKey, stripeSecret)
        .WithEnvironment(EnvironmentKeys.SandboxSquareClientId, squareId)
        .WithEnvironment(EnvironmentKeys.SandboxSquareClientSecret, squareSecret)
        .WithEnvironment(EnvironmentKeys.SandboxPayPalClientId, payPalId)
        .WithEnvironment(EnvironmentKeys.SandboxPayPalClientSecret, payPalSecret)
        .WithEnvironment(EnvironmentKeys.SandboxPayPalRoot, payPalRoot)
        .WithEnvironment(EnvironmentKeys.SandboxDataFolder, Path.Combine(builder.AppHostDirectory, "..", ".local", "aspire-sandbox"));
    var stripe = ReferenceExpression.Create($"{sandbox.GetEndpoint("http")}{EndpointPaths.SandboxStripe}");
    silo.WithEnvironment(EnvironmentKeys.SquareApiBase, ReferenceExpression.Create($"{sandbox.GetEndpoint("http")}{EndpointPaths.SandboxSquare}"));
    var payPal = ReferenceExpression.Create($"{sandbox.GetEndpoint("http")}{EndpointPaths.SandboxPayPal}");
    silo.WithEnvironment(EnvironmentKeys.PayPalApiBase, payPal).WithEnvironment(EnvironmentKeys.PayPalLoginBase, payPal);
    silo.WithEnvironment(EnvironmentKeys.StripeApiBase, stripe)
        .WithEnvironment(EnvironmentKeys.StripeConnectBase, stripe)
        .WithEnvironment(EnvironmentKeys.StripeFilesBase, stripe)
        .WaitFor(sandbox);
    // Behind all of it is the sandbox: what moves money can be tried.
    foreach (var on in WriteSwitches.All) silo.WithEnvironment(on, "true");
    api.WithEnvironment(EnvironmentKeys.PayPalApiBase, payPal).WithEnvironment(EnvironmentKeys.PayPalWebhookRoots, payPalRoot);
    api.WithEnvironment(EnvironmentKeys.DevelopmentSigningKey, Secret("development-signing-key", new RandomKey()));
}
else
{
    api.WithEnvironment(EnvironmentKeys.Authority, builder.AddParameter("auth-authority"))
        .WithEnvironment(EnvironmentKeys.Audience, builder.AddParameter("auth-audience"));
}

builder.Build().Run();

IResourceBuilder<ParameterResource> Secret(string name, ParameterDefault made) => development
    ? builder.AddParameter(name, made, secret: true, persist: true)
    : builder.AddParameter(name, secret: true);
