using System.Text.Json;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.Foundation;
using FinanceIntegrations.Sandbox.OAuth;
using FinanceIntegrations.Sandbox.PayPal.Ledger;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Sandbox.PayPal;

/// <summary>A merchant: its books, and whether the app may see them.</summary>
internal sealed class PayPalMerchant
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required PayPalBooks Books { get; init; }

    /// <summary>The permission that a merchant gives to a partner.</summary>
    public volatile bool Granted;
}

/// <summary>What changed, and the events that tell of it.</summary>
internal sealed record PayPalChange(IReadOnlyList<string> Ids, IReadOnlyList<PayPalEvent> Events);

/// <summary>The app's own account and the merchants. Whatever changes them goes through here, and into the journal.</summary>
internal sealed class PayPalPlatform
{
    private const string Topic = "paypal.";
    private const string PayerLetters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

    private readonly Lock _lock = new();
    private readonly List<PayPalMerchant> _merchants = [];
    private readonly SandboxOptions _sandbox;
    private readonly Journal _journal;
    private readonly GrantStore _grants;
    private readonly TimeProvider _clock;

    public PayPalPlatform(IOptions<SandboxOptions> sandbox, IOptions<PayPalOptions> options, Journal journal, GrantStore grants, TimeProvider clock)
    {
        (_sandbox, _journal, _grants, _clock) = (sandbox.Value, journal, grants, clock);
        Own = Open(NewId(0), "Finance Integrations", 60, _sandbox.Seed);
        Own.Granted = true;
        _merchants.Add(Open(NewId(1), "Harbour Lane Trading", options.Value.Transactions, _sandbox.Seed));
        foreach (var (topic, entry) in journal.PastOf(Topic)) Replay(topic, entry);
    }

    /// <summary>The account that the app belongs to.</summary>
    public PayPalMerchant Own { get; }

    public IReadOnlyList<PayPalMerchant> Merchants
    {
        get
        {
            lock (_lock) return [.. _merchants];
        }
    }

    public PayPalMerchant? Find(string? id) => id == Own.Id ? Own : Merchants.FirstOrDefault(one => one.Id == id);

    public PayPalMerchant Create(int rows, long? seed)
    {
        lock (_lock)
        {
            var (id, used) = (NewId(_merchants.Count + 1), seed ?? _sandbox.Seed);
            var merchant = Open(id, $"Merchant {_merchants.Count + 1}", rows, used);
            _merchants.Add(merchant);
            _journal.Append("paypal.merchant", new JsonObject { ["id"] = id, ["rows"] = rows, ["seed"] = used });
            return merchant;
        }
    }

    public PayPalChange Advance(PayPalMerchant merchant, PayPalAdvance kind, int count)
    {
        lock (_lock)
        {
            return Apply(merchant, kind, count, Journaled("paypal.advance", merchant, new() { ["kind"] = kind.ToString(), ["count"] = count }));
        }
    }

    /// <summary>The seller hands evidence in, or gives the dispute up where there is none. False: the dispute does not wait for that.</summary>
    public bool Answer(PayPalMerchant merchant, PayPalDispute dispute, JsonArray? evidence)
    {
        lock (_lock)
        {
            if (evidence is null ? dispute.Status == "RESOLVED" : dispute.Status != "WAITING_FOR_SELLER_RESPONSE") return false;
            Apply(merchant, dispute, evidence, Journaled("paypal.dispute", merchant, new() { ["dispute"] = dispute.Id, ["evidence"] = evidence?.DeepClone() }));
            return true;
        }
    }

    /// <summary>
    /// A batch that was made once is not made again. Made: it, now or before under the same request id. Taken: another of the same sender's id. Neither:
    /// there is not enough money.
    /// </summary>
    public (PayPalBatch? Made, PayPalBatch? Taken) Pay(PayPalMerchant merchant, PayPalBatchOrder order, string? requestId)
    {
        lock (_lock)
            lock (merchant.Books.Gate)
            {
                if (requestId is not null && merchant.Books.Batches.Find(one => one.RequestId == requestId) is { } before) return (before, null);
                if (merchant.Books.Batches.Find(one => one.SenderId == order.SenderId) is { } other) return (null, other);
                if (!merchant.Books.CanPay(order)) return default;
                var at = Journaled("paypal.payout", merchant, new() { ["order"] = JsonSerializer.SerializeToNode(order), ["request"] = requestId });
                return (merchant.Books.Pay(order, requestId, at), null);
            }
    }

    /// <summary>The item as it then is, or null: it is not unclaimed, or there is none.</summary>
    public (bool Known, JsonObject? Cancelled) CancelPayout(PayPalMerchant merchant, string id)
    {
        lock (_lock)
            lock (merchant.Books.Gate)
            {
                if (merchant.Books.FindItem(id) is not { } found) return (false, null);
                if (found.Item.Status != "UNCLAIMED") return (true, null);
                merchant.Books.Cancel(found.Batch, found.Item, Journaled("paypal.payout_cancelled", merchant, new() { ["item"] = id }));
                return (true, found.Item.Whole(found.Batch));
            }
    }

