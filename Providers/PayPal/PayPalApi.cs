using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Providers.Transport;
using FinanceIntegrations.Providers.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>Whose books a call reads, and with what.</summary>
/// <param name="Account">The merchant's payer id.</param>
internal readonly record struct PayPalCaller(string Account, string? Token, Lane Lane, bool Patient)
{
    public Caller Of(string @class) => new(Account, Lane, @class, Patient);

    public override string ToString() => $"{Account} ***";
}

/// <summary>PayPal's HTTP API: the only file with paths and headers (paypal.md §1–§3).</summary>
internal sealed class PayPalApi : IDisposable
{
    /// <summary>Name of the HTTP client and of its telemetry.</summary>
    public const string Client = "paypal";

    /// <summary>The most that a page of transactions gives.</summary>
    public const int PageSize = 500;

    /// <summary>Each dispute of a page is looked up: pages are small, so that one is soon written.</summary>
    public const int DisputePageSize = 20;

    /// <summary>The most items of a batch that one answer shows.</summary>
    public const int ItemPageSize = 1000;

    /// <summary>PayPal names no most.</summary>
    public const int EventPageSize = 100;

    /// <summary>The scope of a log-in that tells who it was: the payer id.</summary>
    public const string LoginScopes = "openid https://uri.paypal.com/services/paypalattributes";

    /// <summary>OAuth calls name no account: they are the app's own. Behind each a connection waits.</summary>
    private static readonly Caller App = new("app", Lane.Person, "oauth");

    private readonly PayPalOptions _options;
    private readonly ProviderTransport _transport;
    private readonly AuthenticationHeaderValue _basic;
    private readonly string _api;

    public PayPalApi(IHttpClientFactory clients, IOptions<PayPalOptions> options, ILoggerFactory loggers, ICallBudgets? budgets = null)
    {
        _options = options.Value;
        _transport = new(Client, () => clients.CreateClient(Client), _options.Limits, PayPalErrors.Retries, PayPalErrors.Signs, budgets, loggers);
        _basic = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{_options.ClientId}:{_options.ClientSecret}")));
        _api = _options.ApiBase.AbsoluteUri.TrimEnd('/');
    }

    /// <summary>Balances now: the last that PayPal has refreshed.</summary>
    public Task<ProviderResult<ProviderAnswer>> GetBalancesAsync(PayPalCaller caller, CancellationToken cancel) =>
        GetAsync("/v1/reporting/balances", caller, "reporting", cancel);

    /// <summary>A page of what was begun in [start, end], which are at most 31 days apart.</summary>
    /// <param name="start">Unix seconds.</param>
    /// <param name="end">Unix seconds.</param>
    /// <param name="page">From 1.</param>
    public Task<ProviderResult<ProviderAnswer>> ListTransactionsAsync(
        PayPalCaller caller, long start, long end, int page, CancellationToken cancel, int size = PageSize) =>
        GetAsync(string.Create(CultureInfo.InvariantCulture,
            $"/v1/reporting/transactions?start_date={PayPalTime.Seconds(start)}&end_date={PayPalTime.Seconds(end)}&fields=transaction_info&page_size={size}&page={page}"),
            caller, "reporting", cancel);

    /// <summary>Disputes that changed after a moment within the last 180 days, newest created first.</summary>
    /// <param name="after">Unix seconds.</param>
    /// <param name="token">Of the page, from the page before.</param>
    public Task<ProviderResult<ProviderAnswer>> ListDisputesAsync(
        PayPalCaller caller, long after, string? token, CancellationToken cancel, int size = DisputePageSize) =>
        GetAsync(string.Create(CultureInfo.InvariantCulture, $"/v1/customer/disputes?update_time_after={PayPalTime.Milliseconds(after)}&page_size={size}")
            + (token is null ? "" : $"&next_page_token={Uri.EscapeDataString(token)}"), caller, "disputes", cancel);

    public Task<ProviderResult<ProviderAnswer>> GetDisputeAsync(PayPalCaller caller, string id, CancellationToken cancel) =>
        GetAsync($"/v1/customer/disputes/{Uri.EscapeDataString(id)}", caller, "disputes", cancel);

