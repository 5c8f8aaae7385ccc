using System.Text.Json.Nodes;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.Writes;

/// <summary>
/// The cuts that <see cref="WriteTests"/> makes at Stripe, at the others: before the call takes effect, in its answer and behind it. Nothing
/// happens twice, and what became of each is known in the end, or asked.
/// </summary>
public sealed class CutWriteTests(SharedCluster cluster) : ProductTest(cluster)
{
    /// <summary>And whether the call has had its effect.</summary>
    private static readonly (string Kind, bool Done)[] Cuts = [("status", false), ("hang", false), ("malformed", false), ("lost", true), ("cut", true), ("truncated", true)];

    [Fact]
    public async Task A_payout_by_PayPal_is_made_at_most_once_and_a_person_is_asked_where_PayPal_cannot_say()
    {
        var account = await Sandbox.NewPayPalAccountAsync(40, Cancel);
        await Sandbox.AdvancePayPalAsync(account, "sale", 20, Cancel);
        var user = NewUser(writer: true);
        var id = await user.PayPalConnectedAsync(account, Cancel);

        var made = (await user.OrderAsync(id, "payouts", Payout("jane@example.com"), cancel: Cancel)).MustBeOk("payout").Json!;
        Assert.Equal(("succeeded", "pending"), ((string?)made["status"], (string?)made["provider_status"]));
        var waiting = (await user.OrderAsync(id, "payouts", Payout("unclaimed@example.com"), cancel: Cancel)).MustBeOk("payout").Json!;
        var cancelled = (await user.OrderAsync(id, $"payouts/{waiting["external_id"]}/cancel", cancel: Cancel)).MustBeOk("cancel").Json!;
        Assert.Equal(("succeeded", "canceled"), ((string?)cancelled["status"], (string?)cancelled["provider_status"]));
        var refused = (await user.OrderAsync(id, "payouts", new { amount = "900000000", currency = "GBP", destination_id = "jane@example.com" }, cancel: Cancel)).MustBeOk("too much").Json!;
        Assert.Equal(("failed", "INSUFFICIENT_FUNDS"), ((string?)refused["status"], (string?)refused["error_code"]));

        var before = await PaidAsync(account);
        var ordered = new List<(string Operation, bool Done)>();
        foreach (var (kind, done) in Cuts)
            ordered.Add((await CutAsync(user, id, "payouts", Payout("jane@example.com"), new { provider = "paypal", kind, path = "/v1/payments/payouts", method = "POST" }), done));
        foreach (var (operation, _) in ordered.Where(one => one.Done))
            Assert.Equal(("succeeded", "paid"), await EndAsync(user, id, operation));
        var asked = await Eventually.HoldsAsync("a person is asked of the others", () => user.ListAsync($"/attention?integration={id}&kind=outcome_unknown", cancel: Cancel),
            items => items.Count == ordered.Count(one => !one.Done), TimeSpan.FromMinutes(1), Cancel);
        Assert.Equal(before + ordered.Count(one => one.Done), await PaidAsync(account));

        foreach (var item in asked) (await user.PostAsync($"/attention/{item["id"]}/resolve", new { choice = "did_not_happen" }, Cancel)).MustBeOk("resolve");
        foreach (var (operation, _) in ordered.Where(one => !one.Done)) Assert.Equal("failed", (await EndAsync(user, id, operation)).Status);
        Assert.Equal(before + ordered.Count(one => one.Done), await PaidAsync(account));
    }

    [Fact]
    public async Task Evidence_and_acceptance_reach_PayPal_once_and_their_end_is_known()
    {
        var account = await Sandbox.NewPayPalAccountAsync(40, Cancel);
        await Sandbox.AdvancePayPalAsync(account, "sale", 10, Cancel);
        var (disputes, _) = await Sandbox.AdvancePayPalAsync(account, "dispute", Cuts.Length, Cancel);
        var user = NewUser(writer: true);
        var id = await user.PayPalConnectedAsync(account, Cancel);

        var ordered = await EvidenceAsync(user, id, disputes, (dispute, kind) => new { provider = "paypal", kind, path = $"/v1/customer/disputes/{dispute}/provide-evidence", method = "POST" });
        foreach (var (dispute, operation, done) in ordered)
        {
            Assert.Equal((done ? "succeeded" : "failed", done ? "under_review" : null), await EndAsync(user, id, operation));
            var seen = (await Sandbox.PayPalBooksAsync(account, Cancel)).Dispute(dispute);
            Assert.Equal(done ? "UNDER_REVIEW" : "WAITING_FOR_SELLER_RESPONSE", (string?)seen["status"]);
            Assert.Equal(done ? 1 : 0, (seen["evidences"]?.AsArray() ?? []).Count(piece => (string?)piece!["evidence_type"] == "OTHER"));
        }
        await GivenUpAsync(user, id, disputes[0]);
        Assert.Empty(await user.AttentionAsync(id, cancel: Cancel));
        var lines = (await Sandbox.PayPalBooksAsync(account, Cancel)).Lines("disputes");
        await Eventually.HoldsAsync("the api shows them as they stand", async () => PayPalBooks.Seen("disputes", await user.ListAsync($"/{id}/disputes", cancel: Cancel)),
            seen => seen.SequenceEqual(lines), TimeSpan.FromMinutes(1), Cancel);
    }

