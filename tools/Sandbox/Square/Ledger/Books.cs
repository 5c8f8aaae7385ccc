using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.Foundation;

namespace FinanceIntegrations.Sandbox.Square.Ledger;

/// <summary>
/// The books of one seller: what is on them, and the changes that can happen. Every change names its time, in unix milliseconds; times never go
/// back. The caller holds <see cref="Gate"/>.
/// </summary>
internal sealed partial class Books
{
    private readonly string _merchant;
    private readonly Dictionary<string, List<Activity>> _unpaid = [];
    private long _latest;

    public Books(string merchant, string business, Country country, Chance chance, long opened, long closed)
    {
        (_merchant, Chance) = (merchant, chance);
        foreach (var name in (string[])["High Street", "Station Road", "Old Market"])
        {
            var location = new Location
            {
                Id = "L" + Upper(12),
                LocationId = "",
                MerchantId = merchant,
                Name = name,
                Business = business,
                Country = country,
                Created = opened,
                BankAccount = "bact:" + chance.Text(18),
                ClosedAt = name == "Old Market" ? closed : null,
            };
            Locations.Add(location);
            _unpaid[location.Id] = [];
        }
    }

    public Lock Gate { get; } = new();
    public Chance Chance { get; }

    /// <summary>The first is the main location.</summary>
    public List<Location> Locations { get; } = [];
    public List<Payment> Payments { get; } = [];
    public List<Refund> Refunds { get; } = [];
    public List<Payout> Payouts { get; } = [];
    public List<Dispute> Disputes { get; } = [];
    public List<SquareEvent> Events { get; } = [];

    /// <summary>What each location has taken and not been paid out yet: payments and refunds alone, or everything.</summary>
    public IEnumerable<(Location Location, long Sales, long All)> Unpaid => Locations.Select(location => (location,
        _unpaid[location.Id].Where(activity => activity.Type is "CHARGE" or "REFUND").Sum(activity => activity.Net),
        _unpaid[location.Id].Sum(activity => activity.Net)));

    /// <summary>The time of a change that is made at that time, or, where others were made since, just behind the last of them: no two have the same.</summary>
    public long Now(long time) => Math.Max(time, _latest + 1);

    public SquareEvent Emit(long at, string type, SquareObject about, string objectType) =>
        Emit(at, type, about.LocationId, objectType, about.Id, about.Json());

    public SquareEvent Emit(long at, string type, string? location, string objectType, string objectId, JsonObject? carried)
    {
        var happened = new SquareEvent(Guid(), _merchant, location, type, at, objectType, objectId, carried);
        Events.Add(happened);
        return happened;
    }

    public string Guid() => Guid(Chance);

    public static string Guid(Chance chance)
    {
        var hex = $"{chance.Next():x16}{chance.Next():x16}";
        return $"{hex[..8]}-{hex[8..12]}-{hex[12..16]}-{hex[16..20]}-{hex[20..]}";
    }

    private long Advance(long at) => _latest = Math.Max(_latest, at);

    private string Upper(int length) => string.Concat(Enumerable.Range(0, length).Select(_ => "ABCDEFGHJKMNPQRSTVWXYZ0123456789"[Chance.Below(32)]));
}
