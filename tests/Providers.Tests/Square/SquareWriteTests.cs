using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Square;

/// <summary>Orders against the simulated Square, whatever happens on the way: each takes effect at most once, and is found again.</summary>
public sealed class SquareWriteTests(SquareWriteBench bench) : IClassFixture<SquareWriteBench>
{
    private static readonly DisputeEvidence Said = new() { Explanation = "It was delivered.", ShippingTrackingNumber = "TR1" };

    [Fact]
    public async Task Evidence_with_files_is_submitted_once_and_the_bank_decides_later()
    {
        var dispute = await bench.AdvanceAsync("dispute");
        var (id, bytes, mark) = (Guid.CreateVersion7(), "%PDF-1.7 proof"u8.ToArray(), bench.Mark());
        var order = new SubmitEvidence(dispute, Said with { Files = [OrderFiles.Describe(id, EvidencePurposes.ShippingDocumentation, "proof.pdf", "application/pdf", bytes)] });

        Assert.Equal("file_gone", (await bench.ErrorAsync(order, mark)).Code);
        Assert.Equal("file_changed", (await bench.ErrorAsync(order, mark, new OrderFiles().With(id, "%PDF-1.7 other"u8.ToArray()))).Code);
        Assert.Empty(await bench.UploadedAsync(dispute));
        Assert.Null(await bench.SeenAsync(order, mark));
        Assert.Equal(new(dispute, "under_review"), await bench.DoneAsync(order, mark, new OrderFiles().With(id, bytes)));
        Assert.Equal(new(dispute, "under_review"), await bench.SeenAsync(order, mark));
        Assert.Equal(["GENERIC_EVIDENCE", "PROOF_OF_DELIVERY_DOCUMENTATION", "REBUTTAL_EXPLANATION", "TRACKING_NUMBER"],
            (await bench.UploadedAsync(dispute)).Select(piece => (string)piece["evidence_type"]!).Order(StringComparer.Ordinal));
        Assert.Equal((ErrorClass.BusinessRule, "evidence_not_asked"), Kind(await bench.ErrorAsync(order, bench.Mark(), new OrderFiles().With(id, bytes))));
        Assert.Subset((await bench.EventsAsync()).ToHashSet(), new HashSet<string> { "dispute.evidence.created", "dispute.state.updated" });
        Assert.Equal(dispute, await bench.AdvanceAsync("dispute_closed"));
        Assert.Equal("won", (await bench.SeenAsync(order, mark))!.Status);
    }

    [Theory]
    [InlineData("status", false)]
    [InlineData("malformed", false)]
    [InlineData("hang", false)]
    [InlineData("lost", true)]
    [InlineData("cut", true)]
    [InlineData("truncated", true)]
    public async Task An_answer_to_a_dispute_that_gets_none_is_looked_up(string kind, bool done)
    {
        var (answered, given) = (await bench.AdvanceAsync("dispute"), await bench.AdvanceAsync("dispute"));
        foreach (var (order, path, status) in new (WriteOrder, string, string)[]
        {
            (new SubmitEvidence(answered, Said), $"/v2/disputes/{answered}/submit-evidence", "under_review"), (new AcceptDispute(given), $"/v2/disputes/{given}/accept", "lost"),
        })
        {
            var mark = bench.Mark();
            await bench.FaultAsync(kind, "POST", path, status: kind == "status" ? 503 : null);
            Assert.Equal(ErrorClass.OutcomeUnknown, (await bench.ErrorAsync(order, mark)).Class);
            Assert.Equal(done ? new WriteReceipt(order.SubjectId!, status) : null, await bench.SeenAsync(order, mark));
        }
        Assert.Equal(done ? ("PROCESSING", "ACCEPTED") : ("EVIDENCE_REQUIRED", "EVIDENCE_REQUIRED"), (await bench.StateAsync(answered), await bench.StateAsync(given)));
    }

