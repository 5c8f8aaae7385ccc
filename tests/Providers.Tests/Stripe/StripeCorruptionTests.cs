using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers.Stripe;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Stripe;

/// <summary>Whatever stands in a row: the others are mapped as if it were in order, and it is kept.</summary>
public sealed class StripeCorruptionTests
{
    private static readonly DateTimeOffset AsOf = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly (StripeObject Kind, string Sample)[] Objects =
    [
        (StripeObject.BalanceTransaction, "balance_transaction"), (StripeObject.Payout, "payout"), (StripeObject.Dispute, "dispute"),
        (StripeObject.Charge, "charge"), (StripeObject.Refund, "refund"), (StripeObject.Account, "account"),
    ];

    /// <summary>Any JSON in the place of a field's value.</summary>
    private static readonly Gen<string> AnyValue = Gen.OneOf(
        Gen.Int[0, 7].Select(n => new[] { "null", "true", "[]", "{}", "\"\"", "\"\\u0000\"", "1e400", "-99999999999999999999" }[n]),
        Gen.Long.Select(n => n.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        Gen.String.Select(text => JsonValue.Create(text)!.ToJsonString()));

    [Fact]
    public void A_row_of_which_any_field_is_anything_loses_no_other_row_and_not_itself() =>
        Gen.Select(Gen.Int[0, Objects.Length - 1], Gen.Int[0, 4], Gen.Int[0, 100], AnyValue).Sample((which, place, field, value) =>
        {
            var (kind, sample) = Objects[which];
            var rows = Enumerable.Range(0, 5).Select(n => Row(sample, n)).ToArray();
            rows[place] = Corrupt(rows[place], field, value);
            var list = StripeList.Read(Encoding.UTF8.GetBytes($$"""{"object":"list","data":[{{string.Join(',', rows)}}],"has_more":false}"""));

            Assert.Equal(5, list!.Rows.Count);
            for (var n = 0; n < 5; n++)
            {
                var mapped = StripeMapping.Row(kind, list.Rows[n], AsOf);
                if (n != place) Assert.Equal($"id_{n}", mapped.Record?.ExternalId);
                else Assert.Equal(rows[n], Encoding.UTF8.GetString((mapped.Record?.Raw ?? mapped.Rejected!.Raw).Span));
            }
        });

    [Fact]
    public void Any_bytes_are_a_list_or_none_and_any_row_a_record_or_a_misfit_with_its_payload() =>
        Gen.Select(Gen.Int[0, Objects.Length - 1], Gen.Int[0, 1_000_000], Gen.Byte, Gen.Int[0, 3]).Sample((which, place, @byte, change) =>
        {
            var (kind, sample) = Objects[which];
            var body = Encoding.UTF8.GetBytes($$"""{"object":"list","data":[{{Row(sample, 0)}},{{Row(sample, 1)}}],"has_more":true}""").ToList();
            var at = place % body.Count;
            if (change == 0) body.RemoveAt(at);
            else if (change == 1) body.Insert(at, @byte);
            else if (change == 2) body[at] = @byte;
            else body.RemoveRange(at, body.Count - at);
            foreach (var raw in StripeList.Read(body.ToArray())?.Rows ?? [])
            {
                var mapped = StripeMapping.Row(kind, raw, AsOf);
                Assert.True(raw.Span.SequenceEqual((mapped.Record?.Raw ?? mapped.Rejected!.Raw).Span));
            }
        });

    [Fact]
    public void A_misfit_that_is_mapped_again_is_what_the_list_would_have_made_of_it() =>
        Gen.Select(Gen.Int[0, Objects.Length - 2], Gen.Int[0, 100], AnyValue).Sample((which, field, value) =>
        {
            var (kind, sample) = Objects[which];
            var raw = Encoding.UTF8.GetBytes(Corrupt(Row(sample, 0), field, value));
            var connector = new StripeConnector(null!, null!);   // mapping calls nobody
            var stream = StripeStreams.All.First(s => s.Id is not (StripeStreams.Accounts or StripeStreams.Balances or StripeStreams.PayoutEntries) && StripeStreams.ObjectOf(s.Id) == kind).Id;

            var (first, again) = (StripeMapping.Row(kind, raw, AsOf), connector.MapAgain(new RawRow(stream, "acct_1", raw, AsOf)));

            Assert.Equal(first.Record, again.Records.SingleOrDefault());
            Assert.Equal(first.Rejected?.Code, again.Rejected?.Code);
        });

    [Fact]
    public void An_entry_of_a_payout_that_does_not_fit_is_parked_with_its_payout_and_mapped_again_the_same() =>
        Gen.Select(Gen.Int[0, 100], AnyValue).Sample((field, value) =>
        {
            var raw = Encoding.UTF8.GetBytes(Corrupt(Row("balance_transaction", 0), field, value));
            var first = StripeMapping.Entry("po_1", raw, AsOf);
            var again = new StripeConnector(null!, null!).MapAgain(
                new RawRow(StripeStreams.PayoutEntries, "acct_1", first.Rejected?.Raw ?? Encoding.UTF8.GetBytes($$"""{"payout":"po_1","entry":{{Encoding.UTF8.GetString(raw)}}}"""), AsOf));
            Assert.Equal(first.Record?.ExternalId, again.Records.SingleOrDefault()?.ExternalId);
            Assert.Equal(first.Rejected?.Code, again.Rejected?.Code);
        });

    private static string Row(string sample, int n)
    {
        var row = JsonNode.Parse(Sample.Bytes(sample))!.AsObject();
        row["id"] = $"id_{n}";
        return row.ToJsonString();
    }

    private static string Corrupt(string row, int field, string value)
    {
        var node = JsonNode.Parse(row)!.AsObject();
        var name = node.Select(pair => pair.Key).ElementAt(field % node.Count);
        return row.Replace($"\"{name}\":{node[name]?.ToJsonString() ?? "null"}", $"\"{name}\":{value}", StringComparison.Ordinal);
    }
}
