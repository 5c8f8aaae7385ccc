using System.Globalization;

namespace FinanceIntegrations.Sandbox.Square;

/// <summary>A list's parameters, checked as far as Square checks them. Times are unix milliseconds.</summary>
internal sealed class ListParameters
{
    private const int Most = 100;

    private readonly Dictionary<string, string> _values = [];

    private ListParameters()
    {
    }

    public int Limit { get; private set; } = Most;
    public string? Cursor => this["cursor"];
    public bool Ascending => this["sort_order"] == "ASC";
    public bool ByUpdate => this["sort_field"] == "UPDATED_AT";

    public string? this[string name] => _values.GetValueOrDefault(name);

    /// <summary>All that decides which rows there are and in which order, for the cursor.</summary>
    public string Identity => string.Join('&', _values.Where(pair => pair.Key is not "cursor").OrderBy(pair => pair.Key, StringComparer.Ordinal)
        .Select(pair => $"{pair.Key}={pair.Value}"));

    /// <param name="query">As it was sent.</param>
    /// <param name="known">What the endpoint takes.</param>
    /// <param name="error">Why it is refused.</param>
    public static ListParameters? Read(IQueryCollection query, IReadOnlySet<string> known, out SquareError? error)
    {
        var parameters = new ListParameters();
        error = null;
        foreach (var (name, values) in query)
        {
            if (!known.Contains(name)) error ??= SquareError.Bad("UNKNOWN_QUERY_PARAMETER", $"Unknown parameter `{name}`.", name);
            else if (values.ToString() is { Length: > 0 } value) parameters._values[name] = value;
        }
        error ??= parameters.Check();
        return error is null ? parameters : null;
    }

    /// <summary>Null: not asked.</summary>
    public long? Time(string name) => this[name] is { } text
        ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUnixTimeMilliseconds()
        : null;

    private SquareError? Check()
    {
        foreach (var (name, value) in _values)
        {
            if (name.EndsWith("_time", StringComparison.Ordinal)
                && !(value.Contains('T', StringComparison.Ordinal) && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _)))
                return SquareError.Bad("INVALID_TIME", $"`{value}` is not a valid RFC 3339 time.", name);
        }
        if (this["sort_order"] is { } order && order is not ("ASC" or "DESC"))
            return SquareError.Bad("INVALID_SORT_ORDER", $"`{order}` is not a sort order.", "sort_order");
        if (this["sort_field"] is { } field && field is not ("CREATED_AT" or "UPDATED_AT" or "OFFLINE_CREATED_AT"))
            return SquareError.Bad("INVALID_ENUM_VALUE", $"`{field}` is not a valid enum value for `sort_field`.", "sort_field");
        if (Time("begin_time") > Time("end_time") || Time("updated_at_begin_time") > Time("updated_at_end_time"))
            return SquareError.Bad("INVALID_TIME_RANGE", "The begin of a range must not be after its end.", "begin_time");
        if (this["limit"] is not { } limit) return null;
        if (!int.TryParse(limit, CultureInfo.InvariantCulture, out var number)) return SquareError.Bad("EXPECTED_INTEGER", "Expected an integer value.", "limit");
        if (number < 1) return SquareError.Bad("VALUE_TOO_LOW", "`limit` must be at least 1.", "limit");
        Limit = number > Most ? Most : number;   // a larger one is ignored
        return null;
    }
}
