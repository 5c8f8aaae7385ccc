using System.Diagnostics;
using System.Net;
using FinanceIntegrations.Local.Services;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.BadInput;

public sealed class AccessTests(SharedCluster shared) : ProductTest(shared)
{
    public static TheoryData<string, string> PathsOfAnIntegration => new()
    {
        { "GET", "" }, { "PUT", "" }, { "DELETE", "" }, { "GET", "/status" }, { "POST", "/test" }, { "POST", "/sync" }, { "GET", "/syncs" },
        { "POST", "/oauth/refresh" }, { "GET", "/logs" }, { "GET", "/accounts" }, { "GET", "/balances" }, { "GET", "/transactions" },
        { "GET", "/payments" }, { "GET", "/payouts" }, { "GET", "/disputes" }, { "GET", "/webhook-endpoints" }, { "POST", "/webhook-endpoints" },
        { "GET", "/webhook-events" }, { "POST", "/webhook-events/replay" }, { "GET", "/parked-rows" },
        { "POST", "/parked-rows/remap" },
    };

    [Theory]
    [MemberData(nameof(PathsOfAnIntegration))]
    public async Task Another_users_integration_reads_like_one_that_never_was(string method, string path)
    {
        var id = await NewUser("alice").CreateStripeAsync(cancel: Cancel);
        var bob = NewUser("bob");
        var body = method == "GET" ? null : "{}";
        var foreign = await bob.SendAsync(new(method), $"/{id}{path}", body, Cancel);
        var unknown = await bob.SendAsync(new(method), $"/{Guid.CreateVersion7()}{path}", body, Cancel);

        Assert.Equal((HttpStatusCode.NotFound, "integration_not_found"), (foreign.Status, foreign.Code));
        Assert.Equal((unknown.Status, unknown.Code), (foreign.Status, foreign.Code));
    }

    [Fact]
    public async Task Another_users_integration_cannot_be_authorized()
    {
        var id = await NewUser("alice").CreateStripeAsync(cancel: Cancel);
        var refused = await NewUser("bob").PostAsync("/oauth/authorize", new { integration_id = id }, Cancel);
        Assert.Equal((HttpStatusCode.NotFound, "integration_not_found"), (refused.Status, refused.Code));
    }

    [Fact]
    public async Task A_list_shows_only_ones_own()
    {
        var (alice, bob) = (NewUser("alice"), NewUser("bob"));
        await alice.CreateStripeAsync(cancel: Cancel);
        Assert.Empty(await bob.ListAsync("/", cancel: Cancel));
    }

    [Fact]
    public async Task Without_a_good_token_nobody_gets_in()
    {
        var stranger = new Tokens(Convert.ToBase64String(new byte[32]), TimeProvider.System).For("alice");
        ApiUser[] refused =
        [
            Keep(Product.Nobody()), NewUser(lifetime: TimeSpan.FromMinutes(-5)), Keep(new(Product.Processes.ApiUrl, stranger)),
            Keep(new(Product.Processes.ApiUrl, "nonsense")),
        ];
        foreach (var user in refused)
        {
            var answer = await user.GetAsync("/", Cancel);
            Assert.Equal((HttpStatusCode.Unauthorized, "unauthorized"), (answer.Status, answer.Code));
        }
    }

    [Fact]
    public async Task A_token_that_the_local_tool_makes_of_the_signing_key_lets_its_user_in_with_the_roles_asked_for()
    {
        var (writer, admin) = (Keep(new(Product.Processes.ApiUrl, await MadeAsync("--writer"))), Keep(new(Product.Processes.ApiUrl, await MadeAsync("--admin"))));
        Assert.Equal(HttpStatusCode.OK, (await writer.GetAsync("/", Cancel)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await writer.GetAsync("/audit-log", Cancel)).Status);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/audit-log", Cancel)).Status);

        async Task<string> MadeAsync(string role)
        {
            var tool = RepositoryRoot.Of("tools", "Local", "bin", "Release", "net10.0", "FinanceIntegrations.Local.dll");
            using var process = Process.Start(new ProcessStartInfo(
                Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [tool, "token", "hand-made", role, "--key", Product.Processes.Secrets.SigningKey])
            {
                RedirectStandardOutput = true,
            })!;
            var said = await process.StandardOutput.ReadToEndAsync(Cancel);
            await process.WaitForExitAsync(Cancel);
            Assert.Equal(0, process.ExitCode);
            return said.Trim();
        }
    }

    [Theory]
    [InlineData("/sync-all")]
    [InlineData("/refresh-expired-tokens")]
    public async Task What_an_administrator_does_is_forbidden_to_others(string path)
    {
        var refused = await NewUser().PostAsync(path, cancel: Cancel);
        Assert.Equal((HttpStatusCode.Forbidden, "forbidden"), (refused.Status, refused.Code));
        Assert.Equal(HttpStatusCode.OK, (await NewUser(admin: true).PostAsync(path, cancel: Cancel)).Status);
    }

    [Theory]
    [InlineData("GET", "/nonsense", HttpStatusCode.NotFound, "not_found")]
    [InlineData("PATCH", "/", HttpStatusCode.MethodNotAllowed, "method_not_allowed")]
    public async Task What_is_not_there_is_a_problem_too(string method, string path, HttpStatusCode status, string code)
    {
        var answer = await NewUser().SendAsync(new(method), path, cancel: Cancel);
        Assert.Equal((status, code), (answer.Status, answer.Code));
    }
}
