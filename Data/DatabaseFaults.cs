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
        _ when IsOutOfStep(exception) => true,
        _ => IsUnavailable(exception.InnerException),
    };

    /// <summary>A pooled connection may lead to a server that is no more: what may run twice is tried once more.</summary>
    /// <exception cref="NpgsqlException">The second try failed too, or the first for a reason that trying again does not change.</exception>
    public static async Task<T> OnceMoreAsync<T>(Func<Task<T>> idempotent)
    {
        ArgumentNullException.ThrowIfNull(idempotent);
        try
        {
            return await idempotent();
        }
        catch (Exception lost) when (lost is NpgsqlException { IsTransient: true } || IsOutOfStep(lost))
        {
            return await idempotent();
        }
    }

    /// <summary>
    /// A statement that the server refused at the very use that prepared it is taken by Npgsql for one without rows; at its next use on that
    /// connection Npgsql meets a row, throws a plain <see cref="Exception"/> and drops the connection (npgsql/npgsql#6391). The statement may have taken effect.
    /// </summary>
    private static bool IsOutOfStep(Exception exception) => exception.GetType() == typeof(Exception) && exception.Source == nameof(Npgsql);

    /// <summary>PostgreSQL's text has no NUL (22021), nor has its jsonb (22P05).</summary>
    public static bool IsBadText(Exception exception) => exception is PostgresException { SqlState: "22021" or "22P05" };

    /// <summary>SQLSTATE classes 22 (data exception) and 23 (integrity constraint): the same data fails again.</summary>
    public static bool IsAboutTheData(Exception exception) =>
        exception is PostgresException p && (p.SqlState.StartsWith("22", StringComparison.Ordinal) || p.SqlState.StartsWith("23", StringComparison.Ordinal));
}
