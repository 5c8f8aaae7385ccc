namespace FinanceIntegrations.Local.Services;

/// <summary>Installs packages on Debian and Ubuntu without what their installation would start.</summary>
internal static class InstallScript
{
    /// <summary>
    /// Arguments: yes or no for PostgreSQL, yes or no for Redis; the folder that the machine's root is, if it is another. policy-rc.d keeps services
    /// from being started (invoke-rc.d's manual page), create_main_cluster (pg_createcluster's) keeps a cluster from being made; both are put back as
    /// they were. One of ours that a kill -9 left behind says so, and is not taken for the machine's own. Redis' service, which the package enables
    /// for the next boot, is disabled.
    /// </summary>
    public const string Text =
        """
        set -eu
        export DEBIAN_FRONTEND=noninteractive
        policy=${3:-}/usr/sbin/policy-rc.d
        kept=$policy.kept-by-finance-integrations
        cluster=${3:-}/etc/postgresql-common/createcluster.d/finance-integrations.conf
        mark='made by finance-integrations while it installs packages'
        restore() {
          rm -f "$policy" "$cluster"
          if [ -e "$kept" ]; then mv "$kept" "$policy"; fi
        }
        if [ -e "$policy" ] && ! grep -q "$mark" "$policy"; then mv "$policy" "$kept"; fi
        trap restore EXIT
        trap 'exit 1' INT TERM HUP
        printf '#!/bin/sh\n# %s\nexit 101\n' "$mark" >"$policy"
        chmod 755 "$policy"
        mkdir -p "${cluster%/*}"
        echo 'create_main_cluster = false' >"$cluster"

        apt-get update -q || true
        packages=
        if [ "$1" = yes ]; then
          newest=$(apt-cache search --names-only '^postgresql-[0-9]+$' | sed 's/^postgresql-\([0-9]*\).*/\1/' | sort -n | tail -1)
          if [ "${newest:-0}" -lt 15 ]; then echo "these package sources have no PostgreSQL 15 or newer"; exit 1; fi
          packages="postgresql-$newest"
        fi
        if [ "$2" = yes ]; then packages="$packages redis-server"; fi
        apt-get install -y -q --no-install-recommends $packages
        if [ "$2" = yes ] && command -v systemctl >/dev/null; then systemctl disable redis-server || true; fi
        """;

    /// <summary>Runs to its end, cancelled or not: what is killed on the way puts nothing back, and leaves half of a package.</summary>
    /// <param name="prefix">The command that makes the script root's.</param>
    /// <param name="postgres">Whether PostgreSQL is to be installed.</param>
    /// <param name="redis">Whether Redis is.</param>
    /// <param name="cancel">Heard when it has ended.</param>
    /// <param name="root">The folder that the machine's root is, if it is another.</param>
    public static async Task<CommandResult> RunAsync(IReadOnlyList<string> prefix, bool postgres, bool redis, CancellationToken cancel, string root = "")
    {
        string[] command = [.. prefix, "/bin/sh", "-c", Text, "install", postgres ? "yes" : "no", redis ? "yes" : "no", root];
        var installed = await Command.RunAsync(command[0], command[1..], CancellationToken.None);
        cancel.ThrowIfCancellationRequested();
        return installed;
    }
}
