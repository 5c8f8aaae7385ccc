using System.Net;
using System.Text.Json.Nodes;
using Stripe;
using Xunit;

namespace FinanceIntegrations.Sandbox.Tests;

/// <summary>Calls that change something: what they do to the books, and that each is done once per idempotency key.</summary>
public sealed class WriteTests
{
    private static readonly (string, string)[] OnePound = [("amount", "100"), ("currency", "gbp"), ("metadata[fi_reference]", "r1")];

    [Fact]
    public async Task A_payout_is_on_the_books_with_its_metadata_and_its_money_is_gone()
    {
        await using var sandbox = await StartAsync();
        var before = await AvailableAsync(sandbox, "gbp");
        var made = await sandbox.WriteAsync("/v1/payouts", "k1",
            ("amount", "12345"), ("currency", "GBP"), ("method", "instant"), ("description", "d"), ("statement_descriptor", "s"), ("metadata[fi_reference]", "r1"), ("metadata[b]", "c"));
        Assert.Equal(200, made.Status);
        Assert.Equal(
            (12345, "gbp", "instant", "d", "s", "pending", false, "not_applicable"),
            ((long)made.Body["amount"]!, (string)made.Body["currency"]!, (string)made.Body["method"]!, (string)made.Body["description"]!,
                (string)made.Body["statement_descriptor"]!, (string)made.Body["status"]!, (bool)made.Body["automatic"]!, (string)made.Body["reconciliation_status"]!));
        var id = (string)made.Body["id"]!;
        Assert.Equal(before - 12345, await AvailableAsync(sandbox, "gbp"));
        var row = await sandbox.GetAsync($"/v1/balance_transactions/{made.Body["balance_transaction"]}");
        Assert.Equal((-12345, id, "payout"), ((long)row["net"]!, (string)row["source"]!, (string)row["type"]!));
        var listed = (await sandbox.GetAsync("/v1/payouts?limit=1"))["data"]![0]!;
        Assert.Equal(made.Body.ToJsonString(), listed.ToJsonString());
        Assert.Equal("""{"b":"c","fi_reference":"r1"}""", listed["metadata"]!.ToJsonString());
        Assert.Equal(listed.ToJsonString(), (await BooksAsync(sandbox, "payouts"))[0].ToJsonString());
        var notItemised = (await sandbox.GetAsync($"/v1/balance_transactions?payout={id}", HttpStatusCode.BadRequest))["error"]!;
        Assert.Equal("Balance transaction history can only be filtered on automatic transfers, not manual.", (string?)notItemised["message"]);
        var happened = (await sandbox.ListAsync("/v1/events?type=payout.created"))[0];
        Assert.Equal((made.RequestId, "k1", id), ((string)happened["request"]!["id"]!, (string)happened["request"]!["idempotency_key"]!, (string)happened["data"]!["object"]!["id"]!));
    }

    [Fact]
    public async Task What_was_paid_out_by_hand_is_missing_from_the_next_automatic_payout()
    {
        await using var sandbox = await StartAsync();
        await MadeAsync(sandbox);
        var kept = await MadeAsync(sandbox);
        await sandbox.WriteAsync($"/v1/payouts/{kept}/cancel");
        var available = await AvailableAsync(sandbox, "gbp");
        var id = (string)(await sandbox.ControlAsync($"/control/stripe/accounts/{sandbox.Account}/advance", new { kind = "payout" }))["ids"]![0]!;
        var payout = await sandbox.GetAsync($"/v1/payouts/{id}");
        Assert.Equal(("gbp", available), ((string)payout["currency"]!, (long)payout["amount"]!));
        var rows = await sandbox.ListAsync($"/v1/balance_transactions?payout={id}");
        Assert.Equal(0, rows.Sum(row => (long)row["net"]!));
        Assert.Equal(0, await AvailableAsync(sandbox, "gbp"));
    }

