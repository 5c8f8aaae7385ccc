using System.Net;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.BadInput;

public sealed class IdempotencyTests(SharedCluster shared) : ProductTest(shared)
{
    [Fact]
    public async Task The_same_key_and_body_answer_the_same_integration()
    {
        var user = NewUser();
        var first = await CreateAsync(user, "key-1", "Shop");
        var second = await CreateAsync(user, "key-1", "Shop");

        Assert.Equal(HttpStatusCode.Created, second.Status);
        Assert.Equal(first.Text, second.Text);
        Assert.False(first.Headers.Contains("Idempotent-Replayed"));
        Assert.True(second.Headers.Contains("Idempotent-Replayed"));
        Assert.Single(await user.ListAsync("/", cancel: Cancel));
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_refused()
    {
        var user = NewUser();
        await CreateAsync(user, "key-1", "Shop");
        var refused = await CreateAsync(user, "key-1", "Another shop");
        Assert.Equal((HttpStatusCode.Conflict, "idempotency_key_reused"), (refused.Status, refused.Code));
        Assert.Single(await user.ListAsync("/", cancel: Cancel));
    }

    [Fact]
    public async Task Twenty_calls_at_once_make_one_integration()
    {
        var user = NewUser();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => CreateAsync(user, "key-1", "Shop")));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.Status));
        Assert.Single(answers.Select(answer => answer["id"]).Distinct());
        Assert.Single(await user.ListAsync("/", cancel: Cancel));
    }

    [Fact]
    public async Task Keys_of_different_users_have_nothing_to_do_with_each_other()
    {
        var (alice, bob) = (NewUser("alice"), NewUser("bob"));
        Assert.NotEqual((await CreateAsync(alice, "key-1", "Shop"))["id"], (await CreateAsync(bob, "key-1", "Other"))["id"]);
    }

    [Fact]
    public async Task A_key_that_cannot_be_one_is_refused()
    {
        var refused = await CreateAsync(NewUser(), new string('k', 256), "Shop");
        Assert.Equal((HttpStatusCode.BadRequest, "validation_failed"), (refused.Status, refused.Code));
    }

    private static Task<ApiAnswer> CreateAsync(ApiUser user, string key, string name) =>
        user.SendAsync(HttpMethod.Post, "/", ApiUser.StripeIntegration(name), Cancel, ("Idempotency-Key", key));
}
