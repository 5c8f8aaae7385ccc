using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FinanceIntegrations.Testing;

/// <summary>Stripe's scheme v1, written here a second time (stripe.md §7).</summary>
public static class StripeSignature
{
    /// <summary>The <c>Stripe-Signature</c> header of a body that is sent now.</summary>
    /// <param name="offset">Seconds that the sender's clock is ahead.</param>
    public static string Of(string body, string secret, int offset = 0)
    {
        var time = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + offset).ToString(CultureInfo.InvariantCulture);
        var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{body}"));
        return $"t={time},v1={Convert.ToHexStringLower(mac)}";
    }
}
