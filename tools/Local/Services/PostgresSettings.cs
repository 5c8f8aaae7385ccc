namespace FinanceIntegrations.Local.Services;

/// <summary>What differs from PostgreSQL's defaults. On the command line, so that data made by an older checkout gets them too.</summary>
internal static class PostgresSettings
{
    public static IEnumerable<string> Arguments(int port, string walCompression) =>
        new[]
        {
            $"port={port}",
            "listen_addresses=127.0.0.1",
            // A socket's path may be 107 bytes long, a checkout's path longer; and loopback with a password is what the services use.
            "unix_socket_directories=",
            "max_connections=200",
            "shared_buffers=256MB",
            "max_wal_size=4GB",
            "min_wal_size=1GB",
            // Commits wait while a new segment of the log is written full of zeros: tens of milliseconds, twice a second under load.
            "wal_init_zero=off",
            // The kernel keeps what it is not told to write, and then writes half a minute's worth at once, with the log waiting behind it.
            "backend_flush_after=256kB",
            // The same for vacuum: 10 MB a second instead of 40.
            "autovacuum_vacuum_cost_limit=50",
            $"wal_compression={walCompression}",
            "track_io_timing=off",
            "fsync=on",
            "full_page_writes=on",
            "synchronous_commit=on",
            "logging_collector=off",
            "log_line_prefix=%m [%p] ",
        }.SelectMany(setting => new[] { "-c", setting });
}
