using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers.Transport;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>PayPal's door: catalogue facts, streams, connection test. How each stream is read: <see cref="PayPalReader"/>.</summary>
internal sealed class PayPalConnector(PayPalApi api, PayPalReader reader, TimeProvider clock) : IConnector, IMapsRows, IReadsBalances
{
    public static readonly ProviderInfo Facts = new()
    {
        Id = ProviderId.PayPal,
        Name = "PayPal",
        Type = IntegrationType.PaymentProcessor,
        Streams = PayPalStreams.All,
        Scopes = PayPalApi.LoginScopes.Split(' '),
        // paypal.md §2a: the app's own token, about nine hours; no refresh token, and nothing that rotates.
        Tokens = new() { Rotates = false, Own = true },
        Features = ["oauth", "webhooks", "delta_sync", "full_sync", "connection_test"],
        Writes = [WriteKinds.CreatePayout, WriteKinds.CancelPayout, WriteKinds.SubmitEvidence, WriteKinds.AcceptDispute],
        SetUpHints =
        [
            "Create a REST app in PayPal's developer dashboard; switch on Transaction Search and Disputes, and Log in with PayPal with the payer id.",
            "Add this service's callback address to the return URLs of Log in with PayPal.",
            "Set PAYPAL_CLIENT_ID and PAYPAL_CLIENT_SECRET to the app's; PAYPAL_API_BASE and PAYPAL_LOGIN_BASE for PayPal's sandbox.",
            "For other merchants, the app must be a partner's, and each merchant must have granted it transaction search and disputes. "
                + "For the app's own account alone, set PAYPAL_OWN_ACCOUNT=true instead.",
            "Subscribe to webhooks that send to /api/integrations/webhooks/paypal, and set PAYPAL_WEBHOOK_SECRET to the webhook's id.",
            "For payouts, switch on Payouts, which PayPal has to approve, and subscribe to the events of payout batches: "
                + "only they tell whether a payout of which no answer came was made. Other merchants must have granted payouts and the answering of disputes.",
        ],
        RequiredSettings = ["PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET", "PAYPAL_WEBHOOK_SECRET"],
        DocumentationUrl = new("https://developer.paypal.com/api/rest/authentication/"),
    };

    public ProviderInfo Info => Facts;

    public async Task<ProviderResult<SyncPage>> FetchPageAsync(PageRequest request, CancellationToken cancel) =>
        CallerOf(request.Access) is { } caller ? await reader.ReadAsync(request, caller, cancel) : PayPalErrors.NoAccount;

    /// <summary>What was parked is the row, or the whole answer of the balances.</summary>
    public MappedRow MapAgain(RawRow row)
    {
        if (row.Stream == PayPalStreams.Balances)
        {
            var (records, rejected) = PayPalMapping.Balances(row.Raw, row.ExternalAccountId ?? "", row.AsOf);
            return new(records, rejected.FirstOrDefault());
        }
        var mapped = row.Stream switch
        {
            PayPalStreams.Accounts => PayPalMapping.Account(row.Raw, row.ExternalAccountId ?? "", row.AsOf),
            PayPalStreams.Disputes => PayPalMapping.Dispute(row.Raw, row.AsOf),
            PayPalStreams.PayoutBatches => PayPalMapping.Batch(row.Raw, row.AsOf, calledBack: false),
            _ => PayPalMapping.Reported(row.Stream, row.Raw, row.AsOf),
        };
        return new(mapped.Record is { } record ? [record] : [], mapped.Rejected);
    }

    public async Task<ProviderResult<IReadOnlyList<Balance>>> ReadBalancesAsync(ProviderAccess access, CancellationToken cancel) =>
        (await FetchPageAsync(new(access, PayPalStreams.Balances, Cursor: null, Full: false), cancel))
        .Map(page => (IReadOnlyList<Balance>)[.. page.Records.OfType<Balance>()]);

    public async Task<ConnectionTest> TestAsync(ProviderAccess access, CancellationToken cancel)
    {
        var caller = CallerOf(access);
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var week = now - (7 * 24 * 60 * 60);
        return new(
        [
            await Check("read_balance", "PayPal knows the account, lets us act for it, and the balance can be read.", c => api.GetBalancesAsync(c, cancel)),
            await Check("read_transactions", "Transactions can be read.", c => api.ListTransactionsAsync(c, week, now, 1, cancel, size: 1)),
            await Check("read_disputes", "Disputes can be read.", c => api.ListDisputesAsync(c, week, token: null, cancel, size: 1)),
        ]);

        async Task<ConnectionCheck> Check(string name, string good, Func<PayPalCaller, Task<ProviderResult<ProviderAnswer>>> call)
        {
            var started = TimeProvider.System.GetTimestamp();
            var error = caller is { } known ? (await call(known)).Error : PayPalErrors.NoAccount;
            return new(name, error is null, error?.Message ?? good, TimeProvider.System.GetElapsedTime(started)) { Error = error };
        }
    }

    internal static PayPalCaller? CallerOf(ProviderAccess access) =>
        access.ExternalAccountId is { Length: > 0 } account ? new(account, access.AccessToken, access.Lane, access.Patient) : null;
}
