using System.Net;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.BadInput;

public sealed class DefinitionTests(SharedCluster shared) : ProductTest(shared)
{
    [Theory]
    [InlineData("""{"name":"x","integration_type":"payment_processor","provider":"stripes"}""", "unknown_provider")]
    [InlineData("""{"name":"x","integration_type":"payment_processor","provider":""}""", "validation_failed")]
    [InlineData("""{"name":"x","integration_type":"bank","provider":"hsbc"}""", "provider_not_supported")]
    [InlineData("""{"name":"x","integration_type":"shop","provider":"stripe"}""", "unknown_integration_type")]
    [InlineData("""{"name":"x","integration_type":"bank","provider":"stripe"}""", "integration_type_mismatch")]
    [InlineData("""{"name":"x","integration_type":"payment_processor","provider":"stripe","colour":"red"}""", "unknown_field")]
    [InlineData("""{"name":"x","name":"y","integration_type":"payment_processor","provider":"stripe"}""", "malformed_json")]
    [InlineData("""{"name":7,"integration_type":"payment_processor","provider":"stripe"}""", "validation_failed")]
    [InlineData("""{"name":"x","integration_type":"payment_processor","provider":"stripe","config":[]}""", "validation_failed")]
    [InlineData("""{"name":"x","integration_type":"payment_processor","provider":"stripe","config":{"a":"\u0000"}}""", "validation_failed")]
    [InlineData("""{"name":"x","integration_type":"payment""", "malformed_json")]
    [InlineData("not json", "malformed_json")]
    [InlineData("", "body_missing")]
    [InlineData("null", "body_missing")]
    public async Task A_definition_that_does_not_fit_is_refused_with_its_code(string body, string code) =>
        Assert.Equal((HttpStatusCode.BadRequest, code), Seen(await NewUser().PostAsync("/", body, Cancel)));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(10_081)]
    public async Task A_frequency_out_of_range_is_refused_and_named(int minutes)
    {
        var user = NewUser();
        var refused = await user.PostAsync("/", ApiUser.StripeIntegration("x", minutes), Cancel);
        Assert.Equal((HttpStatusCode.BadRequest, "validation_failed"), Seen(refused));
        Assert.NotNull(refused.Json!["errors"]!["sync_frequency_minutes"]);

        var id = await user.CreateStripeAsync(cancel: Cancel);
        Assert.Equal((HttpStatusCode.BadRequest, "validation_failed"),
            Seen(await user.SendAsync(HttpMethod.Put, $"/{id}", new { sync_frequency_minutes = minutes }, Cancel)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(201)]
    [InlineData(100_000)]
    public async Task A_name_too_long_or_empty_is_refused_and_named(int length)
    {
        var refused = await NewUser().PostAsync("/", ApiUser.StripeIntegration(new string('n', length)), Cancel);
        Assert.Equal((HttpStatusCode.BadRequest, "validation_failed"), Seen(refused));
        Assert.NotNull(refused.Json!["errors"]!["name"]);
    }

    [Fact]
    public async Task The_longest_name_and_the_ends_of_the_frequency_are_taken()
    {
        var user = NewUser();
        var longest = new string('ñ', 200);
        var created = (await user.PostAsync("/", ApiUser.StripeIntegration(longest, 1), Cancel)).MustBeOk("create");
        Assert.Equal(longest, created["name"]);
        (await user.PostAsync("/", ApiUser.StripeIntegration("x", 10_080), Cancel)).MustBeOk("create");
    }

    [Fact]
    public async Task A_body_over_the_cap_is_refused() =>
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "body_too_large"),
            Seen(await NewUser().SendAsync(HttpMethod.Post, "/", ApiUser.StripeIntegration(new string('n', 1_100_000)), Cancel, ("Expect", "100-continue"))));

    [Fact]
    public async Task A_body_that_is_not_json_by_its_type_is_refused()
    {
        using var form = new HttpRequestMessage(HttpMethod.Post, Product.Processes.ApiUrl + ApiUser.Base + "/");
        form.Headers.Authorization = new("Bearer", Product.Processes.Tokens.For("form"));
        form.Content = new FormUrlEncodedContent([new("name", "x")]);
        using var http = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        using var message = await http.SendAsync(form, Cancel);
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "unsupported_media_type"), Seen(await ApiAnswer.ReadAsync(message, Cancel)));
    }

    [Theory]
    [InlineData("/?cursor=nonsense", "cursor_invalid")]
    [InlineData("/?cursor=bm9uc2Vuc2U", "cursor_invalid")]
    [InlineData("/?limit=0", "validation_failed")]
    [InlineData("/?limit=501", "validation_failed")]
    [InlineData("/?limit=many", "parameter_invalid")]
    [InlineData("/?provider=stripes", "validation_failed")]
    [InlineData("/?status=well", "validation_failed")]
    public async Task A_list_refuses_what_it_cannot_read(string path, string code) =>
        Assert.Equal((HttpStatusCode.BadRequest, code), Seen(await NewUser().GetAsync(path, Cancel)));

    [Theory]
    [InlineData("transactions", "cursor=nonsense", "cursor_invalid")]
    [InlineData("syncs", "cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk6eA", "cursor_invalid")]
    [InlineData("logs", "level=loud", "validation_failed")]
    [InlineData("transactions", "from=yesterday", "parameter_invalid")]
    [InlineData("webhook-events", "status=lost", "validation_failed")]
    public async Task The_lists_of_an_integration_refuse_what_they_cannot_read(string list, string query, string code)
    {
        var user = NewUser();
        var id = await user.CreateStripeAsync(cancel: Cancel);
        Assert.Equal((HttpStatusCode.BadRequest, code), Seen(await user.GetAsync($"/{id}/{list}?{query}", Cancel)));
    }

    private static (HttpStatusCode Status, string? Code) Seen(ApiAnswer answer) => (answer.Status, answer.Code);
}
