using FinanceIntegrations.Local.Running;
using FinanceIntegrations.Local.Services;
using Xunit;

namespace FinanceIntegrations.Local.Tests;

public sealed class TokenOptionsTests
{
    private static readonly string Key = Convert.ToBase64String(new byte[32]);

    [Fact]
    public void A_token_is_of_one_user_with_the_roles_that_are_asked_for()
    {
        var options = TokenOptions.Parse(["alice", "--writer", "--key", Key]);
        Assert.Equal(("alice", Key, true, false), (options.User, options.Key, options.Writer, options.Admin));
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("alice", "--key")]
    [InlineData("alice", "--key", "")]
    [InlineData("alice", "--key", "short")]
    [InlineData("alice", "bob", "--key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("--key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public void What_makes_no_token_is_refused_with_the_way_to_ask(params string[] arguments) =>
        Assert.Contains("--writer", Assert.Throws<LocalStartException>(() => TokenOptions.Parse(arguments)).Message, StringComparison.Ordinal);
}
