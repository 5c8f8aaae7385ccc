using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>The <c>Stripe-Signature</c> header: one v1 for each living secret, and the v0 that test mode adds to be ignored.</summary>
internal static class StripeSignature
{
    public static string Header(long timestamp, ReadOnlySpan<byte> body, IReadOnlyList<string> secrets)
    {
        var header = new StringBuilder("t=").Append(timestamp.ToString(CultureInfo.InvariantCulture));
        foreach (var secret in secrets) header.Append(",v1=").Append(Sign(timestamp, body, secret));
        return header.Append(",v0=").Append(Sign(timestamp, body, "v0")).ToString();
    }

    /// <summary>HMAC-SHA256 over <c>timestamp.body</c>; the key is the secret's text with its prefix.</summary>
    public static string Sign(long timestamp, ReadOnlySpan<byte> body, string secret)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        mac.AppendData(Encoding.UTF8.GetBytes(timestamp.ToString(CultureInfo.InvariantCulture) + "."));
        mac.AppendData(body);
        return Convert.ToHexStringLower(mac.GetHashAndReset());
    }
}