    [Fact]
    public async Task A_pending_payout_is_called_back_once_and_no_other()
    {
        await using var sandbox = await StartAsync();
        var before = await AvailableAsync(sandbox, "gbp");
        var id = await MadeAsync(sandbox);
        var canceled = await sandbox.WriteAsync($"/v1/payouts/{id}/cancel", "k2");
        Assert.Equal((200, "canceled"), (canceled.Status, (string)canceled.Body["status"]!));
        Assert.Equal(before, await AvailableAsync(sandbox, "gbp"));
        var back = await sandbox.GetAsync($"/v1/balance_transactions/{canceled.Body["failure_balance_transaction"]}");
        Assert.Equal((100, "payout_cancel", "payout_reversal"), ((long)back["net"]!, (string)back["type"]!, (string)back["reporting_category"]!));
        var happened = Assert.Single(await sandbox.ListAsync("/v1/events?type=payout.canceled"));
        Assert.Equal((canceled.RequestId, "k2"), ((string)happened["request"]!["id"]!, (string)happened["request"]!["idempotency_key"]!));
        Assert.Equal(400, (await sandbox.WriteAsync($"/v1/payouts/{id}/cancel", "k3")).Status);
        var automatic = (await sandbox.ListAsync("/v1/payouts")).First(p => (bool)p["automatic"]!);
        Assert.Equal(400, (await sandbox.WriteAsync($"/v1/payouts/{automatic["id"]}/cancel")).Status);
        Assert.Equal((404, "resource_missing"), Kind(await sandbox.WriteAsync("/v1/payouts/po_x/cancel")));
        Assert.Equal(before, await AvailableAsync(sandbox, "gbp"));
    }

