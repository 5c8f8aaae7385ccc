using FinanceIntegrations.Data.Reading;
using Npgsql;

namespace FinanceIntegrations.Data.Integrations;

/// <summary>Who else lives by a consent: to providers it is one per account, however many integrations read it.</summary>
public sealed class AccountHolders(NpgsqlDataSource database)
{
    /// <summary>Is the account connected by another integration that was not deleted?</summary>
    public async Task<bool> IsHeldByAnotherAsync(Guid integration, string provider, string externalAccountId, CancellationToken cancel)
    {
        // Index: integrations_by_account.
        await using var command = database.CreateCommand("""
            select exists (select 1 from integrations where provider = $1 and external_account_id = $2 and deleted_at is null and id <> $3)
            """);
        return (bool)(await command.With(provider).With(externalAccountId).With(integration).ExecuteScalarAsync(cancel))!;
    }
}
