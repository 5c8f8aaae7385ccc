using FinanceIntegrations.Data;
using FinanceIntegrations.Data.Sync;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace FinanceIntegrations.Grains.Sync;

/// <param name="Mapped">Rows that fit now and are parked no longer.</param>
/// <param name="Unfit">Rows that still do not.</param>
/// <param name="Next">Where to go on; null: every row was looked at.</param>
internal sealed record RemapOutcome(long Mapped, long Unfit, long? Next);

/// <summary>Maps parked rows again from what was kept of them. The provider is not called; interrupted, it is simply begun again.</summary>
internal sealed partial class Remapping(ParkedRows parked, TimeProvider clock, ILogger<Remapping> log)
{
    public const int BatchSize = 500;

    /// <summary>So long a call may take before it hands back where to go on.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(700);

    /// <param name="after">Only rows beyond this id; 0 for all.</param>
    public async Task<RemapOutcome> RunAsync(
        IMapsRows mapping, Guid integration, string? account, StreamInfo stream, long after, CancellationToken cancel)
    {
        var (began, mapped, unfit) = (clock.GetTimestamp(), 0L, 0L);
        while (true)
        {
            var rows = await parked.TakeAsync(integration, stream.Id, after, BatchSize, cancel);
            var batch = rows.Select(row => (Row: row, Mapped: Map(mapping, stream, account, row))).ToList();
            var fitting = batch.Where(one => one.Mapped.Rejected is null).ToList();
            var stored = await StoreAsync(integration, stream, fitting);
            await parked.KeepAsync(integration, [.. batch.Where(one => one.Mapped.Rejected is not null).Select(one => (one.Row.Id, one.Mapped.Rejected!))], CancellationToken.None);
            (mapped, unfit) = (mapped + stored, unfit + rows.Count - stored);
            if (rows.Count < BatchSize) return new(mapped, unfit, null);
            after = rows[^1].Id;
            if (clock.GetElapsedTime(began) > Limit) return new(mapped, unfit, after);
        }
    }

    /// <summary>Records and the end of their parked rows in one transaction. A row that the database refuses stays parked, alone.</summary>
    private async Task<int> StoreAsync(Guid integration, StreamInfo stream, List<(WaitingRow Row, MappedRow Mapped)> rows)
    {
        if (rows.Count == 0) return 0;
        try
        {
            await parked.ReplaceAsync(integration, stream.Kind, [.. rows.SelectMany(r => r.Mapped.Records)], [.. rows.Select(r => r.Row.Id)], CancellationToken.None);
            return rows.Count;
        }
        catch (PostgresException refused) when (DatabaseFaults.IsAboutTheData(refused))
        {
            if (rows.Count == 1)
            {
                LogRefused(integration, rows[0].Row.Id, refused.SqlState);
                return 0;
            }
            var stored = 0;
            foreach (var row in rows) stored += await StoreAsync(integration, stream, [row]);
            return stored;
        }
    }

    private MappedRow Map(IMapsRows mapping, StreamInfo stream, string? account, WaitingRow row)
    {
        try
        {
            return mapping.MapAgain(new(stream.Id, account, row.Raw, row.AsOf));
        }
        catch (Exception bug)
        {
            LogMappingFailed(bug, row.Id);   // one row must not hold up the others
            return new([], new(null, row.Code, row.Reason, row.Raw));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Integration {Integration}: parked row {Row} fits its mapping, but the database refuses it ({SqlState})")]
    private partial void LogRefused(Guid integration, long row, string sqlState);

    [LoggerMessage(Level = LogLevel.Error, Message = "Parked row {Row} could not be mapped again")]
    private partial void LogMappingFailed(Exception bug, long row);
}
