namespace FinanceIntegrations.Local.Services;

/// <summary>Installs packages on Debian and Ubuntu without what their installation would start.</summary>
internal static class InstallScript
{
    /// <summary>
    /// Arguments: yes or no for PostgreSQL, yes or no for Redis. policy-rc.d keeps services from being started (invoke-rc.d's manual page),
    /// create_main_cluster (pg_createcluster's) keeps a cluster from being made; both are put back as they were. Redis' service, which
    /// the package enables for the next boot, is disabled.
    /// </summary>
    public const string Text =
        """
        set -eu
        export DEBIAN_FRONTEND=noninteractive
        policy=/usr/sbin/policy-rc.d
        kept=/usr/sbin/policy-rc.d.kept-by-finance-integrations
        cluster=/etc/postgresql-common/createcluster.d/finance-integrations.conf
        restore() {
          rm -f "$policy" "$cluster"
          if [ -e "$kept" ]; then mv "$kept" "$policy"; fi
        }
        if [ -e "$policy" ] && [ ! -e "$kept" ]; then mv "$policy" "$kept"; fi
        trap restore EXIT
        trap 'exit 1' INT TERM HUP
        printf '#!/bin/sh\nexit 101\n' >"$policy"
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
}
