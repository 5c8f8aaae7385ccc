using System.Net;
using System.Text.Json.Nodes;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.Writes;

/// <summary>Evidence is drafted, with its files, and then handed in as it stands.</summary>
public sealed class EvidenceTests(SharedCluster cluster) : ProductTest(cluster)
{
    private static readonly byte[] Receipt = [.. "%PDF-1.7 receipt"u8, 0, 1, 13, 10, 255];
    private static readonly byte[] Photo = [0x89, .. "PNG\r\n\u001a\n"u8, .. new byte[1_500_000]];   // larger than other bodies may be

    [Fact]
    public async Task What_was_drafted_is_what_the_provider_gets_word_for_word_and_byte_for_byte()
    {
        var (user, id, account, dispute) = await DisputedAsync();
        var path = $"/{id}/disputes/{dispute}/evidence";
        var empty = (await user.GetAsync(path, Cancel)).MustBeOk("no draft yet").Json!;
        Assert.Equal((0, "needs_response", false), ((long)empty["version"]!, (string?)empty["dispute_status"], (bool)empty["locked"]!));
        Assert.False(string.IsNullOrEmpty((string?)empty["amount"]));

        var saved = (await user.SendAsync(HttpMethod.Put, path, new { explanation = "She has it.", customer_name = "Ann" }, Cancel, ("If-Match", "\"0\""))).MustBeOk("save");
        var receipt = (await user.UploadAsync($"{path}/files?purpose=receipt&name=Beleg%20K%C3%B6ln.pdf", Receipt, "application/pdf", Cancel)).MustBeOk("receipt");
        Assert.Equal(HttpStatusCode.Created, receipt.Status);
        var photo = (await user.UploadAsync($"{path}/files?purpose=other&name=photo.png", Photo, "image/png", Cancel)).MustBeOk("photo");
        Assert.Equal(HttpStatusCode.OK, (await user.UploadAsync($"{path}/files?purpose=receipt&name=Beleg%20K%C3%B6ln.pdf", Receipt, "application/pdf", Cancel)).Status);
        var (content, headers) = await user.DownloadAsync($"{path}/files/{receipt.Json!["file"]!["id"]}", Cancel);
        Assert.Equal(Receipt, content);
        Assert.Equal(("attachment", "Beleg Köln.pdf", "application/pdf"),
            (headers.ContentDisposition!.DispositionType, headers.ContentDisposition.FileNameStar, headers.ContentType!.MediaType));

        // What a person has not seen is not overwritten, and not handed in.
        Assert.Equal((412, "evidence_stale"), Seen(await user.SendAsync(HttpMethod.Put, path, new { explanation = "Lost?" }, Cancel, ("If-Match", Tag(saved)))));
        Assert.Equal((412, "evidence_stale"), Seen(await user.SendAsync(HttpMethod.Post, path, null, Cancel, ("If-Match", Tag(saved)), ("Idempotency-Key", "hand-in"))));
        var draft = (await user.GetAsync(path, Cancel)).MustBeOk("draft");
        Assert.Equal((long)photo.Json!["version"]!, (long)draft.Json!["version"]!);
        Assert.Equal(2, draft.Json["files"]!.AsArray().Count);

        var handedIn = await user.SendAsync(HttpMethod.Post, path, null, Cancel, ("If-Match", Tag(draft)), ("Idempotency-Key", "hand-in"), ("Prefer", "wait=60"));
        Assert.Equal(("succeeded", "under_review"), ((string?)handedIn.MustBeOk("submit").Json!["status"], (string?)handedIn.Json!["provider_status"]));
        var again = await user.SendAsync(HttpMethod.Post, path, null, Cancel, ("Idempotency-Key", "hand-in"));
        Assert.Equal(handedIn["operation_id"], again["operation_id"]);

        var books = await Sandbox.BooksAsync(account, Cancel);
        var answered = books.Rows("disputes").Single(row => (string?)row["id"] == dispute);
        Assert.Equal((1, "She has it.", "Ann"), ((int)answered["evidence_details"]!["submission_count"]!,
            (string?)answered["evidence"]!["uncategorized_text"], (string?)answered["evidence"]!["customer_name"]));
        Assert.Equal(Receipt, await Sandbox.FileAsync(account, (string)answered["evidence"]!["receipt"]!, Cancel));
        Assert.Equal(Photo, await Sandbox.FileAsync(account, (string)answered["evidence"]!["uncategorized_file"]!, Cancel));

        // It stays as it was sent.
        Assert.Equal((409, "evidence_locked"), Seen(await user.SendAsync(HttpMethod.Put, path, new { explanation = "Or not." }, Cancel)));
        Assert.Equal((409, "evidence_locked"), Seen(await user.SendAsync(HttpMethod.Delete, path, null, Cancel)));
        Assert.Equal((409, "evidence_locked"), Seen(await user.SendAsync(HttpMethod.Post, path, null, Cancel, ("Idempotency-Key", "again"))));
        var locked = (await user.GetAsync(path, Cancel)).Json!;
        Assert.Equal((true, handedIn["operation_id"], "succeeded"), ((bool)locked["locked"]!, (string?)locked["operation_id"], (string?)locked["operation_status"]));
    }

