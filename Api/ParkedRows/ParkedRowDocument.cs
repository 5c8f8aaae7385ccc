using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using FinanceIntegrations.Data.Reading;

namespace FinanceIntegrations.Api.ParkedRows;

/// <summary>A parked row with what the provider sent.</summary>
internal sealed record ParkedRowDocument : ParkedRow
{
    [SetsRequiredMembers]
    public ParkedRowDocument(ParkedRowWithRaw found)
        : base(found.Row) => (Raw, RawText) = JsonOf(found.Raw) is { } json ? (json, (string?)null) : ((JsonElement?)null, Encoding.UTF8.GetString(found.Raw.Span));

    /// <summary>The provider's own JSON; null where it is none.</summary>
    public JsonElement? Raw { get; }

    /// <summary>What the provider sent, as text, where it is no JSON.</summary>
    public string? RawText { get; }

    private static JsonElement? JsonOf(ReadOnlyMemory<byte> raw)
    {
        try
        {
            return JsonElement.Parse(raw.Span);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <param name="Mapped">Rows that fit now and are parked no longer.</param>
/// <param name="StillParked">Rows that were looked at and still do not fit.</param>
internal sealed record RemapAnswer(long Mapped, long StillParked);