    [Fact]
    public async Task A_payout_by_hand_goes_its_way_and_is_not_called_back_any_more()
    {
        await using var sandbox = await StartAsync();
        var (id, other) = (await MadeAsync(sandbox), await MadeAsync(sandbox));
        foreach (var (kind, status) in new[] { ("payout_sent", "in_transit"), ("payout_paid", "paid") })
        {
            await sandbox.ControlAsync($"/control/stripe/accounts/{sandbox.Account}/advance", new { kind, id });
            Assert.Equal(status, (string)(await sandbox.GetAsync($"/v1/payouts/{id}"))["status"]!);
            Assert.Equal(400, (await sandbox.WriteAsync($"/v1/payouts/{id}/cancel")).Status);
        }
        Assert.Equal(
            ["payout.paid", "payout.updated", "payout.created"],
            (await sandbox.ListAsync("/v1/events")).Where(e => (string?)e["data"]!["object"]!["id"] == id).Select(e => (string)e["type"]!));
        Assert.Equal("pending", (string)(await sandbox.GetAsync($"/v1/payouts/{other}"))["status"]!);
        using var refused = await sandbox.Client.PostAsync(
            new Uri($"{sandbox.Url}/control/stripe/accounts/{sandbox.Account}/advance"),
            new StringContent($$"""{"kind":"payout_paid","id":"{{id}}"}""", System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Theory]
    [InlineData("amount=&currency=gbp", "parameter_missing", "amount")]
    [InlineData("amount=100", "parameter_missing", "currency")]
    [InlineData("amount=1.5&currency=gbp", "parameter_invalid_integer", "amount")]
    [InlineData("amount=0&currency=gbp", "parameter_invalid_integer", "amount")]
    [InlineData("amount=-5&currency=gbp", "parameter_invalid_integer", "amount")]
    [InlineData("amount=100&currency=pounds", "invalid_request_error", "currency")]
    [InlineData("amount=100&currency=gbp&method=fast", "invalid_request_error", "method")]
    [InlineData("amount=100&currency=gbp&statement_descriptor=12345678901234567890123", "parameter_invalid_string_too_long", "statement_descriptor")]
    [InlineData("amount=100&currency=gbp&colour=red", "parameter_unknown", "colour")]
    [InlineData("amount=100&currency=gbp&metadata[12345678901234567890123456789012345678901]=x", "invalid_request_error", "metadata[12345678901234567890123456789012345678901]")]
    public async Task Parameters_that_are_not_right_are_refused_and_leave_their_key_free(string form, string error, string parameter)
    {
        await using var sandbox = await StartAsync();
        var before = (await BooksAsync(sandbox, "payouts")).Count;
        var refused = await sandbox.WriteAsync("/v1/payouts", "k1", [.. form.Split('&').Select(pair => (pair[..pair.LastIndexOf('=')], pair[(pair.LastIndexOf('=') + 1)..]))]);
        Assert.Equal((400, error, parameter), (refused.Status, refused.Error, (string?)refused.Body["error"]!["param"]));
        Assert.Equal(before, (await BooksAsync(sandbox, "payouts")).Count);
        var made = await sandbox.WriteAsync("/v1/payouts", "k1", OnePound);
        Assert.Equal((200, false), (made.Status, made.Replayed));
    }

    [Fact]
    public async Task The_first_answer_is_told_again_whatever_it_was()
    {
        await using var sandbox = await StartAsync();
        var made = await sandbox.WriteAsync("/v1/payouts", "k1", OnePound);
        var again = await sandbox.WriteAsync("/v1/payouts", "k1", [.. OnePound.Reverse()]);
        Assert.Equal((200, made.Body.ToJsonString(), true), (again.Status, again.Body.ToJsonString(), again.Replayed));
        Assert.NotEqual(made.RequestId, again.RequestId);
        Assert.Equal(1, await MadeWithAsync(sandbox, "r1"));

        var others = await sandbox.WriteAsync("/v1/payouts", "k1", ("amount", "200"), ("currency", "gbp"));
        Assert.Equal((400, "idempotency_error"), (others.Status, (string?)others.Body["error"]!["type"]));
        Assert.Equal((400, "idempotency_error"), Kind(await sandbox.WriteAsync($"/v1/payouts/{made.Body["id"]}/cancel", "k1")));

        (string, string)[] tooMuch = [("amount", "99999999999"), ("currency", "gbp")];
        Assert.Equal((400, "balance_insufficient"), Kind(await sandbox.WriteAsync("/v1/payouts", "k2", tooMuch)));
        var refusedAgain = await sandbox.WriteAsync("/v1/payouts", "k2", tooMuch);
        Assert.Equal((400, "balance_insufficient", true), (refusedAgain.Status, refusedAgain.Error, refusedAgain.Replayed));
    }

    [Fact]
    public async Task A_failure_in_the_midst_has_its_effect_and_is_told_again()
    {
        await using var sandbox = await StartAsync();
        await sandbox.ControlAsync("/control/faults", new { provider = "stripe", path = "/v1/payouts", method = "POST", kind = "midway", status = 500 });
        Assert.Equal((500, "api_error"), Kind(await sandbox.WriteAsync("/v1/payouts", "k1", OnePound)));
        var again = await sandbox.WriteAsync("/v1/payouts", "k1", OnePound);
        Assert.Equal((500, true), (again.Status, again.Replayed));
        Assert.Equal(1, await MadeWithAsync(sandbox, "r1"));
    }

    [Theory]
    [InlineData("status", 500)]
    [InlineData("status", 401)]
    [InlineData("rate_limited", 429)]
    public async Task What_never_began_is_not_kept(string kind, int status)
    {
        await using var sandbox = await StartAsync();
        await sandbox.ControlAsync("/control/faults", new { provider = "stripe", path = "/v1/payouts", kind, status });
        Assert.Equal(status, (await sandbox.WriteAsync("/v1/payouts", "k1", OnePound)).Status);
        Assert.Equal(0, await MadeWithAsync(sandbox, "r1"));
        var made = await sandbox.WriteAsync("/v1/payouts", "k1", OnePound);
        Assert.Equal((200, false), (made.Status, made.Replayed));
    }

    [Theory]
    [InlineData("lost", 1)]
    [InlineData("cut", 1)]
    [InlineData("hang", 0)]
    public async Task A_call_without_an_answer_has_had_its_effect_or_not_by_the_fault(string kind, int made)
    {
        await using var sandbox = await StartAsync();
        await sandbox.ControlAsync("/control/faults", new { provider = "stripe", path = "/v1/payouts", method = "POST", kind, milliseconds = 1 });
        await Assert.ThrowsAsync<HttpRequestException>(() => sandbox.WriteAsync("/v1/payouts", "k1", OnePound));
        Assert.Equal(made, await MadeWithAsync(sandbox, "r1"));
        Assert.Equal((200, made == 1), await sandbox.WriteAsync("/v1/payouts", "k1", OnePound) is var again ? (again.Status, again.Replayed) : default);
        Assert.Equal(1, await MadeWithAsync(sandbox, "r1"));
    }

    [Fact]
    public async Task A_key_in_flight_is_refused()
    {
        await using var sandbox = await StartAsync();
        for (var attempt = 1; ; attempt++)
        {
            await sandbox.ControlAsync("/control/faults", new { provider = "stripe", path = "/v1/payouts", method = "POST", kind = "midway", milliseconds = 500 });
            var both = await Task.WhenAll(sandbox.WriteAsync("/v1/payouts", $"k{attempt}", OnePound), sandbox.WriteAsync("/v1/payouts", $"k{attempt}", OnePound));
            Assert.Equal(attempt, await MadeWithAsync(sandbox, "r1"));
            // The one without the fault may have been the first, and done before the other came.
            if (both.Any(answer => answer.Replayed) && attempt < 20) continue;
            Assert.Equal([200, 409], both.Select(answer => answer.Status).Order());
            Assert.Equal("idempotency_key_in_use", both.Single(answer => answer.Status == 409).Error);
            return;
        }
    }

    [Fact]
    public async Task Evidence_is_kept_then_handed_in_once()
    {
        await using var sandbox = await StartAsync();
        var id = await DisputeAsync(sandbox);
        var staged = await sandbox.WriteAsync($"/v1/disputes/{id}", "k1", ("evidence[customer_name]", "Ann"), ("submit", "false"));
        Assert.Equal(("needs_response", true, 0),
            ((string)staged.Body["status"]!, (bool)staged.Body["evidence_details"]!["has_evidence"]!, (int)staged.Body["evidence_details"]!["submission_count"]!));
        var submitted = await sandbox.WriteAsync($"/v1/disputes/{id}", "k2",
            ("evidence[uncategorized_text]", "She has it"), ("metadata[fi_reference]", "r1"), ("submit", "true"));
        Assert.Equal(("under_review", true, 1, "Ann", "She has it", "r1"),
            ((string)submitted.Body["status"]!, (bool)submitted.Body["evidence_details"]!["has_evidence"]!, (int)submitted.Body["evidence_details"]!["submission_count"]!,
                (string)submitted.Body["evidence"]!["customer_name"]!, (string)submitted.Body["evidence"]!["uncategorized_text"]!, (string)submitted.Body["metadata"]!["fi_reference"]!));
        var happened = (await sandbox.ListAsync("/v1/events?type=charge.dispute.updated")).Where(e => (string)e["data"]!["object"]!["id"]! == id).ToList();
        Assert.Equal(["k2", "k1"], happened.Select(e => (string)e["request"]!["idempotency_key"]!));
        Assert.Equal(400, (await sandbox.WriteAsync($"/v1/disputes/{id}", "k3", ("evidence[customer_name]", "Bob"))).Status);
        var noted = await sandbox.WriteAsync($"/v1/disputes/{id}", "k4", ("metadata[fi_reference]", ""), ("metadata[x]", "y"));
        Assert.Equal((200, """{"x":"y"}"""), (noted.Status, noted.Body["metadata"]!.ToJsonString()));
        Assert.Equal((404, "resource_missing"), Kind(await sandbox.WriteAsync("/v1/disputes/dp_x", "k5", ("submit", "true"))));
        Assert.Equal((400, "parameter_unknown"), Kind(await sandbox.WriteAsync($"/v1/disputes/{id}", "k6", ("evidence[mood]", "x"))));
    }

    [Fact]
    public async Task A_file_is_kept_byte_for_byte_and_evidence_may_name_it()
    {
        await using var sandbox = await StartAsync();
        byte[] content = [.. "%PDF-1.7 "u8, 0, 13, 10, 255];
        var kept = await sandbox.UploadAsync(content, "Beleg Köln.pdf", idempotencyKey: "f1");
        var id = (string)kept.Body["id"]!;
        Assert.Equal(("file", "Beleg Köln.pdf", "dispute_evidence", "pdf", content.Length),
            ((string)kept.Body["object"]!, (string)kept.Body["filename"]!, (string)kept.Body["purpose"]!, (string)kept.Body["type"]!, (int)kept.Body["size"]!));
        Assert.Equal((true, id), (await sandbox.UploadAsync(content, "Beleg Köln.pdf", idempotencyKey: "f1") is var again && again.Replayed, (string)again.Body["id"]!));
        Assert.Equal("idempotency_error", (await sandbox.UploadAsync([.. content, 1], "Beleg Köln.pdf", idempotencyKey: "f1")).Error);
        using (var stored = await sandbox.SendAsync($"/v1/files/{id}/contents"))
            Assert.Equal(content, await stored.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(kept.Body.ToJsonString(), Assert.Single(await sandbox.ListAsync("/v1/files?purpose=dispute_evidence")).ToJsonString());

        var dispute = await DisputeAsync(sandbox);
        var logo = (string)(await sandbox.UploadAsync(content, purpose: "business_logo")).Body["id"]!;
        Assert.Equal((400, "resource_missing"), Kind(await sandbox.WriteAsync($"/v1/disputes/{dispute}", null, ("evidence[receipt]", "file_x"))));
        Assert.Equal((400, "invalid_request_error"), Kind(await sandbox.WriteAsync($"/v1/disputes/{dispute}", null, ("evidence[receipt]", logo))));
        var answered = await sandbox.WriteAsync($"/v1/disputes/{dispute}", null, ("evidence[receipt]", id));
        Assert.Equal((200, id), (answered.Status, (string)answered.Body["evidence"]!["receipt"]!));
    }

    [Fact]
    public async Task What_is_no_file_of_evidence_is_not_kept()
    {
        await using var sandbox = await StartAsync();
        Assert.Equal((400, "invalid_request_error"), Kind(await sandbox.UploadAsync([.. "MZ"u8])));
        Assert.Equal((400, "invalid_request_error"), Kind(await sandbox.UploadAsync([.. "%PDF-1.7"u8], purpose: "fun")));
        Assert.Equal((400, "invalid_request_error"), Kind(await sandbox.UploadAsync([.. "%PDF-1.7"u8, .. new byte[5_000_000]])));
        Assert.Equal((400, "invalid_request_error"), Kind(await sandbox.WriteAsync("/v1/files", null, ("file", "x"), ("purpose", "dispute_evidence"))));
        Assert.Empty(await sandbox.ListAsync("/v1/files"));
    }

    [Fact]
    public async Task A_dispute_is_given_up_once_and_its_event_says_by_which_request()
    {
        await using var sandbox = await StartAsync();
        var id = await DisputeAsync(sandbox);
        var closed = await sandbox.WriteAsync($"/v1/disputes/{id}/close", "k1");
        Assert.Equal((200, "lost", 0), (closed.Status, (string)closed.Body["status"]!, (int)closed.Body["evidence_details"]!["submission_count"]!));
        var happened = (await sandbox.ListAsync("/v1/events?type=charge.dispute.closed")).Single(e => (string)e["data"]!["object"]!["id"]! == id);
        Assert.Equal((closed.RequestId, "k1"), ((string)happened["request"]!["id"]!, (string)happened["request"]!["idempotency_key"]!));
        Assert.Equal(400, (await sandbox.WriteAsync($"/v1/disputes/{id}/close", "k2")).Status);
        Assert.Equal(400, (await sandbox.WriteAsync($"/v1/disputes/{id}", "k3", ("evidence[customer_name]", "Ann"))).Status);
        var decided = (await sandbox.ControlAsync($"/control/stripe/accounts/{sandbox.Account}/advance", new { kind = "dispute_closed" }))["event_ids"]![0]!;
        Assert.Null((string?)(await sandbox.GetAsync($"/v1/events/{decided}"))["request"]!["idempotency_key"]);
    }

    [Fact]
    public async Task A_change_needs_a_connection_that_may_write()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        Assert.Equal((403, "account_invalid"), Kind(await sandbox.WriteAsync("/v1/payouts", "k1", OnePound)));
        await sandbox.ControlAsync($"/control/stripe/accounts/{sandbox.Account}/connect", new { scope = "read_only" });
        Assert.Equal(403, (await sandbox.WriteAsync("/v1/payouts", "k1", OnePound)).Status);
        Assert.Equal(0, await MadeWithAsync(sandbox, "r1"));
    }

    [Fact]
    public async Task Webhook_targets_are_told_of_changes()
    {
        await using var sandbox = await StartAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        await sandbox.ControlAsync("/control/stripe/webhook-targets", new { url = receiver.Url, secret = "whsec_x" });
        var id = await MadeAsync(sandbox);
        var (body, _) = await receiver.NextAsync();
        var told = JsonNode.Parse(body)!;
        Assert.Equal(("payout.created", id, sandbox.Account), ((string)told["type"]!, (string)told["data"]!["object"]!["id"]!, (string)told["account"]!));
    }

    [Fact]
    public async Task A_restarted_sandbox_knows_the_changes_and_their_keys()
    {
        var folder = Directory.CreateTempSubdirectory("sandbox").FullName;
        string[] settings = [$"--Sandbox:DataFolder={folder}", "--Sandbox:Anchor="];
        string books;
        Written made;
        await using (var first = await StartAsync(settings))
        {
            made = await first.WriteAsync("/v1/payouts", "k1", OnePound);
            await first.WriteAsync($"/v1/payouts/{made.Body["id"]}/cancel", "k2");
            await first.WriteAsync($"/v1/disputes/{await DisputeAsync(first)}", "k3", ("evidence[customer_name]", "Ann"));
            await first.WriteAsync("/v1/payouts", "k4", ("amount", "99999999999"), ("currency", "gbp"));
            await first.UploadAsync([.. "%PDF-1.7"u8], idempotencyKey: "k5");
            var later = await MadeAsync(first);
            await first.ControlAsync($"/control/stripe/accounts/{first.Account}/advance", new { kind = "payout_failed", id = later });
            await first.ControlAsync($"/control/stripe/accounts/{first.Account}/advance", new { kind = "payout" });
            books = (await first.ControlAsync($"/control/stripe/accounts/{first.Account}/books")).ToJsonString();
        }
        await using var second = await RunningSandbox.StartAsync(settings);
        Assert.Equal(books, (await second.ControlAsync($"/control/stripe/accounts/{second.Account}/books")).ToJsonString());
        var again = await second.WriteAsync("/v1/payouts", "k1", OnePound);
        Assert.Equal((true, made.Body.ToJsonString()), (again.Replayed, again.Body.ToJsonString()));
        Assert.True((await second.WriteAsync("/v1/payouts", "k4", ("amount", "99999999999"), ("currency", "gbp"))).Replayed);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Stripes_library_pays_out_calls_back_answers_and_gives_up()
    {
        await using var sandbox = await StartAsync();
        var client = new StripeClient(RunningSandbox.Key, apiBase: sandbox.Url, connectBase: sandbox.Url, filesBase: sandbox.Url);
        var cancel = TestContext.Current.CancellationToken;
        RequestOptions Options(string key) => new() { StripeAccount = sandbox.Account, IdempotencyKey = key };
        var order = new PayoutCreateOptions { Amount = 100, Currency = "gbp", Metadata = new() { ["fi_reference"] = "r1" } };
        var made = await client.V1.Payouts.CreateAsync(order, Options("k1"), cancel);
        Assert.Equal(made.Id, (await client.V1.Payouts.CreateAsync(order, Options("k1"), cancel)).Id);
        Assert.Equal("r1", made.Metadata["fi_reference"]);
        Assert.Equal("canceled", (await client.V1.Payouts.CancelAsync(made.Id, null, Options("k2"), cancel)).Status);
        var dispute = await DisputeAsync(sandbox);
        await using var receipt = new MemoryStream([.. "%PDF-1.7"u8]);
        var file = await client.V1.Files.CreateAsync(new() { File = new() { Data = receipt, Name = "receipt.pdf", Type = "application/pdf" }, Purpose = "dispute_evidence" }, Options("f1"), cancel);
        Assert.Equal(("pdf", 8, "dispute_evidence"), (file.Type, file.Size, file.Purpose));
        var answered = await client.V1.Disputes.UpdateAsync(
            dispute, new() { Evidence = new() { CustomerName = "Ann", Receipt = file.Id }, Submit = true }, Options("k3"), cancel);
        Assert.Equal(("under_review", "Ann", file.Id), (answered.Status, answered.Evidence.CustomerName, answered.Evidence.ReceiptId));
        Assert.Equal("lost", (await client.V1.Disputes.CloseAsync(await DisputeAsync(sandbox), null, Options("k4"), cancel)).Status);
        var refused = await Assert.ThrowsAsync<StripeException>(() => client.V1.Payouts.CancelAsync(made.Id, null, Options("k1"), cancel));
        Assert.Equal("idempotency_error", refused.StripeError.Type);
    }

    /// <summary>Connected, and with all of its money available.</summary>
    internal static async Task<RunningSandbox> StartAsync(params string[] settings)
    {
        var sandbox = await RunningSandbox.StartConnectedAsync(settings);
        await sandbox.ControlAsync($"/control/stripe/accounts/{sandbox.Account}/advance", new { kind = "settle", until = 4_000_000_000 });
        return sandbox;
    }

    /// <summary>A new one that needs a response.</summary>
    internal static async Task<string> DisputeAsync(RunningSandbox sandbox) =>
        (string)(await sandbox.ControlAsync($"/control/stripe/accounts/{sandbox.Account}/advance", new { kind = "dispute" }))["ids"]![0]!;

    private static async Task<string> MadeAsync(RunningSandbox sandbox)
    {
        var made = await sandbox.WriteAsync("/v1/payouts", null, OnePound);
        Assert.Equal(200, made.Status);
        return (string)made.Body["id"]!;
    }

    private static (int, string?) Kind(Written answer) => (answer.Status, answer.Error);

    private static async Task<List<JsonNode>> BooksAsync(RunningSandbox sandbox, string resource) =>
        [.. (await sandbox.ControlAsync($"/control/stripe/accounts/{sandbox.Account}/books"))[resource]!.AsArray().OfType<JsonNode>()];

    private static async Task<int> MadeWithAsync(RunningSandbox sandbox, string reference) =>
        (await BooksAsync(sandbox, "payouts")).Count(payout => (string?)payout["metadata"]!["fi_reference"] == reference);

    private static async Task<long> AvailableAsync(RunningSandbox sandbox, string currency) =>
        (await sandbox.GetAsync("/v1/balance"))["available"]!.AsArray().Where(sum => (string)sum!["currency"]! == currency).Sum(sum => (long)sum!["amount"]!);
}
