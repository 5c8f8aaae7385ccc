using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace FinanceIntegrations.Sandbox.Stripe.Ledger;

/// <summary>A row of the books. Its JSON is written once and kept until the row changes.</summary>
internal abstract class StripeObject
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private byte[]? _json;

    public required string Id { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long Created { get; init; }

    public byte[] Json => _json ??= Render(Write);

    /// <summary>Equality filters whose value never changes once set: they have an index of their own.</summary>
    public virtual IEnumerable<(string Field, string? Value)> Keys => [];

    /// <summary>The value an equality filter compares.</summary>
    public virtual string? Value(string field) => null;

    /// <summary>The value a range filter compares.</summary>
    public virtual long Time(string field) => Created;

    public void Changed() => _json = null;

    protected abstract void Write(Utf8JsonWriter json);

    public static byte[] Render(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