    [Fact]
    public async Task Evidence_and_acceptance_reach_Square_once_and_their_end_is_known()
    {
        var seller = await Sandbox.NewSellerAsync(60, cancel: Cancel);
        var (disputes, _) = await Sandbox.AdvanceSellerAsync(seller, "dispute", Cuts.Length, Cancel);
        var user = NewUser(writer: true);
        var id = await user.ConnectedToSquareAsync(seller, Cancel);

        var ordered = await EvidenceAsync(user, id, disputes, (dispute, kind) => new { provider = "square", kind, path = $"/v2/disputes/{dispute}/submit-evidence", method = "POST" });
        foreach (var (dispute, operation, done) in ordered)
        {
            Assert.Equal((done ? "succeeded" : "failed", done ? "under_review" : null), await EndAsync(user, id, operation));
            var books = await Sandbox.SellerBooksAsync(seller, Cancel);
            Assert.Equal(done ? "PROCESSING" : "EVIDENCE_REQUIRED", (string?)books.Rows("disputes").Single(row => (string?)row["id"] == dispute)["state"]);
            Assert.Equal(3, books.Rows("dispute_evidence").Count(row => (string?)row["dispute_id"] == dispute));   // two texts and our reference
        }
        await GivenUpAsync(user, id, disputes[0], () => Sandbox.SendSquareWebhooksAsync(new
        {
            url = Product.SquareWebhooks,
            secret = Product.SquareWebhookSecret,
            account = seller,
            type = "dispute.state.updated",
        }, Cancel));   // closed disputes are read once a day: sooner, Square tells of them
        var refused = await user.OrderAsync(id, "payouts", Payout("jane@example.com"), cancel: Cancel);
        Assert.Equal("not_supported", refused.Code);
        Assert.Empty(await user.AttentionAsync(id, cancel: Cancel));
    }

    private static object Payout(string receiver) => new { amount = "1.00", currency = "GBP", destination_id = receiver };

    /// <summary>Answers each dispute, each with another cut of its deciding call.</summary>
    private async Task<List<(string Dispute, string Operation, bool Done)>> EvidenceAsync(ApiUser user, string id, IReadOnlyList<string> disputes, Func<string, string, object> fault)
    {
        var ordered = new List<(string, string, bool)>();
        foreach (var (dispute, (kind, done)) in disputes.Zip(Cuts))
        {
            var evidence = new { explanation = "It was delivered.", shipping_tracking_number = "TR1" };
            ordered.Add((dispute, await CutAsync(user, id, $"disputes/{dispute}/evidence", evidence, fault(dispute, kind)), done));
        }
        return ordered;
    }

    private static async Task GivenUpAsync(ApiUser user, string id, string dispute, Func<Task>? tell = null)
    {
        var accepted = (await user.OrderAsync(id, $"disputes/{dispute}/accept", cancel: Cancel)).MustBeOk("accept").Json!;
        Assert.Equal(("succeeded", "lost"), ((string?)accepted["status"], (string?)accepted["provider_status"]));
        if (tell is not null) await tell();
        await Eventually.HoldsAsync("the api shows it", async () => (await user.ListAsync($"/{id}/disputes", cancel: Cancel)).SingleOrDefault(row => (string?)row["id"] == dispute),
            row => (string?)row?["status"] == "lost", TimeSpan.FromMinutes(1), Cancel);
    }

    /// <summary>Orders it, while one call is cut; answers the operation when its sending is over.</summary>
    private async Task<string> CutAsync(ApiUser user, string id, string path, object body, object fault)
    {
        await using var cut = await Sandbox.FaultAsync(fault, Cancel);
        var operation = (await user.SendAsync(HttpMethod.Post, $"/{id}/{path}", body, Cancel, ("Idempotency-Key", Guid.CreateVersion7().ToString()))).MustBeOk(path)["operation_id"];
        await Eventually.HoldsAsync("the sending is over", () => OperationAsync(user, id, operation), seen => (string?)seen["status"] != "sending", cancel: Cancel);
        return operation;
    }

    private static async Task<(string? Status, string? AtProvider)> EndAsync(ApiUser user, string id, string operation)
    {
        var settled = await Eventually.HoldsAsync("its end is known", () => OperationAsync(user, id, operation), seen => seen["settled_at"] is not null, TimeSpan.FromMinutes(1), Cancel);
        return ((string?)settled["status"], (string?)settled["provider_status"]);
    }

    private static async Task<JsonNode> OperationAsync(ApiUser user, string id, string operation) =>
        (await user.GetAsync($"/{id}/operations/{operation}", Cancel)).MustBeOk("operation").Json!;

    /// <summary>Payments that have left the account.</summary>
    private async Task<int> PaidAsync(string account) =>
        (await Sandbox.PayPalBooksAsync(account, Cancel)).Transactions.Count(row => (string?)row["transaction_event_code"] == "T0001");
}