    /// <summary>Lets every item of a batch go on to a status, and tells of it. Null: there is no such batch, or an item cannot come to that.</summary>
    public PayPalChange? AdvancePayout(PayPalMerchant merchant, string id, string status)
    {
        lock (_lock)
            lock (merchant.Books.Gate)
            {
                if (merchant.Books.Batches.Find(one => one.Id == id) is not { } batch || !PayPalBooks.CanCome(batch, status)) return null;
                var told = merchant.Books.Events.Count;
                merchant.Books.Come(batch, status, Journaled("paypal.payout_advanced", merchant, new() { ["batch"] = id, ["status"] = status }));
                return new([.. batch.Items.Select(item => item.Id)], [.. merchant.Books.Events.Skip(told)]);
            }
    }

    public void Grant(PayPalMerchant merchant)
    {
        lock (_lock)
        {
            if (merchant.Granted) return;
            merchant.Granted = true;
            _journal.Append("paypal.permission", new JsonObject { ["account"] = merchant.Id, ["granted"] = true });
        }
    }

    /// <summary>The merchant takes the permission back: PayPal tells the partner.</summary>
    public PayPalChange Withdraw(PayPalMerchant merchant)
    {
        _grants.Revoke(PayPalOAuth.Name, merchant.Id);
        lock (_lock)
            return new([merchant.Id], [Withdrawn(merchant, Journaled("paypal.withdrawn", merchant, []))]);
    }

    private static PayPalEvent Withdrawn(PayPalMerchant merchant, long at)
    {
        merchant.Granted = false;
        lock (merchant.Books.Gate)
            return merchant.Books.Tell("MERCHANT.PARTNER-CONSENT.REVOKED", "partner-consent", at, new JsonObject
            {
                ["merchant_id"] = merchant.Id,
                ["tracking_id"] = "t-" + merchant.Id,
            });
    }

    /// <summary>What happens now, so that it happens again after a restart: with the same ids, since the books draw them in the order of the journal.</summary>
    private long Journaled(string topic, PayPalMerchant merchant, JsonObject entry)
    {
        var at = _clock.GetUtcNow().ToUnixTimeSeconds();
        (entry["account"], entry["at"]) = (merchant.Id, at);
        _journal.Append(topic, entry);
        return at;
    }

    private static void Apply(PayPalMerchant merchant, PayPalDispute dispute, JsonArray? evidence, long at)
    {
        lock (merchant.Books.Gate)
        {
            if (evidence is null) merchant.Books.Resolve(dispute, won: false, at);
            else merchant.Books.TakeEvidence(dispute, evidence.Select(piece => piece!.AsObject()), at);
        }
    }

    private static PayPalChange Apply(PayPalMerchant merchant, PayPalAdvance kind, int count, long at)
    {
        lock (merchant.Books.Gate)
        {
            var before = merchant.Books.Events.Count;
            var ids = Enumerable.Range(0, count).SelectMany(_ => merchant.Books.Advance(kind, at)).ToList();
            return new(ids, [.. merchant.Books.Events.Skip(before)]);
        }
    }

    private PayPalMerchant Open(string id, string name, int rows, long seed) =>
        new() { Id = id, Name = name, Books = PayPalBooks.Write(id, rows, seed, _journal.Anchor) };

    /// <summary>A payer id: 13 letters and digits that are hard to mistake.</summary>
    private string NewId(int number)
    {
        var chance = Chance.For(_sandbox.Seed, $"paypal/merchant/{number}");
        return string.Create(13, chance, static (span, chance) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = PayerLetters[chance.Below(PayerLetters.Length)];
        });
    }

    private void Replay(string topic, JsonObject entry)
    {
        if (topic == "paypal.merchant")
        {
            _merchants.Add(Open((string)entry["id"]!, $"Merchant {_merchants.Count + 1}", (int)entry["rows"]!, (long)entry["seed"]!));
            return;
        }
        var merchant = Known(Find((string)entry["account"]!), topic);
        if (topic == "paypal.permission")
        {
            merchant.Granted = (bool)entry["granted"]!;
            return;
        }
        var (books, at) = (merchant.Books, (long)entry["at"]!);
        lock (books.Gate)
        {
            switch (topic)
            {
                case "paypal.advance":
                    Apply(merchant, Enum.Parse<PayPalAdvance>((string)entry["kind"]!), (int)entry["count"]!, at);
                    break;
                case "paypal.dispute":
                    Apply(merchant, Known(books.Disputes.Find(one => one.Id == (string)entry["dispute"]!), topic), entry["evidence"] as JsonArray, at);
                    break;
                case "paypal.payout":
                    books.Pay(entry["order"].Deserialize<PayPalBatchOrder>()!, (string?)entry["request"], at);
                    break;
                case "paypal.payout_cancelled":
                    var (batch, item) = Known(books.FindItem((string)entry["item"]!), topic);
                    books.Cancel(batch, item, at);
                    break;
                case "paypal.payout_advanced":
                    books.Come(Known(books.Batches.Find(one => one.Id == (string)entry["batch"]!), topic), (string)entry["status"]!, at);
                    break;
                case "paypal.withdrawn":
                    Withdrawn(merchant, at);
                    break;
                default:
                    throw new InvalidOperationException($"The journal has a '{topic}', which this version does not know.");
            }
        }
    }

    private static T Known<T>(T? found, string topic)
        where T : class => found ?? throw Unknown(topic);

    private static T Known<T>(T? found, string topic)
        where T : struct => found ?? throw Unknown(topic);

    private static InvalidOperationException Unknown(string topic) => new(
        $"The journal has a '{topic}' of something that these books do not hold: it was written with another seed or anchor, or by another version. Remove the data folder.");
}
