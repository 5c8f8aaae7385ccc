using FinanceIntegrations.Data.Endpoints;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Endpoints;

public sealed class IdempotencyKeysTests(OwnDatabase own) : DatabaseTest(own)
{
    private readonly string _key = $"{NewId():N}";

    [Fact]
    public async Task The_first_request_gets_the_id_that_it_proposed_and_a_repeat_the_same()
    {
        var (first, second) = (NewId(), NewId());
        Assert.Equal(new(first, SameRequest: true, First: true), await ClaimAsync("body", first));
        Assert.Equal(new(first, SameRequest: true, First: false), await ClaimAsync("body", second));
    }

    [Fact]
    public async Task Another_body_under_the_same_key_is_told_and_changes_nothing()
    {
        var first = NewId();
        await ClaimAsync("body", first);
        Assert.Equal(new(first, SameRequest: false, First: false), await ClaimAsync("another", NewId()));
        Assert.Equal(new(first, SameRequest: true, First: false), await ClaimAsync("body", NewId()));
    }

    [Fact]
    public async Task Users_have_keys_of_their_own()
    {
        var (alices, bobs) = (NewId(), NewId());
        Assert.True((await ClaimAsync("body", alices)).First);
        Assert.Equal(new(bobs, SameRequest: true, First: true), await ClaimAsync("another", bobs, "bob"));
    }

    [Fact]
    public async Task Of_requests_at_once_one_is_first_and_all_get_its_id()
    {
        for (var round = 0; round < 5; round++)
        {
            var body = $"body {round}";
            var claims = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => ClaimAsync(body, NewId(), $"user {round}")));
            Assert.Single(claims, c => c.First);
            Assert.Single(claims.Select(c => c.Resource).Distinct());
            Assert.All(claims, c => Assert.True(c.SameRequest));
        }
    }

    [Fact]
    public async Task A_key_that_is_forgotten_is_a_new_request()
    {
        var (first, second) = (NewId(), NewId());
        await ClaimAsync("body", first);
        await new IdempotencyKeys(Source).ForgetAsync(Begin, Cancel);
        Assert.False((await ClaimAsync("body", second)).First);   // claimed at that moment, not before it
        Assert.True(await new IdempotencyKeys(Source).ForgetAsync(Begin.AddTicks(10), Cancel) >= 1);
        Assert.Equal(new(second, SameRequest: true, First: true), await ClaimAsync("another", second));
    }

    private Task<IdempotencyClaim> ClaimAsync(string body, Guid proposed, string owner = "alice") => new IdempotencyKeys(Source).ClaimAsync(
        owner, _key, System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(body)), proposed, Begin, Cancel);
}