    [Fact]
    public async Task A_draft_whose_handing_in_failed_is_mended_and_handed_in_again()
    {
        var (user, id, account, dispute) = await DisputedAsync();
        var path = $"/{id}/disputes/{dispute}/evidence";
        await user.UploadAsync($"{path}/files?purpose=receipt&name=a.pdf", Receipt, "application/pdf", Cancel);
        var other = (await user.UploadAsync($"{path}/files?purpose=other&name=b.png", [.. Photo.AsSpan(0, 20)], "image/png", Cancel)).MustBeOk("b").Json!;
        await user.UploadAsync($"{path}/files?purpose=other&name=c.png", [.. Photo.AsSpan(0, 30)], "image/png", Cancel);
        var failed = (await SubmitAsync(user, path, "one")).Json!;
        Assert.Equal(("failed", "too_many_files"), ((string?)failed["status"], (string?)failed["error_code"]));

        (await user.SendAsync(HttpMethod.Delete, $"{path}/files/{other["file"]!["id"]}", null, Cancel)).MustBeOk("remove");
        Assert.Equal((string?)failed["operation_id"], (await SubmitAsync(user, path, "one"))["operation_id"]);   // the key stands for what failed
        Assert.Equal("succeeded", (await SubmitAsync(user, path, "two"))["status"]);
        var answered = (await Sandbox.BooksAsync(account, Cancel)).Rows("disputes").Single(row => (string?)row["id"] == dispute);
        Assert.Equal(Photo.AsSpan(0, 30).ToArray(), await Sandbox.FileAsync(account, (string)answered["evidence"]!["uncategorized_file"]!, Cancel));
    }

    [Fact]
    public async Task What_may_not_be_in_a_draft_is_refused_with_its_reason_and_nobody_else_sees_one()
    {
        var (user, id, _, dispute) = await DisputedAsync();
        var path = $"/{id}/disputes/{dispute}/evidence";
        var files = $"{path}/files?purpose=receipt&name=a.pdf";
        var held = (await user.UploadAsync(files, Receipt, "application/pdf", Cancel)).MustBeOk("a").Json!["file"]!["id"];
        foreach (var (address, content, type, status, code) in new (string, byte[], string, int, string)[]
        {
            (files, [.. Receipt, 1], "application/pdf", 409, "evidence_purpose_taken"),
            ($"{path}/files?purpose=other&name=a.pdf", [.. "<html>"u8], "application/pdf", 400, "evidence_type_disagrees"),
            ($"{path}/files?purpose=other&name=a.pdf", [], "application/pdf", 400, "evidence_type_disagrees"),
            ($"{path}/files?purpose=other&name=a.html", [.. "<html>"u8], "text/html", 415, "unsupported_media_type"),
            ($"{path}/files?purpose=other&name=..%2Fa.pdf", Receipt, "application/pdf", 400, "validation_failed"),
            ($"{path}/files?purpose=mood&name=a.pdf", Receipt, "application/pdf", 400, "validation_failed"),
            ($"{path}/files?purpose=other", Receipt, "application/pdf", 400, "validation_failed"),
            ($"{path}/files?purpose=other&name=a.pdf", [.. Receipt, .. new byte[4_500_000]], "application/pdf", 413, "evidence_too_large"),
            ($"{path}/files?purpose=other&name=a.pdf", [.. Receipt, .. new byte[4_499_970]], "application/pdf", 413, "evidence_too_large"),
            ($"/{id}/disputes/dp_x/evidence/files?purpose=other&name=a.pdf", Receipt, "application/pdf", 404, "dispute_not_found"),
        })
            Assert.Equal((status, code), Seen(await user.UploadAsync(address, content, type, Cancel)));
        Assert.Equal(404, (int)(await user.GetAsync($"/{id}/disputes/dp_x/evidence", Cancel)).Status);
        Assert.Equal((400, "validation_failed"), Seen(await user.SendAsync(HttpMethod.Put, path, new { explanation = "" }, Cancel)));
        Assert.Equal((400, "validation_failed"), Seen(await user.SendAsync(HttpMethod.Put, path, new { explanation = "a" }, Cancel, ("If-Match", "seven"))));
        Assert.Equal((400, "unknown_field"), Seen(await user.SendAsync(HttpMethod.Put, path, new { files = Array.Empty<string>() }, Cancel)));

        var (foreign, reader) = (NewUser(writer: true), NewUser());
        foreach (var (method, address) in new[]
        {
            (HttpMethod.Get, path), (HttpMethod.Delete, path), (HttpMethod.Post, path), (HttpMethod.Get, $"{path}/files/{held}"), (HttpMethod.Delete, $"{path}/files/{held}"),
        })
            Assert.Equal(404, (int)(await foreign.SendAsync(method, address, null, Cancel, ("Idempotency-Key", "k"))).Status);
        Assert.Equal(404, (int)(await foreign.UploadAsync(files, Receipt, "application/pdf", Cancel)).Status);
        Assert.Equal(403, (int)(await reader.SendAsync(HttpMethod.Put, path, new { explanation = "a" }, Cancel)).Status);
        Assert.Equal(403, (int)(await reader.UploadAsync(files, Receipt, "application/pdf", Cancel)).Status);
        Assert.Equal(Receipt, (await user.DownloadAsync($"{path}/files/{held}", Cancel)).Content);
    }

