using FinanceIntegrations.Testing;

namespace FinanceIntegrations.Chaos;

/// <summary>Something that a provider is told to do, and how its books show that it was done.</summary>
internal sealed record ProviderWrite
{
    public required string Name { get; init; }

    public required string Provider { get; init; }

    /// <summary>Where our api takes the order, behind the integration, for a dispute.</summary>
    public required Func<string, string> Order { get; init; }

    public required object Body { get; init; }

    /// <summary>The provider's path of the one call that does it, for a dispute.</summary>
    public required Func<string, string> Call { get; init; }

    /// <summary>That the provider shows nothing of it proves nothing: a person is asked.</summary>
    public bool CannotBeDisproved { get; init; }

    /// <summary>An account of its own, and its dispute if it is about one.</summary>
    public required Func<Task<(string Account, string Dispute)>> NewAccountAsync { get; init; }

    /// <summary>How often it was done on that account, to that dispute.</summary>
    public required Func<string, string, Task<int>> DoneAsync { get; init; }

    public static IReadOnlyList<ProviderWrite> All(SandboxControl sandbox, CancellationToken cancel) =>
    [
        new()
        {
            Name = "Stripe's payout",
            Provider = "stripe",
            Order = _ => "payouts",
            Body = new { amount = "1.00", currency = "GBP" },
            Call = _ => "/v1/payouts",
            NewAccountAsync = async () => (await sandbox.NewAccountWithMoneyAsync(100, 20_00, cancel), ""),
            DoneAsync = async (account, _) => (await sandbox.BooksAsync(account, cancel)).Rows("payouts").Count(row => row["metadata"]?["fi_reference"] is not null),
        },
        new()
        {
            Name = "Stripe's evidence",
            Provider = "stripe",
            Order = Evidence,
            Body = Delivered,
            Call = dispute => $"/v1/disputes/{dispute}",
            NewAccountAsync = async () =>
            {
                var account = await sandbox.NewAccountAsync(100, cancel);
                return (account, (await sandbox.AdvanceAsync(account, "dispute", cancel: cancel)).Ids[0]);
            },
            DoneAsync = async (account, dispute) => (int)(await sandbox.BooksAsync(account, cancel)).Rows("disputes")
                .Single(row => (string?)row["id"] == dispute)["evidence_details"]!["submission_count"]!,
        },
        new()
        {
            Name = "PayPal's payout",
            Provider = "paypal",
            Order = _ => "payouts",
            Body = new { amount = "1.00", currency = "GBP", destination_id = "jane@example.com" },
            Call = _ => "/v1/payments/payouts",
            CannotBeDisproved = true,
            NewAccountAsync = async () =>
            {
                var account = await sandbox.NewPayPalAccountAsync(40, cancel);
                await sandbox.AdvancePayPalAsync(account, "sale", 20, cancel);
                return (account, "");
            },
            DoneAsync = async (account, _) => (await sandbox.PayPalBooksAsync(account, cancel)).Transactions
                .Count(row => (string?)row["transaction_event_code"] == "T0001"),
        },
        new()
        {
            Name = "PayPal's evidence",
            Provider = "paypal",
            Order = Evidence,
            Body = Delivered,
            Call = dispute => $"/v1/customer/disputes/{dispute}/provide-evidence",
            NewAccountAsync = async () =>
            {
                var account = await sandbox.NewPayPalAccountAsync(40, cancel);
                return (account, (await sandbox.AdvancePayPalAsync(account, "dispute", cancel: cancel)).Ids[0]);
            },
            DoneAsync = async (account, dispute) => ((await sandbox.PayPalBooksAsync(account, cancel)).Dispute(dispute)["evidences"]?.AsArray() ?? [])
                .Count(piece => (string?)piece!["evidence_type"] == "OTHER"),
        },
        new()
        {
            Name = "Square's evidence",
            Provider = "square",
            Order = Evidence,
            Body = Delivered,
            Call = dispute => $"/v2/disputes/{dispute}/submit-evidence",
            NewAccountAsync = async () =>
            {
                var seller = await sandbox.NewSellerAsync(60, cancel: cancel);
                return (seller, (await sandbox.AdvanceSellerAsync(seller, "dispute", cancel: cancel)).Ids[0]);
            },
            DoneAsync = async (seller, dispute) => (await sandbox.SellerBooksAsync(seller, cancel)).Rows("disputes")
                .Count(row => (string?)row["id"] == dispute && (string?)row["state"] == "PROCESSING"),
        },
    ];

    private static readonly object Delivered = new { explanation = "Delivered." };

    private static string Evidence(string dispute) => $"disputes/{dispute}/evidence";
}
