using Npgsql;

namespace FinanceIntegrations.Data;

/// <summary>What an exception says about the database.</summary>
public static class DatabaseFaults
{
    private const string DatabaseMissing = "3D000";
    private const string TableMissing = "42P01";

    /// <summary>Classes of SQLSTATE: connection, log-in, conflict, resources, operator, system.</summary>
    private static readonly string[] Passing = ["08", "28", "40", "53", "57", "58"];

    /// <summary>Away, restarting, not migrated yet, out of connections, or a conflict that another try resolves.</summary>
    public static bool IsUnavailable(Exception? exception) => exception switch
    {
        null => false,
        PostgresException p => Passing.Contains(p.SqlState[..2]) || p.SqlState is DatabaseMissing or TableMissing,
        NpgsqlException => true,
        _ => IsUnavailable(exception.InnerException),
    };

    /// <summary>PostgreSQL's text has no NUL (22021).</summary>
    public static bool IsBadText(Exception exception) => exception is PostgresException { SqlState: "22021" };

    /// <summary>SQLSTATE classes 22 (data exception) and 23 (integrity constraint): the same data fails again.</summary>
    public static bool IsAboutTheData(Exception exception) =>
        exception is PostgresException p && (p.SqlState.StartsWith("22", StringComparison.Ordinal) || p.SqlState.StartsWith("23", StringComparison.Ordinal));
}
