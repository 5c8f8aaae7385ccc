using System.Text.Json;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.Foundation;
using FinanceIntegrations.Sandbox.OAuth;
using FinanceIntegrations.Sandbox.Square.Ledger;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Sandbox.Square;

/// <summary>What changed, and the events that tell of it.</summary>
internal sealed record Change(IReadOnlyList<string> Ids, IReadOnlyList<SquareEvent> Events);

/// <summary>
/// The sellers that can be connected. Whatever changes them goes through here: applied, journaled, told to the webhook targets.
/// </summary>
internal sealed class SquarePlatform
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Seller> _sellers = [];
    private readonly List<Seller> _order = [];
    private readonly SandboxOptions _sandbox;
    private readonly Journal _journal;
    private readonly GrantStore _grants;
    private readonly TimeProvider _clock;

    public SquarePlatform(IOptions<SandboxOptions> sandbox, IOptions<SquareOptions> square, Journal journal, GrantStore grants, TimeProvider clock)
    {
        (_sandbox, _journal, _grants, _clock) = (sandbox.Value, journal, grants, clock);
        Open(NewId(), "Copper Kettle Coffee", Country.All[0], square.Value.Payments, _sandbox.Seed);
        foreach (var (topic, entry) in journal.PastOf("square.")) Replay(topic, entry);
    }

    /// <summary>An event to deliver.</summary>
    public event Action<SquareEvent>? Happened;

    public IReadOnlyList<Seller> Sellers
    {
        get
        {
            lock (_lock) return [.. _order];
        }
    }

    public Seller? Find(string id)
    {
        lock (_lock) return _sellers.GetValueOrDefault(id);
    }

    /// <summary>Null: there is one of that id.</summary>
    public Seller? Create(string? id, int payments, long? seed, Country country)
    {
        lock (_lock)
        {
            id ??= NewId();
            if (_sellers.ContainsKey(id)) return null;
            var seller = Open(id, $"Seller {_order.Count + 1}", country, payments, seed ?? _sandbox.Seed);
            _journal.Append("square.seller",
                new JsonObject { ["id"] = id, ["payments"] = payments, ["seed"] = seed ?? _sandbox.Seed, ["country"] = country.Code });
            return seller;
        }
    }

    public Change Advance(Seller seller, AdvanceKind kind, int count)
    {
        lock (_lock)
        {
            var at = seller.Books.Now(_clock.GetUtcNow().ToUnixTimeMilliseconds());
            var change = Advance(seller, kind, count, at);
            _journal.Append("square.advance", new JsonObject { ["seller"] = seller.Id, ["kind"] = kind.ToString(), ["count"] = count, ["at"] = at });
            Tell(change);
            return change;
        }
    }

    /// <summary>The seller changes a dispute: uploads, removes, submits or gives up. The change is told of, and done again after a restart.</summary>
    /// <param name="action">What <see cref="DisputeAnswer"/> spells it.</param>
    public DisputeOutcome Answer(Seller seller, string dispute, DisputeAnswer action)
    {
        lock (_lock)
        {
            var at = seller.Books.Now(_clock.GetUtcNow().ToUnixTimeMilliseconds());
            var (outcome, change) = Answer(seller, dispute, action, at);
            if (outcome.Refused || change.Events.Count == 0) return outcome;
            var entry = JsonSerializer.SerializeToNode(action)!.AsObject();
            (entry["seller"], entry["dispute"], entry["at"]) = (seller.Id, dispute, at);
            _journal.Append("square.answer", entry);
            Tell(change);
            return outcome;
        }
    }

    /// <summary>Every token of the seller is dead.</summary>
    /// <param name="seller">Whose.</param>
    /// <param name="by">MERCHANT, APPLICATION or SQUARE.</param>
    public Change Revoke(Seller seller, string by)
    {
        lock (_lock)
        {
            var at = seller.Books.Now(_clock.GetUtcNow().ToUnixTimeMilliseconds());
            _grants.Revoke(SquareOAuth.Name, seller.Id);
            var change = Revoke(seller, by, at);
            _journal.Append("square.revoked", new JsonObject { ["seller"] = seller.Id, ["by"] = by, ["at"] = at });
            Tell(change);
            return change;
        }
    }

    private static Change Advance(Seller seller, AdvanceKind kind, int count, long at)
    {
        lock (seller.Books.Gate)
        {
            var before = seller.Books.Events.Count;
            var ids = Enumerable.Range(0, count).SelectMany(_ => Advancement.Apply(seller.Books, kind, at)).ToList();
            return new(ids, [.. seller.Books.Events.Skip(before)]);
        }
    }

    private static (DisputeOutcome Outcome, Change Change) Answer(Seller seller, string dispute, DisputeAnswer action, long at)
    {
        lock (seller.Books.Gate)
        {
            var before = seller.Books.Events.Count;
            var outcome = action.On(seller.Books, dispute, at);
            return (outcome, new([dispute], [.. seller.Books.Events.Skip(before)]));
        }
    }

    private static Change Revoke(Seller seller, string by, long at)
    {
        lock (seller.Books.Gate)
        {
            var revocation = new JsonObject { ["revoked_at"] = SquareJson.NanoTime(at), ["revoker_type"] = by };
            return new([], [seller.Books.Emit(at, "oauth.authorization.revoked", null, "revocation", seller.Books.Guid(), revocation)]);
        }
    }

    private string NewId() => "ML" + string.Concat(Chance.For(_sandbox.Seed, $"square/seller/{_order.Count}").Text(11)).ToUpperInvariant();

    private Seller Open(string id, string name, Country country, int payments, long seed)
    {
        var seller = Seller.Open(id, name, country, payments, seed, _journal.Anchor);
        _sellers.Add(id, seller);
        _order.Add(seller);
        return seller;
    }

    private void Tell(Change change)
    {
        foreach (var happened in change.Events) Happened?.Invoke(happened);
    }

    private void Replay(string topic, JsonObject entry)
    {
        if (topic == "square.seller")
        {
            var country = Country.All.First(one => one.Code == (string)entry["country"]!);
            Open((string)entry["id"]!, $"Seller {_order.Count + 1}", country, (int)entry["payments"]!, (long)entry["seed"]!);
            return;
        }
        var seller = _sellers[(string)entry["seller"]!];
        var at = (long)entry["at"]!;
        if (topic == "square.answer") Answer(seller, (string)entry["dispute"]!, entry.Deserialize<DisputeAnswer>()!, at);
        else if (topic == "square.advance") Advance(seller, Enum.Parse<AdvanceKind>((string)entry["kind"]!), (int)entry["count"]!, at);
        else Revoke(seller, (string)entry["by"]!, at);
    }
}
