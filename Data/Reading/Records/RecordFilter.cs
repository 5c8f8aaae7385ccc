namespace FinanceIntegrations.Data.Reading.Records;

/// <summary>Which records a list shows. Null: any.</summary>
/// <param name="Occurred">Of records that have a moment of their own.</param>
public sealed record RecordFilter(string? Status, string? Type, string? Currency, Period Occurred);