    [Theory]
    [InlineData("status")]
    [InlineData("lost")]
    [InlineData("hang")]
    public async Task An_upload_that_fails_submits_nothing_and_leaves_no_doubt(string kind)
    {
        var dispute = await bench.AdvanceAsync("dispute");
        await bench.FaultAsync(kind, "POST", $"/v2/disputes/{dispute}/evidence-text", after: 1);
        Assert.Equal(ErrorClass.ProviderUnavailable, (await bench.ErrorAsync(new SubmitEvidence(dispute, Said), bench.Mark())).Class);
        Assert.Equal("EVIDENCE_REQUIRED", await bench.StateAsync(dispute));
    }

    [Fact]
    public async Task The_same_order_uploads_nothing_twice()
    {
        var (dispute, mark) = (await bench.AdvanceAsync("dispute"), bench.Mark());
        await bench.FaultAsync("status", "POST", $"/v2/disputes/{dispute}/submit-evidence", status: 401);   // the token is renewed, and it is sent with the other
        Assert.Equal(ErrorClass.Authentication, (await bench.ErrorAsync(new SubmitEvidence(dispute, Said), mark)).Class);
        await bench.DoneAsync(new SubmitEvidence(dispute, Said), mark);
        Assert.Equal(3, (await bench.UploadedAsync(dispute)).Count);
    }

    [Fact]
    public async Task A_dispute_is_given_up_once()
    {
        var dispute = await bench.AdvanceAsync("dispute");
        Assert.Null(await bench.SeenAsync(new AcceptDispute(dispute), bench.Mark()));
        Assert.Equal(new(dispute, "lost"), await bench.DoneAsync(new AcceptDispute(dispute), bench.Mark()));
        Assert.Equal(ErrorClass.BusinessRule, (await bench.ErrorAsync(new AcceptDispute(dispute), bench.Mark())).Class);
        Assert.Equal("evidence_not_asked", (await bench.ErrorAsync(new SubmitEvidence(dispute, Said), bench.Mark())).Code);
        Assert.Equal((ErrorClass.Validation, "NOT_FOUND"), Kind(await bench.ErrorAsync(new AcceptDispute("none"), bench.Mark())));
    }

    /// <summary>Both what we send and what the simulated Square answers.</summary>
    [Fact]
    public async Task Everything_that_is_exchanged_fits_Squares_description()
    {
        var description = new Published("square/api.finance.json");
        var begin = bench.Exchanges.Count;
        var (first, second) = (await bench.AdvanceAsync("dispute"), await bench.AdvanceAsync("dispute"));
        var (files, mark) = (new OrderFiles(), bench.Mark());
        EvidenceFile[] ordered = [.. EvidencePurposes.All.Select(purpose =>
        {
            var id = Guid.CreateVersion7();
            files.With(id, "bytes"u8.ToArray());
            return OrderFiles.Describe(id, purpose, "Beleg № 7; \"echt\" und mit einem Namen, der länger ist als vierzig Zeichen.pdf", "application/pdf", "bytes"u8.ToArray());
        })];
        var order = new SubmitEvidence(first, SquareOrderTests.Whole with { Files = ordered });
        await bench.DoneAsync(order, mark, files);
        await bench.SeenAsync(order, mark);
        await bench.DoneAsync(new AcceptDispute(second), bench.Mark());

        var paths = new HashSet<string>();
        foreach (var exchange in bench.Exchanges.Skip(begin))
        {
            var path = exchange.Request.Path["/square".Length..].Replace(first, "{dispute_id}", StringComparison.Ordinal).Replace(second, "{dispute_id}", StringComparison.Ordinal);
            var method = exchange.Request.Method == HttpMethod.Get ? "get" : "post";
            paths.Add(path);
            description.AnswerFits(method, path, exchange.Status, exchange.Json);
            SquareOrderTests.RequestFits(description, method, path, exchange.Request);
        }
        Assert.Equal(6, paths.Count);
    }

    private static (ErrorClass, string) Kind(ProviderError error) => (error.Class, error.Code);
}
