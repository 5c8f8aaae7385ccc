using FinanceIntegrations.Sandbox.Foundation;

namespace FinanceIntegrations.Sandbox.Stripe.Ledger;

/// <summary>Who keeps the books, and under which rules events are written.</summary>
internal sealed record BooksSettings(string Account, string Descriptor, string ApiVersion, long EventsFrom);

/// <summary>
/// The books of one account: what is on the shelves, and the changes that can happen. Every change names its time; times never go back, so
/// that each shelf stays in order of creation. The caller holds <see cref="Gate"/>.
/// </summary>
internal sealed partial class Books
{
    private readonly BooksSettings _settings;
    private readonly Dictionary<string, List<BalanceTransaction>> _unpaid = [];
    private readonly Dictionary<string, (long Available, long Pending)> _sums = [];
    private List<BalanceTransaction> _pending = [];
    private readonly Chance _eventIds;
    private long _latest;

    public Books(BooksSettings settings, Chance chance, int customers)
    {
        _settings = settings;
        Chance = chance;
        _eventIds = new Chance(chance.Next());
        Customers = Customer.Generate(customers, chance);
        Cards = [.. Customers.Select(_ => Card.Generate(chance))];
        foreach (var profile in CurrencyProfile.All)
        {
            _unpaid[profile.Code] = [];
            _sums[profile.Code] = default;
            BankAccounts[profile.Code] = "ba_1" + chance.Text(23);
        }
    }

    public Lock Gate { get; } = new();

    /// <summary>What the events of now come of.</summary>
    public EventCause Cause { get; set; }
    public Chance Chance { get; }
    public IReadOnlyList<Customer> Customers { get; }
    public IReadOnlyList<Card> Cards { get; }
    public Dictionary<string, string> BankAccounts { get; } = [];

    public Shelf<BalanceTransaction> BalanceTransactions { get; } = new();
    public Shelf<Charge> Charges { get; } = new();
    public Shelf<PaymentIntent> PaymentIntents { get; } = new();
    public Shelf<Refund> Refunds { get; } = new();
    public Shelf<Payout> Payouts { get; } = new();
    public Shelf<Dispute> Disputes { get; } = new();
    public Shelf<UploadedFile> Files { get; } = new();
    public Shelf<StripeEvent> Events { get; } = new();

    /// <summary>Sums of net by currency: rows that are available, and rows that are not yet. Paid rows and their payout cancel out.</summary>
    public IReadOnlyDictionary<string, (long Available, long Pending)> Sums => _sums;

    /// <summary>The time of a change asked for now: never before the last one.</summary>
    public long Now(long time) => Math.Max(time, _latest);

    /// <summary>Rows whose money has come in become available. No event tells of it.</summary>
    public int Settle(long until)
    {
        var still = new List<BalanceTransaction>();
        foreach (var row in _pending)
        {
            if (row.AvailableOn > until) still.Add(row);
            else MakeAvailable(row);
        }
        var settled = _pending.Count - still.Count;
        _pending = still;
        return settled;
    }

    public StripeEvent? Emit(long at, string type, StripeObject about, string? previous = null) =>
        at < _settings.EventsFrom ? null : Emit(at, type, about.Json, previous);

    public StripeEvent Emit(long at, string type, byte[] snapshot, string? previous = null) => Events.Add(new StripeEvent
    {
        Id = "evt_1" + _eventIds.Text(23),
        Created = Advance(at),
        Type = type,
        ApiVersion = _settings.ApiVersion,
        Snapshot = snapshot,
        PreviousAttributes = previous,
        Cause = Cause,
    });

    private string Id(string prefix) => prefix + Chance.Text(23);

    private long Advance(long at) => _latest = Math.Max(_latest, at);

    private BalanceTransaction Post(BalanceTransaction row)
    {
        BalanceTransactions.Add(row);
        var (available, pending) = _sums[row.Currency];
        row.Available = row.AvailableOn <= row.Created;
        _sums[row.Currency] = row.Available ? (available + row.Net, pending) : (available, pending + row.Net);
        if (!row.Available) _pending.Add(row);
        if (row.Type != "payout") _unpaid[row.Currency].Add(row);
        return row;
    }

    private void MakeAvailable(BalanceTransaction row)
    {
        if (row.Available) return;
        row.Available = true;
        row.Changed();
        var (available, pending) = _sums[row.Currency];
        _sums[row.Currency] = (available + row.Net, pending - row.Net);
    }
}
