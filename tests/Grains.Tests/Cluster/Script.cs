using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;

namespace FinanceIntegrations.Grains.Tests.Cluster;

/// <summary>
/// One integration's account at the scripted provider: a book of rows, read in pages from an offset, and tokens that rotate. A test
/// changes the book, blocks calls or answers them otherwise.
/// </summary>
public sealed partial class Script(Guid integration)
{
    public static readonly ProviderError Unavailable = new(ErrorClass.ProviderUnavailable, "maintenance", "The provider is away.");
    public static readonly ProviderError Unauthorized = new(ErrorClass.Authentication, "token_invalid", "The token is refused.");
    public static readonly ProviderError InvalidGrant = new(ErrorClass.Authentication, "invalid_grant", "The grant is gone.");
    public static readonly ProviderError RateLimited =
        new(ErrorClass.RateLimited, "slow_down", "Too many calls.") { RetryAfter = TimeSpan.FromHours(2) };
    public static readonly ProviderError TimedOut = new(ErrorClass.OutcomeUnknown, "timeout", "No answer came in time.");

    private readonly ConcurrentDictionary<string, int> _passes = new();
    private int _generation;

    public int Rows { get; set; }

    public int PageSize { get; set; } = 2;

    /// <summary>Rows behind the first sync's window, of each stream.</summary>
    public int History { get; set; }

    /// <summary>Rows that are spelt so that the mapping, as it is, has no place for them.</summary>
    public HashSet<int> Odd { get; set; } = [];

    /// <summary>The mapping was mended: it has a place for every row.</summary>
    public bool MapsOdd { get; set; }

    /// <summary>Rows that the provider does not show any more.</summary>
    public HashSet<int> Gone { get; } = [];

    public string Currency { get; set; } = "GBP";

    public TimeSpan? TokenLifetime { get; set; } = TimeSpan.FromDays(365);

    /// <summary>Null: the consent is not known to end.</summary>
    public TimeSpan? ConsentLifetime { get; set; }

    public string AccessToken => $"access-{integration}-{_generation}";

    public string RefreshToken => $"refresh-{integration}-{_generation}";

    public string Code => $"code-{integration}-0";

    /// <summary>Whose consent the next code stands for.</summary>
    public string Account { get; set; } = $"acct-{integration:N}";

    /// <summary>False: the answers to codes do not say whose they are.</summary>
    public bool NamesAccount { get; set; } = true;

    /// <summary>Every page that was asked for, with its credentials.</summary>
    public ConcurrentQueue<PageRequest> Pages { get; } = new();

    public ConcurrentQueue<string> Refreshes { get; } = new();

    public ConcurrentQueue<ProviderAccess> Revocations { get; } = new();

    /// <summary>Comes before a page is answered. An error is the answer.</summary>
    public Func<PageRequest, CancellationToken, Task<ProviderError?>> OnPage { get; set; } = Answers;

    /// <summary>What a refresh answers; null: new tokens, access and refresh.</summary>
    public Func<Task<ProviderResult<TokenGrant>>>? OnRefresh { get; set; }

    public ProviderError? RevocationError { get; set; }

    /// <summary>Comes before a connection test is answered.</summary>
    public Func<CancellationToken, Task> OnTest { get; set; } = _ => Task.CompletedTask;

    /// <summary>Comes before a code is answered with tokens.</summary>
    public Func<CancellationToken, Task> OnExchange { get; set; } = _ => Task.CompletedTask;

    /// <summary>Comes before a revocation is answered.</summary>
    public Func<CancellationToken, Task> OnRevoke { get; set; } = _ => Task.CompletedTask;

    /// <summary>Cursors of the pages that were asked for, oldest first.</summary>
    public IReadOnlyList<string?> Cursors => [.. Pages.Select(page => page.Cursor)];

    /// <summary>The tokens given so far are refused from now on; a refresh gives others.</summary>
    public void RefuseTokens() => Interlocked.Increment(ref _generation);

    /// <summary>Every page waits at a gate from the given offset on.</summary>
    public Gate BlockFrom(int offset)
    {
        var gate = new Gate();
        OnPage = async (request, cancel) =>
        {
            if (OffsetOf(request) >= offset) await gate.PassAsync(cancel);
            return null;
        };
        return gate;
    }

    /// <summary>Every page of history waits at a gate from the given offset on.</summary>
    public Gate BlockHistoryFrom(int offset)
    {
        var gate = new Gate();
        OnPage = async (request, cancel) =>
        {
            if (request.Until is not null && OffsetOf(request) >= offset) await gate.PassAsync(cancel);
            return null;
        };
        return gate;
    }

    public void AnswerPagesWith(ProviderError error) => OnPage = (_, _) => Task.FromResult<ProviderError?>(error);

    public void AnswerPages() => OnPage = Answers;

    public TokenGrant Grant(bool refresh = true) => new()
    {
        AccessToken = AccessToken,
        RefreshToken = refresh ? RefreshToken : null,
        ExpiresIn = TokenLifetime,
        RefreshExpiresIn = ConsentLifetime,
        Scope = "read",
        ExternalAccountId = NamesAccount ? Account : null,
    };

