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
            var at = _clock.GetUtcNow().ToUnixTimeSeconds();
            _journal.Append("paypal.advance", new JsonObject { ["account"] = merchant.Id, ["kind"] = kind.ToString(), ["count"] = count, ["at"] = at });
            return Apply(merchant, kind, count, at);
        }
    }

    /// <summary>The seller hands evidence in, or gives the dispute up where there is none. False: the dispute does not wait for that.</summary>
    public bool Answer(PayPalMerchant merchant, PayPalDispute dispute, JsonArray? evidence)
    {
        lock (_lock)
        {
            if (evidence is null ? dispute.Status == "RESOLVED" : dispute.Status != "WAITING_FOR_SELLER_RESPONSE") return false;
            var at = _clock.GetUtcNow().ToUnixTimeSeconds();
            _journal.Append("paypal.dispute", new JsonObject { ["account"] = merchant.Id, ["dispute"] = dispute.Id, ["evidence"] = evidence?.DeepClone(), ["at"] = at });
            Apply(merchant, dispute, evidence, at);
            return true;
        }
    }

    public void Grant(PayPalMerchant merchant) => Permit(merchant, true);

    /// <summary>The merchant takes the permission back: PayPal tells the partner.</summary>
    public PayPalChange Withdraw(PayPalMerchant merchant)
    {
        Permit(merchant, false);
        _grants.Revoke(PayPalOAuth.Name, merchant.Id);
        lock (merchant.Books.Gate)
            return new([merchant.Id], [merchant.Books.Tell("MERCHANT.PARTNER-CONSENT.REVOKED", "partner-consent", _clock.GetUtcNow().ToUnixTimeSeconds(), new JsonObject
            {
                ["merchant_id"] = merchant.Id,
                ["tracking_id"] = "t-" + merchant.Id,
            })]);
    }

    private void Permit(PayPalMerchant merchant, bool granted)
    {
        lock (_lock)
        {
            if (merchant.Granted == granted) return;
            merchant.Granted = granted;
            _journal.Append("paypal.permission", new JsonObject { ["account"] = merchant.Id, ["granted"] = granted });
        }
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
            _merchants.Add(Open((string)entry["id"]!, $"Merchant {_merchants.Count + 1}", (int)entry["rows"]!, (long)entry["seed"]!));
        else if (topic == "paypal.permission")
            Find((string)entry["account"]!)!.Granted = (bool)entry["granted"]!;
        else if (topic == "paypal.dispute")
        {
            var merchant = Find((string)entry["account"]!)!;
            Apply(merchant, merchant.Books.Disputes.Find(one => one.Id == (string)entry["dispute"]!)!, entry["evidence"] as JsonArray, (long)entry["at"]!);
        }
        else
            Apply(Find((string)entry["account"]!)!, Enum.Parse<PayPalAdvance>((string)entry["kind"]!), (int)entry["count"]!, (long)entry["at"]!);
    }
}
