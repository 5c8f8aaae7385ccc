using System.Text.Json.Nodes;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.PayPal;

/// <summary>The connector's write side against the simulated PayPal, with a merchant that has money.</summary>
public sealed class PayPalWriteBench() : OrderBench(ProviderId.PayPal)
{
    protected override IEnumerable<(string Key, string Value)> Settings =>
    [
        ("PAYPAL_CLIENT_ID", "paypal-sandbox"),
        ("PAYPAL_CLIENT_SECRET", "paypal-sandbox-secret"),
        ("PAYPAL_API_BASE", $"{Address}/paypal"),
        ("PAYPAL_LOGIN_BASE", $"{Address}/paypal"),
        ("Providers:PayPal:Limits:CallsPerSecondPerAccount", "0"),
        ("Providers:PayPal:Limits:RetryDelay", "00:00:00"),
    ];

    /// <summary>Movements of money that left by a payout.</summary>
    public async Task<int> PaidAsync() => (await BooksAsync())["transactions"]!.AsArray().Count(row => (string?)row!["transaction_info"]!["transaction_event_code"] == "T0001");

    /// <summary>What the connector reads of a payout that it is told to follow.</summary>
    public async Task<Payout> ReadAsync(string payout, bool calledBack = false)
    {
        var page = await Connector.FetchPageAsync(
            new(Access, "payout_batches", Cursor: null, Full: true) { Payouts = [new(payout, DateTimeOffset.UnixEpoch, calledBack, DateTimeOffset.UnixEpoch)] }, Cancel);
        Assert.True(page.Ok, $"{payout}: {page.Error}");
        return Assert.IsType<Payout>(Assert.Single(page.Value.Records));
    }

    /// <summary>The events that tell of it.</summary>
    public async Task<IReadOnlyList<string>> BecomesAsync(string payout, string status)
    {
        var told = (await ControlAsync($"paypal/accounts/{Account}/payouts/{payout}", new { status }))["event_ids"]!.AsArray().Select(id => (string?)id);
        return [.. (await BooksAsync())["events"]!.AsArray().Where(one => told.Contains((string?)one!["id"])).Select(one => (string)one!["event_type"]!)];
    }

    /// <summary>What the seller has handed in about a dispute, that carries the reference.</summary>
    public async Task<IReadOnlyList<JsonNode>> HandedInAsync(string dispute, WriteMark mark) =>
        [.. ((await RowAsync("disputes", "dispute_id", dispute))["evidences"]?.AsArray() ?? []).OfType<JsonNode>()
            .Where(piece => ((string?)piece["notes"])?.Contains(mark.Reference, StringComparison.Ordinal) == true)];

    protected override async Task OpenAsync()
    {
        Account = (string)(await ControlAsync("paypal/accounts", new { transactions = 60, seed = 7 }))["id"]!;
        for (var sale = 0; sale < 30; sale++) await AdvanceAsync("sale");
    }
}
