using Xunit;

namespace FinanceIntegrations.Sandbox.Tests;

/// <summary>PayPal's own server SDK for Node, unchanged, against the sandbox.</summary>
public sealed class PayPalLibraryTests
{
    private const string Start = "2026-05-20T00:00:00Z";
    private const string End = "2026-06-17T14:30:00Z";

    [Fact]
    public async Task The_server_SDK_authenticates_lists_everything_and_understands_a_refusal()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        var port = new Uri(sandbox.Url).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var read = await NodeScript.RunAsync("node-paypal", port, "paypal-sandbox", "paypal-sandbox-secret", Start, End);

        var own = (await sandbox.ControlAsync("/control/paypal/accounts")).AsArray().Single(one => (bool)one!["own"]!)!;
        var books = await sandbox.ControlAsync($"/control/paypal/accounts/{own["id"]}/books");
        var expected = books["transactions"]!.AsArray().Select(row => row!["transaction_info"]!)
            .Where(row => string.CompareOrdinal((string)row["transaction_initiation_date"]!, Start) >= 0 && string.CompareOrdinal((string)row["transaction_initiation_date"]!, End) <= 0)
            .Select(row => $"{row["transaction_id"]} {row["transaction_amount"]!["value"]}").ToList();
        Assert.NotEmpty(expected);
        Assert.Equal(expected, read["transactions"]!.AsArray().Select(row => $"{row![0]} {row[1]}"));
        Assert.Equal((string)own["id"]!, (string)read["account"]!);
        Assert.Equal(
            books["balances"]!.AsArray().Select(row => $"{row!["currency"]} {row["total"]}"), read["balances"]!.AsArray().Select(row => $"{row![0]} {row[1]}"));
        Assert.Equal((400, "INVALID_REQUEST"), ((int)read["refused"]!["status"]!, (string)read["refused"]!["name"]!));
        Assert.Equal(["api-m.sandbox.paypal.com"], read["hosts"]!.AsArray().Select(host => (string)host!));
    }
}
