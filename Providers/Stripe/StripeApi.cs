using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Providers.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Providers.Stripe;

/// <summary>Stripe's HTTP API: the only file with paths and headers (stripe.md §1–§3).</summary>
internal sealed class StripeApi : IDisposable
{
    /// <summary>Name of the HTTP client and of its telemetry.</summary>
    public const string Client = "stripe";

    /// <summary>Pinned: without the header, each account's own default would apply.</summary>
    public const string Version = "2026-10-28.endive";

    /// <summary>The most that a list gives.</summary>
    public const int PageSize = 100;

    /// <summary>OAuth calls name no account: they are the platform's own. Behind each a connection waits.</summary>
    private static readonly Caller Platform = new("platform", Lane.Person, "oauth");

    private readonly StripeOptions _options;
    private readonly ProviderTransport _transport;
    private readonly AuthenticationHeaderValue _key;
    private readonly string _api;
    private readonly string _connect;
    private readonly string _files;

    public StripeApi(IHttpClientFactory clients, IOptions<StripeOptions> options, ILoggerFactory loggers, ICallBudgets? budgets = null)
    {
        _options = options.Value;
        _transport = new(Client, () => clients.CreateClient(Client), _options.Limits, StripeErrors.Retries, StripeErrors.Signs, budgets, loggers);
        _key = new("Bearer", _options.SecretKey);
        _api = _options.ApiBase.AbsoluteUri.TrimEnd('/');
        _connect = _options.ConnectBase.AbsoluteUri.TrimEnd('/');
        _files = _options.FilesBase.AbsoluteUri.TrimEnd('/');
    }

    /// <summary>Client authentication at oauth/token; never together with a key in the header (RFC 6749 §2.3).</summary>
    private KeyValuePair<string, string> Secret => new("client_secret", _options.SecretKey);

    public Task<ProviderResult<ProviderAnswer>> GetAccountAsync(Caller caller, CancellationToken cancel) =>
        GetAsync("/v1/account", caller, cancel);

    public Task<ProviderResult<ProviderAnswer>> GetBalanceAsync(Caller caller, CancellationToken cancel) =>
        GetAsync("/v1/balance", caller, cancel);

    /// <summary>Newest first.</summary>
    /// <param name="resource"><c>balance_transactions</c>, <c>payouts</c>, <c>disputes</c>, <c>charges</c>, <c>refunds</c>.</param>
    /// <param name="since">Lowest <c>created</c>, unix seconds.</param>
    /// <param name="after">Id of the last row of the page before.</param>
    /// <param name="until">Every <c>created</c> is below.</param>
    public Task<ProviderResult<ProviderAnswer>> ListAsync(
        string resource, Caller caller, long? since, string? after, CancellationToken cancel, int limit = PageSize, long? until = null) =>
        GetAsync($"/v1/{resource}{Range(limit, since, after, until)}", caller, cancel);

    /// <summary>The movements that an automatic payout carries, newest first. Of other payouts Stripe refuses it.</summary>
    /// <param name="after">Id of the last row of the page before.</param>
    public Task<ProviderResult<ProviderAnswer>> ListEntriesAsync(string payout, Caller caller, string? after, CancellationToken cancel) => GetAsync(
        $"/v1/balance_transactions?payout={Uri.EscapeDataString(payout)}&limit={PageSize}{(after is null ? "" : $"&starting_after={Uri.EscapeDataString(after)}")}",
        caller, cancel);

    /// <summary>Events of the last 30 days, newest first.</summary>
    /// <param name="types">At most 20.</param>
    public Task<ProviderResult<ProviderAnswer>> ListEventsAsync(
        IReadOnlyList<string> types, Caller caller, long since, string? after, CancellationToken cancel, int limit = PageSize)
    {
        var query = new StringBuilder("/v1/events").Append(Range(limit, since, after));
        foreach (var type in types) query.Append("&types%5B%5D=").Append(type);
        return GetAsync(query.ToString(), caller, cancel);
    }

    /// <param name="resource"><c>payouts</c>, <c>disputes</c>.</param>
    public Task<ProviderResult<ProviderAnswer>> GetOneAsync(string resource, string id, Caller caller, CancellationToken cancel) =>
        GetAsync($"/v1/{resource}/{Uri.EscapeDataString(id)}", caller, cancel);

    public Task<ProviderResult<ProviderAnswer>> CreatePayoutAsync(
        KeyValuePair<string, string>[] form, string idempotencyKey, Caller caller, CancellationToken cancel) =>
        OrderAsync("/v1/payouts", form, idempotencyKey, caller, cancel);

    public Task<ProviderResult<ProviderAnswer>> CancelPayoutAsync(string id, string idempotencyKey, Caller caller, CancellationToken cancel) =>
        OrderAsync($"/v1/payouts/{Uri.EscapeDataString(id)}/cancel", [], idempotencyKey, caller, cancel);

