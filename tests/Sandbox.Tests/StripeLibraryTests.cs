using Stripe;
using Xunit;

namespace FinanceIntegrations.Sandbox.Tests;

/// <summary>Stripe's own libraries, unchanged, against the sandbox.</summary>
public sealed class StripeLibraryTests(ConnectedSandbox connected) : IClassFixture<ConnectedSandbox>
{
    private RunningSandbox Sandbox => connected.Sandbox;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private StripeClient Client => new(RunningSandbox.Key, apiBase: Sandbox.Url, connectBase: Sandbox.Url);

    [Fact]
    public async Task The_NET_library_lists_everything_by_itself()
    {
        var account = new RequestOptions { StripeAccount = Sandbox.Account };
        var transactions = await ToListAsync(Client.V1.BalanceTransactions.ListAutoPagingAsync(new() { Limit = 100 }, account, Cancel));
        Assert.Equal((await Sandbox.ListAsync("/v1/balance_transactions")).Select(row => (string)row["id"]!), transactions.Select(row => row.Id));
        Assert.All(transactions, row => Assert.Equal(row.Net, row.Amount - row.Fee));
        var payouts = await ToListAsync(Client.V1.Payouts.ListAutoPagingAsync(new() { Limit = 100 }, account, Cancel));
        Assert.Equal((await Sandbox.ListAsync("/v1/payouts")).Count, payouts.Count);
        var disputes = await ToListAsync(Client.V1.Disputes.ListAutoPagingAsync(new() { Limit = 3, Expand = ["data.charge"] }, account, Cancel));
        Assert.Equal((await Sandbox.ListAsync("/v1/disputes")).Count, disputes.Count);
        Assert.All(disputes, dispute => Assert.Equal(dispute.ChargeId, dispute.Charge.Id));
        Assert.Equal(3, (await Client.V1.Balance.GetAsync(null, account, Cancel)).Available.Count);
    }

    [Fact]
    public async Task The_NET_library_connects_and_disconnects()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        var client = new StripeClient(RunningSandbox.Key, clientId: "ca_sandbox", apiBase: sandbox.Url, connectBase: sandbox.Url);
        var code = (await sandbox.AuthorizeAsync("sandbox_approve=1"))["code"];
        var oauth = new OAuthTokenService(client);
        var token = await oauth.CreateAsync(new() { GrantType = "authorization_code", Code = code }, null, Cancel);
        Assert.Equal(sandbox.Account, token.StripeUserId);
        var refused = await Assert.ThrowsAsync<StripeException>(() =>
            oauth.CreateAsync(new() { GrantType = "authorization_code", Code = "ac_123" }, null, Cancel));
        Assert.Equal("invalid_grant", refused.StripeError.Error);
        var gone = await oauth.DeauthorizeAsync(
            new() { ClientId = "ca_sandbox", StripeUserId = sandbox.Account }, null, Cancel);
        Assert.Equal(sandbox.Account, gone.StripeUserId);
        var denied = await Assert.ThrowsAsync<StripeException>(() => client.V1.Balance.GetAsync(
            null, new RequestOptions { StripeAccount = sandbox.Account }, Cancel));
        Assert.Equal("account_invalid", denied.StripeError.Code);
    }

    [Fact]
    public async Task The_Node_library_lists_everything_by_itself_and_signs_alike()
    {
        var port = new Uri(Sandbox.Url).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var read = await NodeScript.RunAsync("node-stripe", port, RunningSandbox.Key, Sandbox.Account, "{}");
        foreach (var resource in new[] { "balance_transactions", "payouts", "disputes" })
            Assert.Equal((await Sandbox.ListAsync($"/v1/{resource}")).Select(row => (string)row["id"]!), read[resource]!.AsArray().Select(id => (string)id!));
        Assert.Equal("t=1700000000,v1=c561c5814cba8a0cd366ee43292d205cf59c9635ad120894be1ef80c0af72b76", (string)read["header"]!);
    }

    private static async Task<List<T>> ToListAsync<T>(IAsyncEnumerable<T> rows)
    {
        var list = new List<T>();
        await foreach (var row in rows.WithCancellation(Cancel)) list.Add(row);
        return list;
    }
}