    internal async Task<ProviderResult<SyncPage>> PageAsync(PageRequest request, CancellationToken cancel)
    {
        Pages.Enqueue(request);
        if (await OnPage(request, cancel) is { } error) return error;
        if (request.Access.AccessToken != AccessToken) return Unauthorized;
        var from = OffsetOf(request);
        if (request.Until is not null) return HistoryPage(request.Stream, from);
        if (from == 0 || !_passes.ContainsKey(request.Stream)) _passes[request.Stream] = from;
        var to = Math.Min(Rows, from + PageSize);
        var rows = Enumerable.Range(from, to - from).Where(IsShown)
            .Select(row => Map(Wire(IdOf(request.Stream, row), row, Odd.Contains(row)), Moment(row))).ToList();
        var whole = _passes[request.Stream] == 0 && History == 0;   // what lies in history is no pass's but its own
        return new SyncPage
        {
            Records = [.. rows.Select(row => row.Record).OfType<Transaction>()],
            Rejected = [.. rows.Select(row => row.Rejected).OfType<RejectedRow>()],
            Cursor = $"{to}",
            EndOfPass = to == Rows,
            Bytes = 1,
            OfWholePass = whole,
            Pass = to == Rows && _passes.TryRemove(request.Stream, out var began)
                ? new(Enumerable.Range(began, to - began).Count(IsShown), Whole: whole, Least: 0)
                : null,
        };
    }

    private SyncPage HistoryPage(string stream, int from)
    {
        var to = Math.Min(History, from + PageSize);
        return new()
        {
            Records = [.. Enumerable.Range(from, to - from).Select(row => Row($"old-{IdOf(stream, row)}", row))],
            Cursor = $"{to}",
            EndOfPass = to == History,
            Progress = History == 0 ? null : (double)to / History,
            Bytes = 1,
        };
    }

    /// <summary>From the provider's spelling to a row, or to the reason why there is none.</summary>
    internal (Transaction? Record, RejectedRow? Rejected) Map(byte[] wire, DateTimeOffset? asOf)
    {
        var row = JsonNode.Parse(wire)!;
        var id = (string)row["id"]!;
        return row["odd"] is not null && !MapsOdd
            ? (null, new(id, "odd_row", "The row is odd.", wire) { AsOf = asOf })
            : (Row(id, (int)row["version"]!) with { Currency = Currency, Raw = wire, Type = id.StartsWith("fees", StringComparison.Ordinal) ? "fee" : "charge" }, null);
    }

    /// <summary>What the provider says that its rows come to; null: it does not say.</summary>
    public decimal? Total { get; set; }

    internal ProviderResult<StreamTotals> Totals() => Total is { } total
        ? new StreamTotals(new Dictionary<string, decimal> { [Currency] = total })
        : new ProviderError(ErrorClass.BusinessRule, "no_totals", "The provider does not say.");

    internal async Task<ProviderResult<TokenGrant>> ExchangeAsync(CancellationToken cancel)
    {
        await OnExchange(cancel);
        return Grant();
    }

    internal async Task<ProviderResult<TokenGrant>> RefreshAsync(string token)
    {
        Refreshes.Enqueue(token);
        if (OnRefresh is { } answer) return await answer();
        Interlocked.Increment(ref _generation);
        return Grant();
    }

    internal async Task<ProviderResult<bool>> RevokeAsync(ProviderAccess access, CancellationToken cancel)
    {
        Revocations.Enqueue(access);
        await OnRevoke(cancel);
        return RevocationError is { } error ? error : access.AccessToken is null ? Unauthorized : true;
    }

    /// <param name="version">Orders states of one record.</param>
    internal static Transaction Row(string id, int version) => new()
    {
        ExternalId = id,
        AsOf = Moment(version),
        Raw = Wire(id, version, odd: false),
        Type = "charge",
        ProviderType = "charge",
        Status = "posted",
        Amount = version,
        Fee = 0,
        Net = version,
        Currency = "GBP",
        OccurredAt = new(2026, 10, 1, 0, 0, 0, TimeSpan.Zero),
    };

    internal static Dispute Dispute(string id, string status, DateTimeOffset due, int version) => new()
    {
        ExternalId = id,
        AsOf = Moment(version),
        Raw = Wire(id, version, odd: false),
        Status = status,
        Reason = "fraudulent",
        Amount = 12.34m,
        Currency = "GBP",
        OccurredAt = new(2026, 10, 1, 0, 0, 0, TimeSpan.Zero),
        EvidenceDueAt = due,
    };

    private static byte[] Wire(string id, int version, bool odd) =>
        Encoding.UTF8.GetBytes($$"""{"id":"{{id}}","version":{{version}}{{(odd ? ",\"odd\":true" : "")}}}""");

    private static DateTimeOffset Moment(int version) => new DateTimeOffset(2026, 10, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(version);

    private static string IdOf(string stream, int row) => stream == "transactions" ? $"row-{row}" : $"{stream}-{row}";

    private bool IsShown(int row) => !Gone.Contains(row);

    private static Task<ProviderError?> Answers(PageRequest request, CancellationToken cancel) => Task.FromResult<ProviderError?>(null);

    private static int OffsetOf(PageRequest request) => request.Full || request.Cursor is null ? 0 : int.Parse(request.Cursor, null);
}
