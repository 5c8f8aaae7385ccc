using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers.Transport;
using FinanceIntegrations.Providers.Wire;

namespace FinanceIntegrations.Providers.Square;

/// <summary>A list's page, mapped.</summary>
internal sealed class ReadPage
{
    public List<UnifiedRecord> Records { get; } = new(SquareApi.PageSize);

    public List<RejectedRow> Rejected { get; } = [];

    /// <summary>Square's cursor of the next page; null: the list ends here.</summary>
    public string? Next { get; private init; }

    /// <summary>Time of the last row, unix seconds; null where there is none.</summary>
    public long? Reached { get; private init; }

    public int Bytes { get; private init; }

    public int Shown => Records.Count + Rejected.Count;

    /// <param name="kind">What the rows are.</param>
    /// <param name="name">The array's name in the answer.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="after">The cursor that was sent: a page that leads to itself would be read for ever.</param>
    /// <param name="ordered">The field by which the list is ordered.</param>
    public static ProviderResult<ReadPage> Of(SquareObject kind, string name, ProviderAnswer answer, string? after, string ordered)
    {
        if (SquareList.Read(name, answer.Body) is not { } list) return SquareErrors.Unreadable(answer);
        if (list.Cursor is not null && list.Cursor == after) return SquareErrors.Unreadable(answer, "pagination_stuck");
        var page = new ReadPage
        {
            Next = list.Cursor,
            Bytes = answer.Body.Length,
            Reached = list.Rows is [.., var last] ? TimeOf(last, ordered) : null,
        };
        foreach (var raw in list.Rows)
        {
            var row = SquareMapping.Row(kind, raw, answer.AsOf);
            if (row.Record is { } record) page.Records.Add(record);
            if (row.Rejected is { } rejected) page.Rejected.Add(rejected);
        }
        return page;
    }

    public static long? TimeOf(ReadOnlyMemory<byte> row, string field) =>
        SquareTime.Parse(JsonRows.TextOf(row.Span, System.Text.Encoding.UTF8.GetBytes(field)))?.ToUnixTimeSeconds();
}
