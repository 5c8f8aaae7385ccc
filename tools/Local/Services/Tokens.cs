using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace FinanceIntegrations.Local.Services;

/// <summary>Mints development tokens: the api takes them only while it has the development signing key, which production refuses.</summary>
public sealed class Tokens(string signingKey, TimeProvider clock)
{
    public const string Issuer = "finance-integrations-dev";
    public const string Audience = "finance-integrations";

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);
    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    private readonly SigningCredentials _credentials =
        new(new SymmetricSecurityKey(Convert.FromBase64String(signingKey)), SecurityAlgorithms.HmacSha256);

    /// <param name="user">The token's subject.</param>
    /// <param name="admin">Adds the role <c>admin</c>.</param>
    /// <param name="writer">Adds the role <c>writer</c>: may change something at providers.</param>
    /// <param name="lifetime">From now on; 30 days unless told. A negative one makes an expired token.</param>
    public string For(string user, bool admin = false, TimeSpan? lifetime = null, bool writer = false)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var expires = now + (lifetime ?? Lifetime);
        var issued = expires < now ? expires.AddHours(-1) : now;
        var claims = new Dictionary<string, object> { [JwtRegisteredClaimNames.Sub] = user };
        string[] roles = [.. (string[])(admin ? ["admin"] : []), .. (string[])(writer ? ["writer"] : [])];
        if (roles.Length > 0)
            claims["role"] = roles;
        return Handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            Claims = claims,
            IssuedAt = issued,
            NotBefore = issued,
            Expires = expires,
            SigningCredentials = _credentials,
        });
    }
}
