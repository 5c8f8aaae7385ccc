using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers.PayPal;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.PayPal;

/// <summary>Whatever stands in a row: the others are mapped as if it were in order, and it is kept.</summary>
public sealed class PayPalCorruptionTests
{
    private static readonly DateTimeOffset AsOf = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Any JSON in the place of a field's value.</summary>
    private static readonly Gen<string> AnyValue = Gen.OneOf(
        Gen.Int[0, 7].Select(n => new[] { "null", "true", "[]", "{}", "\"\"", "\"\\u0000\"", "1e400", "-99999999999999999999" }[n]),
        Gen.Long.Select(n => n.ToString(CultureInfo.InvariantCulture)),
        Gen.String.Select(text => JsonValue.Create(text)!.ToJsonString()));

    [Fact]
    public void A_row_of_which_any_field_is_anything_loses_no_other_row_and_not_itself() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 100], AnyValue).Sample((place, field, value) =>
        {
            var rows = Enumerable.Range(0, 5).Select(n => PayPalBench.Row($"ID{n}")).ToArray();
            rows[place] = Corrupt(rows[place], field, value);
            var list = PayPalList.Read(Encoding.UTF8.GetBytes(PayPalBench.Page("2026-11-01T00:00:00Z", 1, 1, rows)), "transaction_details"u8);

            Assert.Equal(5, list!.Rows.Count);
            for (var n = 0; n < 5; n++)
            {
                var mapped = PayPalMapping.Reported(PayPalStreams.Transactions, list.Rows[n], AsOf);
                if (n != place) Assert.StartsWith($"ID{n}|", mapped.Record?.ExternalId, StringComparison.Ordinal);
                else Assert.Equal(rows[n], Encoding.UTF8.GetString((mapped.Record?.Raw ?? mapped.Rejected!.Raw).Span));
            }
        });

    [Fact]
    public void Any_bytes_are_a_list_or_none_and_any_row_a_record_or_a_misfit_with_its_payload() =>
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Byte, Gen.Int[0, 3]).Sample((place, @byte, change) =>
        {
            var body = Encoding.UTF8.GetBytes(PayPalBench.Page("2026-11-01T00:00:00Z", 1, 1, PayPalBench.Row("A"), PayPalBench.Row("B"))).ToList();
            var at = place % body.Count;
            if (change == 0) body.RemoveAt(at);
            else if (change == 1) body.Insert(at, @byte);
            else if (change == 2) body[at] = @byte;
            else body.RemoveRange(at, body.Count - at);
            foreach (var raw in PayPalList.Read(body.ToArray(), "transaction_details"u8)?.Rows ?? [])
            {
                var mapped = PayPalMapping.Reported(PayPalStreams.Transactions, raw, AsOf);
                Assert.True(raw.Span.SequenceEqual((mapped.Record?.Raw ?? mapped.Rejected!.Raw).Span));
            }
        });

    [Fact]
    public void A_dispute_of_which_any_field_is_anything_is_a_record_or_a_misfit_and_mapped_again_it_is_the_same() =>
        Gen.Select(Gen.Int[0, 100], AnyValue).Sample((field, value) =>
        {
            var node = JsonNode.Parse(PayPalBench.Dispute("PP-D-1"))!.AsObject();
            var name = node.Select(pair => pair.Key).ElementAt(field % node.Count);
            var raw = Encoding.UTF8.GetBytes(node.ToJsonString().Replace($"\"{name}\":{node[name]!.ToJsonString()}", $"\"{name}\":{value}", StringComparison.Ordinal));
            var connector = new PayPalConnector(null!, null!, TimeProvider.System);   // mapping calls nobody

            var (first, again) = (PayPalMapping.Dispute(raw, AsOf), connector.MapAgain(new RawRow(PayPalStreams.Disputes, PayPalBench.Merchant, raw, AsOf)));

            Assert.Equal(first.Record, again.Records.SingleOrDefault());
            Assert.Equal(first.Rejected?.Code, again.Rejected?.Code);
            Assert.True(first.Record is not null || first.Rejected is not null);
        });

    private static string Corrupt(string row, int field, string value)
    {
        var info = JsonNode.Parse(row)!["transaction_info"]!.AsObject();
        var name = info.Select(pair => pair.Key).ElementAt(field % info.Count);
        return row.Replace($"\"{name}\":{info[name]!.ToJsonString()}", $"\"{name}\":{value}", StringComparison.Ordinal);
    }
}
