using CsCheck;
using FinanceIntegrations.Domain.Providers;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

public sealed class DenialTests
{
    private static readonly string[] OfOAuth =
    [
        "invalid_request", "unauthorized_client", "access_denied", "unsupported_response_type", "invalid_scope", "server_error", "temporarily_unavailable",
        "interaction_required", "login_required", "account_selection_required", "consent_required",
    ];

    [Fact]
    public void A_reason_that_OAuth_knows_is_told() =>
        Assert.All(OfOAuth, error => Assert.Contains($"answered {error}:", Denials.Of(error).Message, StringComparison.Ordinal));

    [Fact]
    public void Whatever_else_a_callback_carries_is_never_repeated() =>
        Gen.OneOf(Gen.String, Any.Of(OfOAuth).Select(error => error + " "), Any.Of(OfOAuth).Select(error => error.ToUpperInvariant())).Sample(text =>
        {
            if (OfOAuth.Contains(text)) return;
            Assert.Equal(Denials.Of(null), Denials.Of(text));
        });
}
