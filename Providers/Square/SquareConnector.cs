using System.Text.Json;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Providers.Square;

/// <summary>Square's door: catalogue facts, streams, connection test. How each stream is read: <see cref="SquareReader"/>.</summary>
internal sealed class SquareConnector(SquareApi api, SquareReader reader, IOptions<SquareOptions> options) : IConnector, IMapsRows
{
    public static readonly ProviderInfo Facts = new()
    {
        Id = ProviderId.Square,
        Name = "Square",
        Type = IntegrationType.PaymentProcessor,
        Streams = SquareStreams.All,
        Scopes = SquareAuth.Scopes,
        Tokens = SquareAuth.RulesOf(new()),
        Features = ["oauth", "revoke", "webhooks", "delta_sync", "full_sync", "connection_test"],
        Writes = [WriteKinds.SubmitEvidence, WriteKinds.AcceptDispute],   // payouts go by Square's own schedule: there is no call that makes one
        SetUpHints =
        [
            "Create an application in the Square Developer Console, and add this service's callback address as its OAuth redirect URL.",
            "Set SQUARE_CLIENT_ID to the application id and SQUARE_CLIENT_SECRET to the application secret of the OAuth page "
                + "(SQUARE_USE_PKCE=true for a client without a secret; SQUARE_API_BASE for Square's sandbox).",
            "Create a webhook subscription that sends payment, refund, payout, dispute, location and oauth events to "
                + "/api/integrations/webhooks/square; set SQUARE_WEBHOOK_SECRET to its signature key and SQUARE_WEBHOOK_URL to its notification URL, "
                + "letter by letter: the URL is part of what Square signs.",
            "Where disputes may be answered, sellers are asked for DISPUTES_WRITE too: who connected before that was switched on authorizes again.",
        ],
        RequiredSettings = ["SQUARE_CLIENT_ID", "SQUARE_CLIENT_SECRET", "SQUARE_WEBHOOK_SECRET", "SQUARE_WEBHOOK_URL"],
        DocumentationUrl = new("https://developer.squareup.com/docs/oauth-api/overview"),
    };

    /// <summary>How tokens live depends on the form of client that this deployment is.</summary>
    public ProviderInfo Info { get; } = Facts with { Tokens = SquareAuth.RulesOf(options.Value) };

    public async Task<ProviderResult<SyncPage>> FetchPageAsync(PageRequest request, CancellationToken cancel) =>
        CallerOf(request.Access) is { } caller ? await reader.ReadAsync(request, caller, cancel) : SquareErrors.NoAccount;

    /// <summary>What was parked is the object, or the event around it where that did not fit.</summary>
    public MappedRow MapAgain(RawRow row)
    {
        if (row.Stream == SquareStreams.Balances)   // derived from many rows: only the next pass can tell
            return new([], new(null, "not_derivable", "A balance is derived anew at each pass.", row.Raw) { AsOf = row.AsOf });
        var (raw, asOf) = SquareEvent.Read(row.Raw.Span) is { CreatedAt: { } created, HasObject: true } carrier
            ? (row.Raw[carrier.Object], created)
            : (row.Raw, row.AsOf);
        var mapped = SquareMapping.Row(SquareStreams.ObjectOf(row.Stream), raw, asOf);
        return new(mapped.Record is { } record ? [record] : [], mapped.Rejected);
    }

    public async Task<ConnectionTest> TestAsync(ProviderAccess access, CancellationToken cancel) => new(
    [
        await Check(access, "credentials", "Square accepts the token, and it covers all that is asked for.", a => TokenAsync(a, cancel)),
        await Check(access, "read_locations", "The locations can be read.", async a => (await api.ListLocationsAsync(a, cancel)).Error),
        await Check(access, "read_payments", "Payments can be read.",
            async a => (await api.ListPaymentsAsync(new(), a, cancel, limit: 1)).Error),
    ]);

    /// <summary>square.md §2: the cheapest check of token and scopes.</summary>
    private async Task<ProviderError?> TokenAsync(SquareCaller caller, CancellationToken cancel)
    {
        var answer = await api.TokenStatusAsync(caller, cancel);
        if (!answer.Ok) return answer.Error;
        SquareTokenStatus? status;
        try
        {
            status = JsonSerializer.Deserialize(answer.Value.Body.Span, SquareJson.Default.SquareTokenStatus);
        }
        catch (JsonException)
        {
            return SquareErrors.Unreadable(answer.Value);
        }
        if (status?.MerchantId != caller.Caller.Account)
            return new(ErrorClass.Consent, "other_account", "The token is another seller's: the connection must be authorized again.");
        var missing = SquareAuth.Scopes.Except(status.Scopes ?? [], StringComparer.Ordinal).ToList();
        return missing.Count == 0
            ? null
            : new(ErrorClass.Consent, "scopes_missing", $"The consent lacks {string.Join(", ", missing)}: the connection must be authorized again.");
    }

    private static async Task<ConnectionCheck> Check(ProviderAccess access, string name, string good, Func<SquareCaller, Task<ProviderError?>> call)
    {
        var started = TimeProvider.System.GetTimestamp();
        var error = CallerOf(access) is { } caller ? await call(caller) : SquareErrors.NoAccount;
        return new(name, error is null, error?.Message ?? good, TimeProvider.System.GetElapsedTime(started)) { Error = error };
    }

    internal static SquareCaller? CallerOf(ProviderAccess access) => access is { ExternalAccountId: { Length: > 0 } seller, AccessToken: { Length: > 0 } token }
        ? new SquareCaller(new Caller(seller, access.Lane, Patient: access.Patient), token)
        : null;
}
