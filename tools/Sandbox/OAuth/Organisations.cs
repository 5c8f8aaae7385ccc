using System.Globalization;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.Foundation;

namespace FinanceIntegrations.Sandbox.OAuth;

/// <summary>Who can be chosen on a provider's consent page; survives a restart through the journal.</summary>
internal sealed class Organisations
{
    private readonly Lock _lock = new();
    private readonly List<ConsentChoice> _all = [];
    private readonly Journal _journal;
    private readonly string _topic;
    private readonly Func<int, string> _newId;

    /// <param name="provider">Whose.</param>
    /// <param name="newId">The id of the n-th, from 1.</param>
    /// <param name="journal">Keeps them.</param>
    public Organisations(string provider, Func<int, string> newId, Journal journal)
    {
        (_topic, _newId, _journal) = ($"{provider}.organisation", newId, journal);
        _all.Add(new(newId(1), "Demo Company"));
        _all.AddRange(journal.Past(_topic).Select(entry => new ConsentChoice((string)entry["id"]!, (string)entry["name"]!)));
    }

    public IReadOnlyList<ConsentChoice> All
    {
        get
        {
            lock (_lock) return [.. _all];
        }
    }

    public ConsentChoice Add(string? name)
    {
        lock (_lock)
        {
            var number = _all.Count + 1;
            var added = new ConsentChoice(_newId(number), name ?? string.Create(CultureInfo.InvariantCulture, $"Company {number}"));
            _all.Add(added);
            _journal.Append(_topic, new JsonObject { ["id"] = added.Id, ["name"] = added.Name });
            return added;
        }
    }
}
