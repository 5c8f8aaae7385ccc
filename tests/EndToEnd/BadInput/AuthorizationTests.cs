using System.Buffers.Binary;
using System.Net;
using FinanceIntegrations.Data.KeyRings;
using FinanceIntegrations.Testing;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Xunit;

namespace FinanceIntegrations.EndToEnd.BadInput;

public sealed class AuthorizationTests(SharedCluster shared) : ProductTest(shared)
{
    /// <summary>Where the moment of expiry stands in a state: behind the integration's id, in milliseconds.</summary>
    private const int ExpiryAt = 16;

    [Fact]
    public async Task A_forged_state_is_refused()
    {
        var (user, carried) = await CallbackAsync();
        var forged = new Dictionary<string, string>(carried) { ["state"] = carried["state"][..^4] + "AAAA" };
        await RefusedAsync(user, forged, HttpStatusCode.BadRequest, "state_invalid");
        await RefusedAsync(user, new() { ["state"] = "nonsense", ["code"] = "ac_1" }, HttpStatusCode.BadRequest, "state_invalid");
        (await user.PostAsync("/oauth/token", carried, Cancel)).MustBeOk("the true state");
    }

    [Fact]
    public async Task A_foreign_state_is_refused_like_a_forged_one()
    {
        var (user, carried) = await CallbackAsync();
        await RefusedAsync(NewUser("mallory"), carried, HttpStatusCode.BadRequest, "state_invalid");
        (await user.PostAsync("/oauth/token", carried, Cancel)).MustBeOk("the owner's");
    }

    [Fact]
    public async Task A_state_past_its_ten_minutes_is_refused()
    {
        var (user, carried) = await CallbackAsync();
        var late = new Dictionary<string, string>(carried) { ["state"] = Expired(carried["state"]) };
        await RefusedAsync(user, late, HttpStatusCode.BadRequest, "state_expired");
    }

    [Fact]
    public async Task A_callback_counts_once()
    {
        var (user, carried) = await CallbackAsync();
        (await user.PostAsync("/oauth/token", carried, Cancel)).MustBeOk("first");
        await RefusedAsync(user, carried, HttpStatusCode.BadRequest, "state_used");
    }

    [Fact]
    public async Task A_code_that_was_used_is_refused_by_the_provider_and_classified()
    {
        var account = await Sandbox.NewAccountAsync(50, Cancel);
        var user = NewUser();
        var id = await user.CreateStripeAsync(cancel: Cancel);
        var used = await user.ConnectAsync(id, account, Cancel);
        await user.NewestRunAsync(id, "succeeded", Cancel);

        var another = await user.CreateStripeAsync(cancel: Cancel);
        var fresh = await user.ConsentAsync(await user.AuthorizeAsync(another, Cancel), $"sandbox_account={account}", Cancel);
        var refused = await user.PostAsync("/oauth/token", new Dictionary<string, string>(fresh) { ["code"] = used["code"] }, Cancel);

        Assert.Equal("authorization_failed", refused.Code);
        Assert.InRange((int)refused.Status, 400, 499);
        Assert.Equal("consent", refused["error_class"]);
        Assert.Equal("inactive", (await user.GetAsync($"/{another}", Cancel))["status"]);
    }

    [Fact]
    public async Task A_user_who_declines_connects_nothing()
    {
        var user = NewUser();
        var id = await user.CreateStripeAsync(cancel: Cancel);
        var carried = await user.ConsentAsync(await user.AuthorizeAsync(id, Cancel), "sandbox_deny=1", Cancel);
        var refused = await user.PostAsync("/oauth/token", carried, Cancel);
        Assert.Equal((HttpStatusCode.BadRequest, "authorization_denied", "consent"), (refused.Status, refused.Code, refused["error_class"]));
        Assert.Equal("The provider answered access_denied: the user, or the provider, did not agree.", refused["detail"]);
        Assert.Equal("inactive", (await user.GetAsync($"/{id}", Cancel))["status"]);
    }

    [Fact]
    public async Task A_providers_reason_is_told_if_it_is_one_of_OAuths_and_no_other_text_is_repeated()
    {
        foreach (var (error, kind) in new[] { ("temporarily_unavailable", "provider_unavailable"), ("invalid_scope", "validation"), ("<b>call 0900</b>", "consent") })
        {
            var user = NewUser();
            var id = await user.CreateStripeAsync(cancel: Cancel);
            var carried = await user.ConsentAsync(await user.AuthorizeAsync(id, Cancel), "sandbox_deny=1", Cancel);
            var refused = await user.PostAsync("/oauth/token", new Dictionary<string, string>(carried) { ["error"] = error }, Cancel);
            Assert.Equal((HttpStatusCode.BadRequest, "authorization_denied", kind), (refused.Status, refused.Code, refused["error_class"]));
            Assert.Equal(kind != "consent", refused["detail"].Contains(error, StringComparison.Ordinal));
            var logged = (string?)(await user.ListAsync($"/{id}/logs", cancel: Cancel))[0]["message"];
            Assert.Contains(refused["detail"], logged, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_callback_without_code_or_state_is_refused()
    {
        await RefusedAsync(NewUser(), new() { ["state"] = "x" }, HttpStatusCode.BadRequest, "validation_failed");
        await RefusedAsync(NewUser(), new() { ["code"] = "x" }, HttpStatusCode.BadRequest, "validation_failed");
    }

    [Fact]
    public async Task A_redirect_that_is_not_on_the_list_is_refused()
    {
        var user = NewUser();
        var id = await user.CreateStripeAsync(cancel: Cancel);
        var refused = await user.PostAsync("/oauth/authorize", new { integration_id = id, redirect_uri = "https://evil.example/callback" }, Cancel);
        Assert.Equal((HttpStatusCode.BadRequest, "redirect_uri_not_allowed"), (refused.Status, refused.Code));
    }

    /// <summary>An authorization that came back from the provider and was not ended yet.</summary>
    private async Task<(ApiUser User, Dictionary<string, string> Carried)> CallbackAsync()
    {
        var account = await Sandbox.NewAccountAsync(50, Cancel);
        var user = NewUser();
        var id = await user.CreateStripeAsync(cancel: Cancel);
        return (user, await user.ConsentAsync(await user.AuthorizeAsync(id, Cancel), $"sandbox_account={account}", Cancel));
    }

    private static async Task RefusedAsync(ApiUser user, Dictionary<string, string> carried, HttpStatusCode status, string code)
    {
        var refused = await user.PostAsync("/oauth/token", carried, Cancel);
        Assert.Equal((status, code), (refused.Status, refused.Code));
    }

    /// <summary>The same state, sealed with the product's own keys, as it would be a second after its end.</summary>
    private string Expired(string state)
    {
        var settings = new Dictionary<string, string?> { ["DataProtection:EdgeMasterKey"] = Product.Processes.Secrets.EdgeMasterKey };
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton(Product.Database)
            .AddEdgeKeyRing(configuration, new HostingEnvironment { EnvironmentName = Environments.Development });
        using var provider = services.BuildServiceProvider();
        var seal = provider.GetRequiredKeyedService<IDataProtectionProvider>(KeyRing.Edge).CreateProtector("oauth-state", "v1");
        var bytes = seal.Unprotect(WebEncoders.Base64UrlDecode(state));
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(ExpiryAt), TimeProvider.System.GetUtcNow().AddSeconds(-1).ToUnixTimeMilliseconds());
        return WebEncoders.Base64UrlEncode(seal.Protect(bytes));
    }
}
