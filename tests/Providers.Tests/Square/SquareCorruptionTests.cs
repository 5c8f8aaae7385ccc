using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers.Square;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Square;

/// <summary>Whatever stands in a row: the others are mapped as if it were in order, and it is kept.</summary>
public sealed class SquareCorruptionTests : IDisposable
{
    private static readonly DateTimeOffset AsOf = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly (SquareObject Kind, string Stream, string Sample)[] Objects =
    [
        (SquareObject.Payment, "payments", SquareBench.Payment("id")), (SquareObject.Payout, "payouts", SquareBench.Payout("id")),
        (SquareObject.Entry, "transactions", SquareBench.Entry("id", "po_1")), (SquareObject.Dispute, "disputes", SquareBench.Dispute("id", "PROCESSING")),
        (SquareObject.Refund, "refunds", """{"id":"id","amount_money":{"amount":1,"currency":"JPY"},"created_at":"2026-10-31T10:00:00Z","reason":"x","payment_id":"p","status":"PENDING"}"""),
        (SquareObject.Location, "accounts", """{"id":"id","name":"Shop","currency":"GBP","country":"GB","status":"ACTIVE"}"""),
    ];

    /// <summary>Any JSON in the place of a field's value.</summary>
    private static readonly Gen<string> AnyValue = Gen.OneOf(
        Gen.Int[0, 9].Select(n => new[] { "null", "true", "[]", "{}", "\"\"", "\"\\u0000\"", "1e400", "-99999999999999999999", "\"\\ud800\"", "[null]" }[n]),
        Gen.Long.Select(n => n.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        Gen.String.Select(text => JsonValue.Create(text)!.ToJsonString()));

    private readonly SquareBench _bench = new();

    [Fact]
    public void A_row_of_which_any_field_is_anything_loses_no_other_row_and_not_itself() =>
        Gen.Select(Gen.Int[0, Objects.Length - 1], Gen.Int[0, 4], Gen.Int[0, 100], AnyValue).Sample((which, place, field, value) =>
        {
            var (kind, _, sample) = Objects[which];
            var rows = Enumerable.Range(0, 5).Select(n => Row(sample, n)).ToArray();
            rows[place] = Corrupt(rows[place], field, value);
            var list = SquareList.Read("things", Encoding.UTF8.GetBytes($$"""{"things":[{{string.Join(',', rows)}}],"cursor":"c"}"""));

            Assert.Equal(5, list!.Rows.Count);
            for (var n = 0; n < 5; n++)
            {
                var mapped = SquareMapping.Row(kind, list.Rows[n], AsOf);
                if (n != place) Assert.Equal($"id_{n}", mapped.Record?.ExternalId);
                else Assert.Equal(rows[n], Encoding.UTF8.GetString((mapped.Record?.Raw ?? mapped.Rejected!.Raw).Span));
            }
        });

    [Fact]
    public void Any_bytes_are_a_list_or_none_and_any_row_a_record_or_a_misfit_with_its_payload() =>
        Gen.Select(Gen.Int[0, Objects.Length - 1], Gen.Int[0, 1_000_000], Gen.Byte, Gen.Int[0, 3]).Sample((which, place, @byte, change) =>
        {
            var (kind, _, sample) = Objects[which];
            var body = Encoding.UTF8.GetBytes($$"""{"things":[{{Row(sample, 0)}},{{Row(sample, 1)}}]}""").ToList();
            var at = place % body.Count;
            if (change == 0) body.RemoveAt(at);
            else if (change == 1) body.Insert(at, @byte);
            else if (change == 2) body[at] = @byte;
            else body.RemoveRange(at, body.Count - at);
            foreach (var raw in SquareList.Read("things", body.ToArray())?.Rows ?? [])
            {
                var mapped = SquareMapping.Row(kind, raw, AsOf);
                Assert.True(raw.Span.SequenceEqual((mapped.Record?.Raw ?? mapped.Rejected!.Raw).Span));
            }
        });

    [Fact]
    public void Any_bytes_are_an_event_or_none() =>
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Byte, Gen.Int[0, 2]).Sample((place, @byte, change) =>
        {
            var body = Encoding.UTF8.GetBytes($$$$$$$"""{"merchant_id":"M","type":"payment.updated","event_id":"e","created_at":"2026-01-01T00:00:00Z","data":{"type":"payment","id":"p","object":{"payment":{{{{{{{SquareBench.Payment("p")}}}}}}}}}}""").ToList();
            var at = place % body.Count;
            if (change == 0) body.RemoveAt(at);
            else if (change == 1) body.Insert(at, @byte);
            else body[at] = @byte;
            var webhooks = new SquareWebhooks();
            webhooks.ReadEnvelope(body.ToArray());
            var effect = webhooks.Interpret("payment.updated", body.ToArray());
            Assert.True(effect.Records.Count == 1 || effect.Unreadable is not null || effect.StreamsToSync.Count == 1);
        });

    [Fact]
    public void A_misfit_that_is_mapped_again_is_what_the_list_would_have_made_of_it() =>
        Gen.Select(Gen.Int[0, Objects.Length - 1], Gen.Int[0, 100], AnyValue).Sample((which, field, value) =>
        {
            var (kind, stream, sample) = Objects[which];
            var raw = Encoding.UTF8.GetBytes(Corrupt(Row(sample, 1), field, value));
            var mapped = SquareMapping.Row(kind, raw, AsOf);
            var again = ((IMapsRows)_bench.Registry.Find(ProviderId.Square)!).MapAgain(new(stream, SquareBench.Seller, raw, AsOf));
            Assert.Equal((mapped.Record?.ExternalId, mapped.Rejected?.Code), (again.Records.SingleOrDefault()?.ExternalId, again.Rejected?.Code));
        });

    public void Dispose() => _bench.Dispose();

    private static string Row(string sample, int number) => sample.Replace("\"id\":\"id\"", $"\"id\":\"id_{number}\"", StringComparison.Ordinal);

    /// <summary>Puts the value, as text, in the place of one of the row's own fields.</summary>
    private static string Corrupt(string row, int field, string value)
    {
        var fields = JsonNode.Parse(row)!.AsObject().Select(pair => (pair.Key, Value: pair.Value!.ToJsonString())).ToArray();
        fields[field % fields.Length].Value = value;
        return $"{{{string.Join(',', fields.Select(pair => $"\"{pair.Key}\":{pair.Value}"))}}}";
    }
}