    [Fact]
    public async Task The_money_at_stake_is_told_in_the_summary_and_in_the_health_document()
    {
        var (user, id, _, _) = await DisputedAsync();
        var listed = (await user.ListAsync($"/{id}/disputes", cancel: Cancel)).ToLookup(row => (string)row["currency"]!);
        var told = (await user.GetAsync($"/{id}/disputes/summary", Cancel)).MustBeOk("summary").Json!["currencies"]!.AsArray().OfType<JsonNode>().ToList();
        Assert.Equal(listed.Select(rows => rows.Key).Order(StringComparer.Ordinal), told.Select(one => (string)one["currency"]!));
        string[] decided = ["won", "lost", "warning_closed", "prevented"], waiting = ["needs_response", "warning_needs_response"];
        foreach (var one in told)
        {
            var rows = listed[(string)one["currency"]!].ToList();
            foreach (var (name, statuses) in new (string, Func<string, bool>)[]
            {
                ("open", status => !decided.Contains(status)), ("needs_response", waiting.Contains), ("won", status => status == "won"), ("lost", status => status == "lost"),
            })
            {
                var meant = rows.Where(row => statuses((string)row["status"]!)).ToList();
                Assert.Equal((meant.Count, meant.Sum(Amount)), ((int)one[name]!["count"]!, Amount(one[name]!)));
            }
        }
        var health = (await user.GetAsync($"/{id}/status", Cancel)).MustBeOk("status").Json!["disputes"]!;
        Assert.Equal((told.Sum(one => (int)one["open"]!["count"]!), told.Sum(one => (int)one["needs_response"]!["count"]!)), ((int)health["open"]!, (int)health["needs_response"]!));
        Assert.Equal(told.Where(one => (int)one["open"]!["count"]! > 0).Select(one => ((string)one["currency"]!, Amount(one["open"]!))),
            health["at_stake"]!.AsArray().Select(one => ((string)one!["currency"]!, Amount(one))));
        Assert.NotNull(health["next_due_at"]);
    }

    private async Task<(ApiUser User, string Id, string Account, string Dispute)> DisputedAsync()
    {
        var account = await Sandbox.NewAccountAsync(60, Cancel);
        var dispute = Assert.Single((await Sandbox.AdvanceAsync(account, "dispute", cancel: Cancel)).Ids);
        var user = NewUser(writer: true);
        return (user, await user.ConnectedAsync(account, cancel: Cancel), account, dispute);
    }

    private static async Task<ApiAnswer> SubmitAsync(ApiUser user, string path, string key) =>
        (await user.SendAsync(HttpMethod.Post, path, null, Cancel, ("Idempotency-Key", key), ("Prefer", "wait=60"))).MustBeOk(key);

    private static decimal Amount(JsonNode row) => decimal.Parse((string)row["amount"]!, System.Globalization.CultureInfo.InvariantCulture);

    private static string Tag(ApiAnswer answer) => answer.Headers.ETag!.ToString();

    private static (int, string?) Seen(ApiAnswer answer) => ((int)answer.Status, answer.Code);
}