    public Task<ProviderResult<ProviderAnswer>> UpdateDisputeAsync(
        string id, KeyValuePair<string, string>[] form, string idempotencyKey, Caller caller, CancellationToken cancel) =>
        OrderAsync($"/v1/disputes/{Uri.EscapeDataString(id)}", form, idempotencyKey, caller, cancel);

    /// <summary>Uploads a file that evidence can name (docs.stripe.com/file-upload). It changes nothing by itself, and its key makes it safe to repeat.</summary>
    public async Task<ProviderResult<ProviderAnswer>> UploadAsync(
        string name, string mediaType, ReadOnlyMemory<byte> content, string idempotencyKey, Caller caller, CancellationToken cancel)
    {
        if (!_options.Configured) return StripeErrors.NotConfigured;
        var result = await _transport.ReadAsync(caller, () =>
        {
            var request = Request(HttpMethod.Post, _files + "/v1/files", _key, caller.Account);
            request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
            var file = new ReadOnlyMemoryContent(content);
            file.Headers.ContentType = new(mediaType);
            request.Content = new MultipartFormDataContent { { new StringContent("dispute_evidence"), "purpose" }, { file, "file", name } };
            return request;
        }, cancel);
        return result is { Ok: true, Value.Succeeded: false } ? StripeErrors.From(result.Value, write: false) : result;
    }

    public Task<ProviderResult<ProviderAnswer>> CloseDisputeAsync(string id, string idempotencyKey, Caller caller, CancellationToken cancel) =>
        OrderAsync($"/v1/disputes/{Uri.EscapeDataString(id)}/close", [], idempotencyKey, caller, cancel);

    public Task<ProviderResult<ProviderAnswer>> ExchangeCodeAsync(string code, CancellationToken cancel) =>
        PostAsync("/oauth/token", [new("grant_type", "authorization_code"), new("code", code), Secret], key: null, cancel);

    public Task<ProviderResult<ProviderAnswer>> RefreshTokenAsync(string refreshToken, CancellationToken cancel) =>
        PostAsync("/oauth/token", [new("grant_type", "refresh_token"), new("refresh_token", refreshToken), Secret], key: null, cancel);

    public Task<ProviderResult<ProviderAnswer>> DeauthorizeAsync(string account, CancellationToken cancel) =>
        PostAsync("/oauth/deauthorize", [new("client_id", _options.ClientId), new("stripe_user_id", account)], _key, cancel);

    public void Dispose() => _transport.Dispose();

    private static string Range(int limit, long? since, string? after, long? until = null)
    {
        var query = $"?limit={limit.ToString(CultureInfo.InvariantCulture)}";
        if (since is { } from) query += $"&created%5Bgte%5D={from.ToString(CultureInfo.InvariantCulture)}";
        if (until is { } to) query += $"&created%5Blt%5D={to.ToString(CultureInfo.InvariantCulture)}";
        if (after is not null) query += $"&starting_after={Uri.EscapeDataString(after)}";
        return query;
    }

    private async Task<ProviderResult<ProviderAnswer>> GetAsync(string pathAndQuery, Caller caller, CancellationToken cancel)
    {
        if (!_options.Configured) return StripeErrors.NotConfigured;
        var result = await _transport.ReadAsync(caller, () => Request(HttpMethod.Get, _api + pathAndQuery, _key, caller.Account), cancel);
        return result is { Ok: true, Value.Succeeded: false } ? StripeErrors.From(result.Value, write: false) : result;
    }

    private async Task<ProviderResult<ProviderAnswer>> PostAsync(
        string path, KeyValuePair<string, string>[] form, AuthenticationHeaderValue? key, CancellationToken cancel)
    {
        if (!_options.Configured) return StripeErrors.NotConfigured;
        var result = await _transport.WriteAsync(Platform, () =>
        {
            var request = Request(HttpMethod.Post, _connect + path, key, account: null);
            request.Content = new FormUrlEncodedContent(form);
            return request;
        }, cancel);
        return result is { Ok: true, Value.Succeeded: false } ? StripeErrors.From(result.Value, write: true) : result;
    }

    private async Task<ProviderResult<ProviderAnswer>> OrderAsync(
        string path, KeyValuePair<string, string>[] form, string idempotencyKey, Caller caller, CancellationToken cancel)
    {
        if (!_options.Configured) return StripeErrors.NotConfigured;
        var result = await _transport.WriteAsync(caller, () =>
        {
            var request = Request(HttpMethod.Post, _api + path, _key, caller.Account);
            request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
            request.Content = new FormUrlEncodedContent(form);
            return request;
        }, cancel);
        return result is { Ok: true, Value.Succeeded: false } ? StripeErrors.FromOrder(result.Value) : result;
    }

    private static HttpRequestMessage Request(HttpMethod method, string address, AuthenticationHeaderValue? key, string? account)
    {
        var request = new HttpRequestMessage(method, address) { Version = System.Net.HttpVersion.Version20 };
        request.Headers.Authorization = key;
        request.Headers.TryAddWithoutValidation("Stripe-Version", Version);
        if (account is not null) request.Headers.TryAddWithoutValidation("Stripe-Account", account);
        return request;
    }
}
