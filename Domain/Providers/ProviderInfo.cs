using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Domain.Tokens;

namespace FinanceIntegrations.Domain.Providers;

/// <summary>What the catalogue says of a provider.</summary>
public sealed record ProviderInfo
{
    public required ProviderId Id { get; init; }

    public required string Name { get; init; }

    public required IntegrationType Type { get; init; }

    public required IReadOnlyList<StreamInfo> Streams { get; init; }

    /// <summary>OAuth scopes that we ask for.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>How its OAuth tokens live.</summary>
    public TokenRules Tokens { get; init; } = new();

    /// <summary>What the connector can do, in snake_case: <c>oauth</c>, <c>webhooks</c>, <c>delta_sync</c>, <c>revoke</c>.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>What it lets us change, of <see cref="Operations.WriteKinds"/>. Each is off until a switch of the deployment allows it.</summary>
    public IReadOnlyList<string> Writes { get; init; } = [];

    /// <summary>Steps that an operator takes to get credentials, in order.</summary>
    public required IReadOnlyList<string> SetUpHints { get; init; }

    /// <summary>Environment variables that the provider needs.</summary>
    public required IReadOnlyList<string> RequiredSettings { get; init; }

    public required Uri DocumentationUrl { get; init; }
}

/// <summary>One named stream of a provider and the unified table that it fills.</summary>
/// <param name="Id">snake_case, unique within the provider, stored for ever: <c>transactions</c>.</param>
public sealed record StreamInfo(string Id, Records.RecordKind Kind, string Description)
{
    /// <summary>How it is read. Unless told, each pass after the first is a delta, and the first reads everything.</summary>
    public StreamPolicy Policy { get; init; } = new();

    /// <summary>Where several streams fill one table, the <c>type</c> that this one's rows carry there; null: every row of the table is this stream's.</summary>
    public string? RowType { get; init; }

    /// <summary>Its rows say which payout they are part of: payout entries, or movements that name their payout.</summary>
    public bool TellsEntries { get; init; }

    /// <summary>The provider lists none of its rows: what is read are payouts that we know of, each by its id.</summary>
    public bool FollowsPayouts { get; init; }

    /// <summary>Another stream, of the same table: whoever asks for that one asks for this one too. Null: it is asked for by itself.</summary>
    public string? ReadWith { get; init; }
}
