using System.Globalization;
using System.Text;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>The headers of a webhook, read (paypal.md §7).</summary>
internal sealed record PayPalSignature(string TransmissionId, string TransmissionTime, DateTimeOffset SignedAt, string Text, byte[] Signature, Uri CertificateUrl)
{
    /// <summary>The only scheme that there is.</summary>
    public const string Algorithm = "SHA256withRSA";

    /// <summary>Null: one is missing, or is not of this scheme.</summary>
    /// <param name="headers">In the order of <see cref="PayPalWebhooks.SignatureHeaders"/>.</param>
    /// <param name="longest">Characters of each.</param>
    public static PayPalSignature? Read(ReadOnlySpan<string> headers, int longest)
    {
        if (headers.Length != 5) return null;
        foreach (var header in headers)
            if (header is not { Length: > 0 } || header.Length > longest) return null;
        var (id, time, text, address) = (headers[0], headers[1], headers[2], headers[3]);
        if (headers[4] != Algorithm || id.Contains('|', StringComparison.Ordinal) || PayPalTime.Parse(time) is not { } signedAt) return null;
        var bytes = new byte[text.Length * 3 / 4 + 3];
        if (!Convert.TryFromBase64String(text, bytes, out var length) || length == 0) return null;
        return Uri.TryCreate(address, UriKind.Absolute, out var url) ? new(id, time, signedAt, text, bytes[..length], url) : null;
    }

    /// <summary>What is signed.</summary>
    public byte[] Message(string webhookId, uint crc32) => Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{TransmissionId}|{TransmissionTime}|{webhookId}|{crc32}"));

    public override string ToString() => "signature ***";
}

/// <summary>CRC-32 of IEEE 802.3, as in zlib.</summary>
internal static class PayPalCrc32
{
    private static readonly uint[] Table = Build();

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes) crc = Table[(byte)(crc ^ one)] ^ (crc >> 8);
        return ~crc;
    }

    private static uint[] Build()
    {
        var table = new uint[256];
        for (var i = 0u; i < table.Length; i++)
        {
            var entry = i;
            for (var bit = 0; bit < 8; bit++) entry = (entry & 1) == 0 ? entry >> 1 : (entry >> 1) ^ 0xEDB88320;
            table[i] = entry;
        }
        return table;
    }
}
