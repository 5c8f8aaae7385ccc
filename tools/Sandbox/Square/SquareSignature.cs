using System.Security.Cryptography;
using System.Text;

namespace FinanceIntegrations.Sandbox.Square;

/// <summary>base64 of the HMAC-SHA256 over notification URL and body, with nothing between them.</summary>
internal static class SquareSignature
{
    public static string Sign(string url, ReadOnlySpan<byte> body, string key)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(key));
        mac.AppendData(Encoding.UTF8.GetBytes(url));
        mac.AppendData(body);
        return Convert.ToBase64String(mac.GetHashAndReset());
    }

    /// <summary>The old one, over the same by SHA-1, that is still sent beside it.</summary>
    public static string Legacy(string url, ReadOnlySpan<byte> body, string key)
    {
#pragma warning disable CA5350 // As Square sends it; nobody should look at it.
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1, Encoding.UTF8.GetBytes(key));
#pragma warning restore CA5350
        mac.AppendData(Encoding.UTF8.GetBytes(url));
        mac.AppendData(body);
        return Convert.ToBase64String(mac.GetHashAndReset());
    }
}