    /// <summary>The app's own token. The same one comes again until it dies, so that asking twice changes nothing: it counts as a read.</summary>
    public async Task<ProviderResult<ProviderAnswer>> GetAppTokenAsync(CancellationToken cancel)
    {
        if (!_options.Configured) return PayPalErrors.NotConfigured;
        var answer = Checked(
            await _transport.ReadAsync(App, () => Form("/v1/oauth2/token", [new("grant_type", "client_credentials")]), cancel), write: false, own: true);
        // Whatever is refused here is the app: no merchant can mend it.
        return answer.Error is { Class: ErrorClass.Authentication or ErrorClass.Consent } refused
            ? refused with { Class = ErrorClass.Authentication, OwnCredential = true }
            : answer;
    }

    /// <summary>Sent once: a code works once.</summary>
    public async Task<ProviderResult<ProviderAnswer>> ExchangeCodeAsync(CodeExchange exchange, CancellationToken cancel)
    {
        if (!_options.Configured) return PayPalErrors.NotConfigured;
        KeyValuePair<string, string>[] form =
        [
            new("grant_type", "authorization_code"), new("code", exchange.Code), new("redirect_uri", exchange.RedirectUri.AbsoluteUri),
            .. exchange.CodeVerifier is { } verifier ? [new KeyValuePair<string, string>("code_verifier", verifier)] : Array.Empty<KeyValuePair<string, string>>(),
        ];
        return Checked(await _transport.WriteAsync(App, () => Form("/v1/oauth2/token", form), cancel), write: true, own: false);
    }

    /// <summary>Who has logged in.</summary>
    /// <param name="token">Of the log-in, not of the app.</param>
    public async Task<ProviderResult<ProviderAnswer>> GetUserAsync(string token, CancellationToken cancel) => Checked(
        await _transport.ReadAsync(App, () => Request(HttpMethod.Get, "/v1/identity/oauth2/userinfo?schema=paypalv1.1", new("Bearer", token)), cancel),
        write: false, own: false);

    /// <summary>PayPal's verdict on a webhook's signature. Changes nothing, so that it counts as a read.</summary>
    /// <param name="token">The app's.</param>
    /// <param name="question">JSON, sent as it is.</param>
    public async Task<ProviderResult<ProviderAnswer>> VerifyWebhookAsync(string token, byte[] question, CancellationToken cancel) => Checked(
        await _transport.ReadAsync(new("app", Lane.Webhook, "webhooks"), () =>
        {
            var request = Request(HttpMethod.Post, "/v1/notifications/verify-webhook-signature", new("Bearer", token));
            request.Content = Json(question);
            return request;
        }, cancel), write: false, own: true);

    /// <param name="body">JSON.</param>
    /// <param name="key">PayPal answers the same again to the same key, for 30 days.</param>
    public Task<ProviderResult<ProviderAnswer>> CreatePayoutAsync(byte[] body, string key, PayPalCaller caller, CancellationToken cancel) =>
        OrderAsync("/v1/payments/payouts", () => Json(body), key, caller, "payouts", cancel);

    /// <param name="id">Of the batch.</param>
    public Task<ProviderResult<ProviderAnswer>> GetPayoutAsync(string id, PayPalCaller caller, CancellationToken cancel) =>
        GetAsync($"/v1/payments/payouts/{Uri.EscapeDataString(id)}?page_size={ItemPageSize}&total_required=true", caller, "payouts", cancel);

    /// <param name="id">Of the item.</param>
    public Task<ProviderResult<ProviderAnswer>> CancelPayoutAsync(string id, PayPalCaller caller, CancellationToken cancel) =>
        OrderAsync($"/v1/payments/payouts-item/{Uri.EscapeDataString(id)}/cancel", () => Json("{}"u8.ToArray()), null, caller, "payouts", cancel);

    /// <param name="body">JSON that says what the files are.</param>
    public Task<ProviderResult<ProviderAnswer>> ProvideEvidenceAsync(
        string dispute, byte[] body, IReadOnlyList<OrderedFile> files, string key, PayPalCaller caller, CancellationToken cancel) =>
        OrderAsync($"/v1/customer/disputes/{Uri.EscapeDataString(dispute)}/provide-evidence", () =>
        {
            var form = new MultipartFormDataContent { { Json(body), "input" } };
            for (var place = 0; place < files.Count; place++)
                form.Add(
                    new ReadOnlyMemoryContent(files[place].Bytes) { Headers = { ContentType = new(files[place].File.MediaType) } },
                    "evidence-file", PayPalEvidenceOrders.NameOf(files[place].File, place));
            return form;
        }, key, caller, "disputes", cancel);

    public Task<ProviderResult<ProviderAnswer>> AcceptClaimAsync(string dispute, byte[] body, string key, PayPalCaller caller, CancellationToken cancel) =>
        OrderAsync($"/v1/customer/disputes/{Uri.EscapeDataString(dispute)}/accept-claim", () => Json(body), key, caller, "disputes", cancel);

