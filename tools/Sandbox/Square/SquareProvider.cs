using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.Faults;
using FinanceIntegrations.Sandbox.OAuth;

namespace FinanceIntegrations.Sandbox.Square;

/// <summary>Square: OAuth in both client forms, the read side of the v2 API, what a seller does about a dispute, and signed webhooks.</summary>
internal sealed class SquareProvider(SquareApi api, SquareDisputeAnswers answers, SquareOAuth oauth, Consent consent, SquareConsents consents, SquareControl changes) : ISandboxProvider
{
    private static readonly string[] Lists = ["locations", "payments", "refunds", "payouts", "payout_entries", "disputes"];

    /// <summary>Of an entry: they move together.</summary>
    private static readonly string[] Sums = ["gross_amount_money", "net_amount_money"];

    public string Name => SquareOAuth.Name;

    public bool OwnsRootPath(PathString path) => false;   // Square's libraries take a base address with a path

    public void Map(IEndpointRouteBuilder routes)
    {
        consent.Map(routes, oauth);
        var square = routes.MapGroup("/square");
        consents.Map(square);
        answers.Map(square);
        api.Map(square);
    }

    public void MapControl(IEndpointRouteBuilder control) => changes.Map(control);

    /// <summary>Square has no totals that could disagree.</summary>
    public byte[] Distort(FaultKind kind, byte[] body)
    {
        var answer = JsonNode.Parse(body)!.AsObject();
        var name = Array.Find(Lists, list => answer[list] is JsonArray);
        if (kind == FaultKind.EmptyList && name is not null) answer = [];
        else if (kind == FaultKind.OddRows && name is not null)
        {
            foreach (var row in answer[name]!.AsArray().OfType<JsonObject>().Where((_, place) => place % 10 == 0))
                foreach (var money in row.Select(field => field.Value).OfType<JsonObject>())
                    if (money.Remove("currency") | money.Remove("currency_code")) money["currency"] = "ZZZ";
        }
        else if (kind == FaultKind.Amounts && name == "payout_entries" && answer[name]!.AsArray() is [JsonObject first, ..])
        {
            foreach (var field in Sums) first[field]!["amount"] = (long)first[field]!["amount"]! + 100;
        }
        return JsonSerializer.SerializeToUtf8Bytes(answer);
    }

    public Task WriteErrorAsync(HttpContext http, int status, int? retryAfter)
    {
        if (retryAfter is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return SquareError.OfStatus(status).WriteAsync(http);
    }
}

internal static class SquareServices
{
    /// <summary>square.md §2: access 30 days; a public client's refresh token 90 days, once. A confidential client's never ends.</summary>
    private static readonly TokenLife Real = new() { AccessLifetime = TimeSpan.FromDays(30), Lifetime = TimeSpan.FromDays(90) };

    public static void AddSquare(this IServiceCollection services)
    {
        services.AddOptions<SquareOptions>().BindConfiguration(SquareOptions.Section);
        services.AddSingleton(new SquareTokens(new(Real)));
        services.AddSingleton<SquarePlatform>();
        services.AddSingleton<SquareAuthentication>();
        services.AddSingleton<SquareCursors>();
        services.AddSingleton<SquareApi>();
        services.AddSingleton<SquareDisputeAnswers>();
        services.AddSingleton<SquareOAuth>();
        services.AddSingleton<IOAuthDialect>(provider => provider.GetRequiredService<SquareOAuth>());
        services.AddSingleton<SquareConsents>();
        services.AddSingleton<SquareWebhooks>();
        services.AddSingleton<WebhookTargets>();
        services.AddHostedService(provider => provider.GetRequiredService<WebhookTargets>());
        services.AddSingleton<SquareControl>();
        services.AddSingleton<ISandboxProvider, SquareProvider>();
    }
}
