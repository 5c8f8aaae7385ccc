using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers.Transport;

namespace FinanceIntegrations.Providers.Stripe;

/// <summary>Stripe's door: catalogue facts, streams, connection test. How each stream is read: <see cref="StripeReader"/>.</summary>
internal sealed class StripeConnector(StripeApi api, StripeReader reader) : IConnector, IMapsRows, IKnowsTotals, IReadsBalances
{
    public static readonly ProviderInfo Facts = new()
    {
        Id = ProviderId.Stripe,
        Name = "Stripe",
        Type = IntegrationType.PaymentProcessor,
        Streams = StripeStreams.All,
        Scopes = [StripeAuth.Scope],
        // stripe.md §2: tokens live until they are revoked; a refresh rolls the access token and hands the same refresh token out again.
        Tokens = new() { Rotates = false },
        Features = ["oauth", "revoke", "webhooks", "delta_sync", "full_sync", "connection_test"],
        Writes = [WriteKinds.CreatePayout, WriteKinds.CancelPayout, WriteKinds.SubmitEvidence, WriteKinds.AcceptDispute],
        SetUpHints =
        [
            "Register your platform for Connect in the Stripe dashboard, and enable OAuth for Standard accounts.",
            "Add this service's callback address to the redirect URIs of the Connect settings.",
            "Set STRIPE_CLIENT_ID to the platform's ca_… of the mode that you use, and STRIPE_CLIENT_SECRET to its secret key.",
            "Create a webhook endpoint for events on connected accounts that sends to /api/integrations/webhooks/stripe, "
                + "and set STRIPE_WEBHOOK_SECRET to its whsec_… (several, separated by commas, while one is being rolled).",
        ],
        RequiredSettings = ["STRIPE_CLIENT_ID", "STRIPE_CLIENT_SECRET", "STRIPE_WEBHOOK_SECRET"],
        DocumentationUrl = new("https://docs.stripe.com/connect/oauth-reference"),
    };

    public ProviderInfo Info => Facts;

    public async Task<ProviderResult<SyncPage>> FetchPageAsync(PageRequest request, CancellationToken cancel) =>
        request.Access.ExternalAccountId is { Length: > 0 } account
            ? await reader.ReadAsync(request, new(account, request.Access.Lane, Patient: request.Access.Patient), cancel)
            : StripeErrors.NoAccount;

    public bool HasTotals(string stream) => stream == StripeStreams.Transactions;

    public async Task<ProviderResult<StreamTotals>> TotalsAsync(ProviderAccess access, string stream, CancellationToken cancel) =>
        access.ExternalAccountId is { Length: > 0 } account ? await reader.TotalsAsync(new(account, access.Lane, Patient: access.Patient), cancel) : StripeErrors.NoAccount;

    /// <summary>What was parked is the object, or the event around it where that did not fit.</summary>
    public MappedRow MapAgain(RawRow row)
    {
        if (row.Stream == StripeStreams.Balances)
        {
            var (records, rejected) = StripeMapping.Balances(row.Raw, row.ExternalAccountId ?? "", row.AsOf);
            return new(records, rejected.FirstOrDefault());
        }
        if (row.Stream == StripeStreams.PayoutEntries)
        {
            var entry = StripeMapping.ParkedEntry(row.Raw, row.AsOf);
            return new(entry.Record is { } mapped ? [mapped] : [], entry.Rejected);
        }
        var (raw, asOf) = StripeEvent.Read(row.Raw.Span) is { CreatedAt: { } created, HasObject: true } carrier
            ? (row.Raw[carrier.Object], created)
            : (row.Raw, row.AsOf);
        var again = StripeMapping.Row(StripeStreams.ObjectOf(row.Stream), raw, asOf);
        return new(again.Record is { } record ? [record] : [], again.Rejected);
    }

    public async Task<ProviderResult<IReadOnlyList<Balance>>> ReadBalancesAsync(ProviderAccess access, CancellationToken cancel) =>
        (await FetchPageAsync(new(access, StripeStreams.Balances, Cursor: null, Full: false), cancel))
        .Map(page => (IReadOnlyList<Balance>)[.. page.Records.OfType<Balance>()]);

    public async Task<ConnectionTest> TestAsync(ProviderAccess access, CancellationToken cancel)
    {
        var account = access.ExternalAccountId;
        return new(
        [
            await Check("credentials", "Stripe knows the account and lets us act for it.", a => api.GetAccountAsync(a, cancel)),
            await Check("read_balance", "The balance can be read.", a => api.GetBalanceAsync(a, cancel)),
            await Check("read_transactions", "Transactions can be read.",
                a => api.ListAsync("balance_transactions", a, since: null, after: null, cancel, limit: 1)),
        ]);

        async Task<ConnectionCheck> Check(string name, string good, Func<Caller, Task<ProviderResult<ProviderAnswer>>> call)
        {
            var started = TimeProvider.System.GetTimestamp();
            var error = string.IsNullOrEmpty(account) ? StripeErrors.NoAccount : (await call(new(account, access.Lane))).Error;
            return new(name, error is null, error?.Message ?? good, TimeProvider.System.GetElapsedTime(started)) { Error = error };
        }
    }
}