    /// <summary>Events of one type that PayPal has told the app's webhooks of, of every merchant: they are the app's.</summary>
    /// <param name="query">Of the page before's link to the next; null: the first page of [from, until].</param>
    public async Task<ProviderResult<ProviderAnswer>> ListEventsAsync(
        string type, DateTimeOffset from, DateTimeOffset until, string? query, PayPalCaller caller, CancellationToken cancel)
    {
        if (!_options.Configured) return PayPalErrors.NotConfigured;
        if (caller.Token is not { Length: > 0 } token) return PayPalErrors.NoAccount;
        query ??= $"?page_size={EventPageSize}&start_time={PayPalTime.Seconds(from)}&end_time={PayPalTime.Seconds(until)}&event_type={type}";
        return Checked(
            await _transport.ReadAsync(new("app", caller.Lane, "webhooks", caller.Patient),
                () => Request(HttpMethod.Get, "/v1/notifications/webhooks-events" + query, new("Bearer", token)), cancel),
            write: false, own: true);
    }

    public void Dispose() => _transport.Dispose();

    private async Task<ProviderResult<ProviderAnswer>> GetAsync(string pathAndQuery, PayPalCaller caller, string @class, CancellationToken cancel)
    {
        if (!_options.Configured) return PayPalErrors.NotConfigured;
        if (caller.Token is not { Length: > 0 } token) return PayPalErrors.NoAccount;
        return Checked(
            await _transport.ReadAsync(caller.Of(@class), () => For(caller, Request(HttpMethod.Get, pathAndQuery, new("Bearer", token))), cancel),
            write: false, _options.OwnAccount);
    }

    /// <summary>Sent once.</summary>
    private async Task<ProviderResult<ProviderAnswer>> OrderAsync(
        string path, Func<HttpContent> content, string? key, PayPalCaller caller, string @class, CancellationToken cancel)
    {
        if (!_options.Configured) return PayPalErrors.NotConfigured;
        if (caller.Token is not { Length: > 0 } token) return PayPalErrors.NoAccount;
        var result = await _transport.WriteAsync(caller.Of(@class), () =>
        {
            var request = For(caller, Request(HttpMethod.Post, path, new("Bearer", token)));
            if (key is not null) request.Headers.TryAddWithoutValidation("PayPal-Request-Id", key);
            request.Content = content();
            return request;
        }, cancel);
        return result is { Ok: true, Value.Succeeded: false } ? PayPalErrors.FromOrder(result.Value, _options.OwnAccount) : result;
    }

    private HttpRequestMessage For(PayPalCaller caller, HttpRequestMessage request)
    {
        if (!_options.OwnAccount) request.Headers.TryAddWithoutValidation("PayPal-Auth-Assertion", Assertion(caller.Account));
        return request;
    }

    private static ByteArrayContent Json(byte[] body) => new(body) { Headers = { ContentType = new("application/json") } };

    private static ProviderResult<ProviderAnswer> Checked(ProviderResult<ProviderAnswer> result, bool write, bool own) =>
        result is { Ok: true, Value.Succeeded: false } ? PayPalErrors.From(result.Value, write, own) : result;

    /// <summary>For whom the app acts: an unsigned JWT, for the bearer token vouches for the app (paypal.md §1).</summary>
    private string Assertion(string merchant)
    {
        var claims = JsonSerializer.SerializeToUtf8Bytes(
            new Dictionary<string, string> { ["iss"] = _options.ClientId, ["payer_id"] = merchant }, PayPalClaimsJson.Default.DictionaryStringString);
        return $"{System.Buffers.Text.Base64Url.EncodeToString("""{"alg":"none"}"""u8)}.{System.Buffers.Text.Base64Url.EncodeToString(claims)}.";
    }

    private HttpRequestMessage Form(string path, KeyValuePair<string, string>[] form)
    {
        var request = Request(HttpMethod.Post, path, _basic);
        request.Content = new FormUrlEncodedContent(form);
        return request;
    }

    private HttpRequestMessage Request(HttpMethod method, string pathAndQuery, AuthenticationHeaderValue authorization)
    {
        var request = new HttpRequestMessage(method, _api + pathAndQuery) { Version = System.Net.HttpVersion.Version20 };
        request.Headers.Authorization = authorization;
        request.Headers.Accept.Add(new("application/json"));
        return request;
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class PayPalClaimsJson : System.Text.Json.Serialization.JsonSerializerContext;
