using System.Globalization;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Chaos;

/// <summary>The silo is killed around payouts and evidence: each is done at most once, and its end is known.</summary>
public sealed class WriteTests : ChaosTest
{
    private const string Silo = ResourceNames.Silo;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly int Rounds = LongRun.Choose(usual: 1, full: 10);

    protected override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["Writes__CallTimeout"] = "00:00:20",
        ["Writes__Settling"] = "00:00:03",
        ["Writes__FirstPause"] = "00:00:00.500",
    };

    [Fact]
    public async Task A_payout_or_evidence_whose_silo_dies_on_the_way_is_done_at_most_once_and_its_end_is_known()
    {
        using var user = Product.User("alice", writer: true);
        for (var round = 0; round < Rounds; round++)
        {
            var writes = new List<Write>();
            foreach (var point in Enum.GetValues<Point>())
            {
                writes.Add(await ConnectedAsync(user, point, payout: true));
                writes.Add(await ConnectedAsync(user, point, payout: false));
            }
            foreach (var write in writes) await BeginAsync(user, write);
            await Product.Processes.KillAsync(Silo);
            foreach (var write in writes) await write.ReleaseAsync(Cancel);
            await Product.Processes.StartAsync(Silo, Cancel);
            foreach (var write in writes) await EndsAsync(user, write);
        }
    }

    private async Task<Write> ConnectedAsync(ApiUser user, Point point, bool payout)
    {
        var account = await Sandbox.NewAccountWithMoneyAsync(100, 20_00, Cancel);
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        return new(id, account, payout ? "" : (await Sandbox.AdvanceAsync(account, "dispute", 1, cancel: Cancel)).Ids[0], point);
    }

    /// <summary>Orders it, and answers when the order is where the silo is to die.</summary>
    private async Task BeginAsync(ApiUser user, Write write)
    {
        var (id, _, dispute, point) = write;
        var path = dispute.Length == 0 ? "/v1/payouts" : $"/v1/disputes/{dispute}";
        if (point == Point.BeforeItIsStored) write.Held = await HeldWrite.OfAsync(Product, id, Cancel);
        if (point is Point.BeforeItsEffect or Point.AfterItsEffect)
            write.Fault = await Sandbox.FaultAsync(new { kind = point == Point.BeforeItsEffect ? "hang" : "lost", path }, Cancel);
        if (point == Point.AfterItsAnswer)
            write.Fault = await Sandbox.FaultAsync(new { kind = "latency", milliseconds = 1_500, path }, Cancel);

        _ = Order();
        switch (point)
        {
            case Point.BeforeItIsStored:
                await write.Held!.ArrivedAsync(Patience, Cancel);
                break;
            case Point.BeforeItsEffect:
                await ArrivedAsync();
                break;
            case Point.AfterItsEffect:
                await Eventually.HoldsAsync("the order has taken effect", () => DoneAsync(write), done => done == 1, Patience, Cancel);
                break;
            case Point.AfterItsAnswer:
                await Eventually.HoldsAsync("the order is stored", () => StatusAsync(id), status => status == "sending", Patience, Cancel);
                write.Held = await HeldWrite.OfAsync(Product, id, Cancel);
                await write.Held.ArrivedAsync(Patience, Cancel);
                break;
        }
        return;

        // Its answer never comes: the one who makes it dies.
        async Task Order()
        {
            try
            {
                await (dispute.Length == 0
                    ? user.OrderAsync(id, "payouts", new { amount = "1.00", currency = "GBP" }, cancel: Cancel)
                    : user.OrderAsync(id, $"disputes/{dispute}/evidence", new { explanation = "Delivered." }, cancel: Cancel));
            }
            catch (Exception) when (!Cancel.IsCancellationRequested)
            {
                // What became of it is read from the table and the books.
            }
        }

        Task ArrivedAsync() => Eventually.HoldsAsync("the order is on its way", async () =>
            (await Sandbox.RequestsAsync(cancel: Cancel)).Any(request => request.Method == "POST" && request.Path == path && request.Fault is not null), Patience, Cancel);
    }

    private async Task EndsAsync(ApiUser user, Write write)
    {
        if (write.Point == Point.BeforeItIsStored)
        {
            Assert.Equal("", await StatusAsync(write.Id));   // as if it had never been asked for
            Assert.Equal(0, await DoneAsync(write));
            return;
        }
        await user.GetAsync($"/{write.Id}/status", Cancel);   // wakes it; its reminder would, a little later
        var status = await Eventually.HoldsAsync("the write has ended", () => StatusAsync(write.Id), seen => seen is "succeeded" or "failed", Recovery, Cancel);
        var done = await DoneAsync(write);
        Assert.True((status, done) == (write.Point == Point.BeforeItsEffect ? ("failed", 0) : ("succeeded", 1)), $"{write}: {status}, done {done} times");
        Assert.Equal(0, await Product.ScalarAsync<long>("select count(*) from attention_items where integration_id = $1 and kind <> 'dispute_due' and resolved_at is null", Cancel, Guid.Parse(write.Id)));
    }

    /// <summary>How often the provider has done it.</summary>
    private async Task<int> DoneAsync(Write write)
    {
        var books = await Sandbox.BooksAsync(write.Account, Cancel);
        return write.Dispute.Length == 0
            ? books.Rows("payouts").Count(row => row["metadata"]?["fi_reference"] is not null)
            : (int)books.Rows("disputes").Single(row => (string?)row["id"] == write.Dispute)["evidence_details"]!["submission_count"]!;
    }

    private Task<string> StatusAsync(string id) => Product.ScalarAsync<string>(
        "select coalesce(min(status), '') from operations where integration_id = $1", Cancel, Guid.Parse(id));

    private enum Point
    {
        BeforeItIsStored,
        BeforeItsEffect,
        AfterItsEffect,
        AfterItsAnswer,
    }

    private sealed record Write(string Id, string Account, string Dispute, Point Point)
    {
        public IAsyncDisposable? Fault { get; set; }

        public HeldWrite? Held { get; set; }

        public async Task ReleaseAsync(CancellationToken cancel)
        {
            if (Fault is not null) await Fault.DisposeAsync();
            if (Held is null) return;
            await Held.EndAsync(Patience, cancel);
            await Held.DisposeAsync();
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Point} {(Dispute.Length == 0 ? "payout" : "evidence")}");
    }
}
