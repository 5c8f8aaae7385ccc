using System.Diagnostics;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.Operations;

/// <summary>A production start that would not be safe does not happen, and says which setting it is about.</summary>
public sealed class ProductionTests(SharedCluster shared) : ProductTest(shared)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private string Key => Product.Processes.Secrets.EdgeMasterKey;

    [Fact]
    public async Task The_api_refuses_the_development_signing_key() =>
        await RefusedAsync(ResourceNames.Api, Api(("Auth__DevelopmentSigningKey", Product.Processes.Secrets.SigningKey)), "Auth:DevelopmentSigningKey");

    [Fact]
    public async Task The_api_refuses_to_start_without_whose_tokens_to_take() =>
        await RefusedAsync(ResourceNames.Api, Api(("Auth__Authority", "")), "Auth:Authority");

    [Fact]
    public async Task The_api_refuses_to_start_without_its_master_key() =>
        await RefusedAsync(ResourceNames.Api, Api(("DataProtection__EdgeMasterKey", "")), "DataProtection:EdgeMasterKey");

    [Theory]
    [InlineData("http://api.example")]
    [InlineData("api.example")]
    [InlineData("https://api.example/finance")]
    public async Task The_api_refuses_an_address_of_its_own_that_is_no_https_address(string address) =>
        await RefusedAsync(ResourceNames.Api, Api(("Api__PublicUrl", address)), "Api:PublicUrl");

    [Fact]
    public async Task The_api_refuses_a_redirect_over_plain_http() =>
        await RefusedAsync(ResourceNames.Api, Api(("OAuth__RedirectUris__0", "http://127.0.0.1/callback")), "OAuth:RedirectUris");

    [Fact]
    public async Task The_silo_refuses_to_start_without_its_master_key() =>
        await RefusedAsync(ResourceNames.Silo, Silo(("DataProtection__TokenMasterKey", "")), "DataProtection:TokenMasterKey");

    [Fact]
    public async Task The_silo_refuses_a_master_key_that_is_none() =>
        await RefusedAsync(ResourceNames.Silo, Silo(("DataProtection__TokenMasterKey", "c2hvcnQ=")), "DataProtection:TokenMasterKey");

    [Fact]
    public async Task The_silo_refuses_a_provider_over_plain_http() =>
        await RefusedAsync(ResourceNames.Silo, Silo(("STRIPE_API_BASE", Product.Processes.SandboxUrl)), "STRIPE_API_BASE");

    [Fact]
    public async Task The_sandbox_does_not_start_in_production() =>
        await RefusedAsync("tools/Sandbox", Common(), "Production");

    private Dictionary<string, string> Api(params (string Key, string Value)[] more) => With(new(Common())
    {
        ["Auth__Authority"] = "https://login.example",
        ["DataProtection__EdgeMasterKey"] = Key,
        ["Api__PublicUrl"] = "https://api.example",
        ["OAuth__RedirectUris__0"] = "https://app.example/callback",
        ["Orleans__Clustering__ProviderType"] = "AdoNet",
        ["Orleans__Clustering__Invariant"] = "Npgsql",
        ["Orleans__Clustering__ConnectionName"] = "postgres",
    }, more);

    private Dictionary<string, string> Silo(params (string Key, string Value)[] more) => With(new(Common())
    {
        ["DataProtection__EdgeMasterKey"] = Key,
        ["DataProtection__TokenMasterKey"] = Key,
        ["STRIPE_CLIENT_ID"] = "ca_1",
        ["STRIPE_CLIENT_SECRET"] = "sk_live_1",
        // A cluster of its own, should it come that far.
        ["Orleans__ClusterId"] = "refused",
        ["Orleans__Clustering__ProviderType"] = "Development",
    }, more);

    private Dictionary<string, string> Common() => new()
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Production",
        ["DOTNET_ENVIRONMENT"] = "Production",
        ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
        ["ConnectionStrings__postgres"] = Product.Processes.PostgresConnectionString,
        ["ConnectionStrings__redis"] = Product.Processes.RedisConnectionString,
    };

    private static Dictionary<string, string> With(Dictionary<string, string> all, (string Key, string Value)[] more)
    {
        foreach (var (key, value) in more) all[key] = value;
        return all;
    }

    private static async Task RefusedAsync(string room, Dictionary<string, string> environment, string named)
    {
        var folder = char.ToUpperInvariant(room[0]) + room[1..];
        if (room.Contains('/', StringComparison.Ordinal)) folder = room;
        var configuration = AppContext.BaseDirectory.Contains("Debug", StringComparison.Ordinal) ? "Debug" : "Release";
        var assembly = RepositoryRoot.Of(folder, "bin", configuration, "net10.0", $"FinanceIntegrations.{Path.GetFileName(folder)}.dll");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [assembly])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(assembly),
        };
        foreach (var (key, value) in environment) start.Environment[key] = value;
        using var process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            var said = await output + await error;
            Assert.NotEqual(0, process.ExitCode);
            Assert.Contains(named, said, StringComparison.Ordinal);
            foreach (var secret in environment.Where(pair => pair.Key.Contains("Key", StringComparison.Ordinal) && pair.Value.Length > 0))
                Assert.DoesNotContain(secret.Value, said, StringComparison.Ordinal);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
