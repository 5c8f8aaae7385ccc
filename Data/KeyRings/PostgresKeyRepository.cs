using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;

namespace FinanceIntegrations.Data.KeyRings;

/// <summary>One ring's keys as rows. Data Protection calls it rarely and synchronously: at start, once a day, and when a key is made.</summary>
internal sealed class PostgresKeyRepository(NpgsqlDataSource database, string ring) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        // Index: data_protection_keys_by_ring.
        using var command = database.CreateCommand("select xml from data_protection_keys where ring = $1 order by id");
        command.Parameters.Add(new() { Value = ring });
        using var reader = command.ExecuteReader();
        var elements = new List<XElement>();
        while (reader.Read()) elements.Add(XElement.Parse(reader.GetString(0)));
        return elements;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var command = database.CreateCommand("insert into data_protection_keys (ring, friendly_name, xml) values ($1, $2, $3)");
        command.Parameters.Add(new() { Value = ring });
        command.Parameters.Add(new() { Value = friendlyName });
        command.Parameters.Add(new() { Value = element.ToString(SaveOptions.DisableFormatting) });
        command.ExecuteNonQuery();
    }
}
