using System.Globalization;

namespace FinanceIntegrations.Sandbox.Square.Ledger;

internal sealed partial class Books
{
    private int _sent;

    /// <summary>Everything that the location has coming becomes a payout; null: there is nothing.</summary>
    public Payout? PayOut(long at, Location location)
    {
        var activities = _unpaid[location.Id];
        if (activities.Count == 0) return null;
        Advance(at);
        var id = "po_" + Guid();
        var payout = new Payout
        {
            Id = id,
            LocationId = location.Id,
            Created = at - (at % 1_000),
            Updated = at,
            Currency = location.Country.Currency,
            BankAccount = location.BankAccount,
            EndToEndId = string.Create(CultureInfo.InvariantCulture, $"L{2_100_000_000L + ++_sent}"),
            Entries =
            [
                .. activities.Select(activity => new Entry
                {
                    Id = "poe_" + Chance.Text(26),
                    LocationId = location.Id,
                    Created = activity.At,
                    PayoutId = id,
                    Currency = location.Country.Currency,
                    Activity = activity,
                }),
            ],
        };
        Payouts.Add(payout);
        activities.Clear();
        return payout;
    }

    public void PayoutPaid(long at, Payout payout) => Turn(at, payout, "PAID");

    /// <summary>The bank sends it back: it is the location's again.</summary>
    public void PayoutFailed(long at, Payout payout)
    {
        Turn(at, payout, "FAILED");
        Post(payout.LocationId, new("RETURNED_PAYOUT", payout.Amount, 0, at, []));
    }

    private void Turn(long at, Payout payout, string status)
    {
        (payout.Status, payout.Updated) = (status, Advance(at));
        payout.Version++;
    }
}
