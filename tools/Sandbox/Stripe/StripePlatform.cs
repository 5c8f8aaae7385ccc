using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.Foundation;
using FinanceIntegrations.Sandbox.OAuth;
using FinanceIntegrations.Sandbox.Stripe.Ledger;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>What changed, and the events that tell of it.</summary>
internal sealed record Change(IReadOnlyList<string> Ids, IReadOnlyList<StripeEvent> Events);

/// <summary>
/// The platform and the accounts it can be connected to. Whatever changes them goes through here: applied, journaled, told to the webhook
/// targets.
/// </summary>
internal sealed class StripePlatform
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, StripeAccount> _accounts = [];
    private readonly List<StripeAccount> _order = [];
    private readonly SandboxOptions _sandbox;
    private readonly StripeOptions _stripe;
    private readonly Journal _journal;
    private readonly GrantStore _grants;
    private readonly TimeProvider _clock;

    public StripePlatform(
        IOptions<SandboxOptions> sandbox, IOptions<StripeOptions> stripe, Journal journal, GrantStore grants, TimeProvider clock)
    {
        (_sandbox, _stripe, _journal, _grants, _clock) = (sandbox.Value, stripe.Value, journal, grants, clock);
        var chance = Chance.For(_sandbox.Seed, "stripe/accounts");
        Own = StripeAccount.Open("acct_1" + chance.Text(15), "Finance Integrations", 0, _sandbox.Seed, journal.Anchor, _stripe.ApiVersion);
        Open("acct_1" + chance.Text(15), "Harbour Lane Trading", _stripe.Transactions, _sandbox.Seed);
        Open("acct_1" + chance.Text(15), "Copper Kettle Coffee", 300, _sandbox.Seed);
        Open("acct_1" + chance.Text(15), "Fernside Studio", 300, _sandbox.Seed);
        foreach (var (topic, entry) in journal.PastOf("stripe.")) Replay(topic, entry);
    }

    /// <summary>An event to deliver: whose, and what.</summary>
    public event Action<StripeAccount, StripeEvent>? Happened;

    /// <summary>The platform's own account. Nothing is sold on it.</summary>
    public StripeAccount Own { get; }

    /// <summary>Of all accounts together.</summary>
    public RequestWindows Windows { get; } = new();

    public string SecretKey => _stripe.SecretKey;

    public IReadOnlyList<StripeAccount> Accounts
    {
        get
        {
            lock (_lock) return [.. _order];
        }
    }

    public StripeAccount? Find(string id)
    {
        lock (_lock) return _accounts.GetValueOrDefault(id);
    }

    public StripeAccount? Create(string? id, int transactions, long? seed)
    {
        lock (_lock)
        {
            id ??= "acct_1" + Chance.For(_sandbox.Seed, $"stripe/account/{_order.Count}").Text(15);
            if (_accounts.ContainsKey(id)) return null;
            var account = Open(id, $"Account {_order.Count + 1}", transactions, seed ?? _sandbox.Seed);
            _journal.Append("stripe.account", new JsonObject { ["id"] = id, ["transactions"] = transactions, ["seed"] = seed ?? _sandbox.Seed });
            return account;
        }
    }

    /// <returns>Null: that cannot happen to the object with the id.</returns>
    public Change? Advance(StripeAccount account, AdvanceKind kind, int count, long? until, string? id)
    {
        lock (_lock)
        {
            lock (account.Books.Gate)
                if (!Advancement.CanHappen(account.Books, kind, id)) return null;
            var at = account.Books.Now(_clock.GetUtcNow().ToUnixTimeSeconds());
            var change = Advance(account, kind, count, at, until ?? at, id);
            _journal.Append("stripe.advance", new JsonObject
            {
                ["account"] = account.Id,
                ["kind"] = kind.ToString(),
                ["count"] = count,
                ["at"] = at,
                ["until"] = until ?? at,
                ["id"] = id,
            });
            Tell(account, change);
            return change;
        }
    }

    /// <summary>Carries out a call whose parameters are known to be right, and keeps its answer under its idempotency key.</summary>
    public WriteAnswer Write(StripeAccount account, WriteCall call)
    {
        lock (_lock)
        {
            var now = _clock.GetUtcNow().ToUnixTimeSeconds();
            var at = account.Books.Now(now);
            var (answer, change) = Write(account, call, at, now);
            _journal.Append("stripe.write", call.ToJson(account.Id, at, now));
            Tell(account, change);
            return answer;
        }
    }

    public Change Connect(string id, string scope) => Connection(id, "stripe.connected", scope);

    /// <summary>The user, the platform or a reused code ended it: every token is dead, and so is the platform's access.</summary>
    public Change Disconnect(string id) => Connection(id, "stripe.disconnected", null);

    private Change Connection(string id, string topic, string? scope)
    {
        lock (_lock)
        {
            var account = _accounts[id];
            if (scope is null && account.GrantedScope is null) return new([], []);
            var at = account.Books.Now(_clock.GetUtcNow().ToUnixTimeSeconds());
            if (scope is null) _grants.Revoke("stripe", id);
            var change = Connection(account, scope, at);
            _journal.Append(topic, new JsonObject { ["account"] = id, ["scope"] = scope, ["at"] = at });
            Tell(account, change);
            return change;
        }
    }

    private Change Connection(StripeAccount account, string? scope, long at)
    {
        account.GrantedScope = scope;
        var type = scope is null ? "account.application.deauthorized" : "account.application.authorized";
        lock (account.Books.Gate) return new([], [account.Books.Emit(at, type, ApplicationJson(_stripe.ClientId))]);
    }

    private static Change Advance(StripeAccount account, AdvanceKind kind, int count, long at, long until, string? id)
    {
        lock (account.Books.Gate)
        {
            var before = account.Books.Events.Rows.Count;
            var ids = Enumerable.Range(0, count).SelectMany(_ => Advancement.Apply(account.Books, kind, at, until, id)).ToList();
            return new(ids, [.. account.Books.Events.Rows.Skip(before)]);
        }
    }

    private static (WriteAnswer Answer, Change Change) Write(StripeAccount account, WriteCall call, long at, long now)
    {
        var (action, invalid) = WriteRules.Read(call.Path, call.Form);
        if (action is null) throw new ArgumentException(invalid!.Message, nameof(call));
        var books = account.Books;
        lock (books.Gate)
        {
            var before = books.Events.Rows.Count;
            books.Cause = new(call.RequestId, call.Key);
            var (changed, refused) = action(books, at);
            books.Cause = default;
            if (call.Fails is { } status) refused = StripeError.OfStatus(status);
            var answer = new WriteAnswer(refused?.Status ?? 200, refused?.Body() ?? changed!.Json, call.RequestId);
            if (call.Key is { } key) account.Answers.Keep(key, call.Fingerprint, answer, now);
            return (answer, new(changed is null ? [] : [changed.Id], [.. books.Events.Rows.Skip(before)]));
        }
    }

    private static byte[] ApplicationJson(string clientId) => StripeObject.Render(json =>
    {
        json.WriteString("id", clientId);
        json.WriteString("object", "application");
        json.WriteString("name", "Finance Integrations");
    });

    private StripeAccount Open(string id, string name, int transactions, long seed)
    {
        var account = StripeAccount.Open(id, name, transactions, seed, _journal.Anchor, _stripe.ApiVersion);
        _accounts.Add(id, account);
        _order.Add(account);
        return account;
    }

    private void Tell(StripeAccount account, Change change)
    {
        foreach (var happened in change.Events) Happened?.Invoke(account, happened);
    }

    private void Replay(string topic, JsonObject entry)
    {
        if (topic == "stripe.account")
        {
            Open((string)entry["id"]!, $"Account {_order.Count + 1}", (int)entry["transactions"]!, (long)entry["seed"]!);
            return;
        }
        var account = (string)entry["account"]! is var id && id == Own.Id ? Own : _accounts[id];
        var at = (long)entry["at"]!;
        if (topic == "stripe.write")
            Write(account, WriteCall.Of(entry), at, (long)entry["now"]!);
        else if (topic == "stripe.advance")
            Advance(account, Enum.Parse<AdvanceKind>((string)entry["kind"]!), (int)entry["count"]!, at, (long)entry["until"]!, (string?)entry["id"]);
        else
            Connection(account, (string?)entry["scope"], at);
    }
}
