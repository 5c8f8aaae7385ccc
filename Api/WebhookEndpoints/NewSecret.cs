using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Microsoft.AspNetCore.WebUtilities;

namespace FinanceIntegrations.Api.WebhookEndpoints;

/// <summary>A signing secret: given by the provider, or made here.</summary>
internal static class NewSecret
{
    private const int MinLength = 16;
    private const int MaxLength = 512;

    public static string Make() => "whsec_" + WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));

    public static IEnumerable<ValidationResult> Check(string? secret)
    {
        if (secret is not null && (secret.Length is < MinLength or > MaxLength || !secret.All(c => c is > ' ' and <= '~')))
            yield return new($"A secret has {MinLength}–{MaxLength} printable ASCII characters.", ["secret"]);
    }
}
