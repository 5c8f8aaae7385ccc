using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using FinanceIntegrations.Data;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace FinanceIntegrations.Api.OAuth;

/// <summary>What an authorization's `state` says: whose it is and what it is for. Sealed, so nobody else can say it.</summary>
/// <param name="Nonce">Stands in the grain too, and is burned there.</param>
internal sealed record AuthorizationState(Guid Integration, string User, string Nonce, DateTimeOffset ExpiresAt)
{
    private const int NonceBytes = 32;
    private const int FixedBytes = 16 + 8 + NonceBytes;

    public static string NewNonce() => WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(NonceBytes));

    public byte[] ToBytes()
    {
        var bytes = new byte[FixedBytes + Encoding.UTF8.GetByteCount(User)];
        Integration.TryWriteBytes(bytes);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(16), ExpiresAt.ToUnixTimeMilliseconds());
        WebEncoders.Base64UrlDecode(Nonce).CopyTo(bytes.AsSpan(24));
        Encoding.UTF8.GetBytes(User, bytes.AsSpan(FixedBytes));
        return bytes;
    }

    public static AuthorizationState FromBytes(ReadOnlySpan<byte> bytes) => new(
        new(bytes[..16]),
        Encoding.UTF8.GetString(bytes[FixedBytes..]),
        WebEncoders.Base64UrlEncode(bytes.Slice(24, NonceBytes)),
        DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes[16..])));
}

/// <summary>Seals and opens what leaves us during an authorization. Each kind has a purpose of its own: one never passes for another.</summary>
internal sealed class AuthorizationSeals([FromKeyedServices("edge")] IDataProtectionProvider ring)
{
    /// <summary>A state that is longer was not made here.</summary>
    private const int MaxLength = 4096;

    private readonly IDataProtector _state = ring.CreateProtector("oauth-state", "v1");
    private readonly IDataProtector _ticket = ring.CreateProtector("oauth-start", "v1");
    private readonly IDataProtector _cookie = ring.CreateProtector("oauth-cookie", "v1");

    public string SealState(AuthorizationState state) => WebEncoders.Base64UrlEncode(_state.Protect(state.ToBytes()));

    /// <summary>Null: forged, or sealed by a key that is gone.</summary>
    public AuthorizationState? OpenState(string? text) => Open(_state, text) is { } bytes ? AuthorizationState.FromBytes(bytes) : null;

    /// <summary>What the start page needs: the state, and the provider's address.</summary>
    public string SealTicket(string state, string authorizationUrl) =>
        WebEncoders.Base64UrlEncode(_ticket.Protect(Encoding.UTF8.GetBytes($"{state}\n{authorizationUrl}")));

    public (AuthorizationState State, Uri AuthorizationUrl)? OpenTicket(string? text) =>
        Open(_ticket, text) is { } bytes && Encoding.UTF8.GetString(bytes).Split('\n', 2) is [var state, var url]
        && OpenState(state) is { } opened
            ? (opened, new(url))
            : null;

    /// <summary>Binds a browser to one authorization.</summary>
    public string SealCookie(AuthorizationState state) => WebEncoders.Base64UrlEncode(_cookie.Protect(Encoding.UTF8.GetBytes(state.Nonce)));

    public bool CookieFits(string? text, AuthorizationState state) =>
        Open(_cookie, text) is { } nonce && CryptographicOperations.FixedTimeEquals(nonce, Encoding.UTF8.GetBytes(state.Nonce));

    private static byte[]? Open(IDataProtector protector, string? text)
    {
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength) return null;
        try
        {
            return protector.Unprotect(WebEncoders.Base64UrlDecode(text));
        }
        catch (FormatException)
        {
            return null;
        }
        catch (CryptographicException e) when (!DatabaseFaults.IsUnavailable(e))   // the ring lies in the database: away is not forged
        {
            return null;
        }
    }
}
