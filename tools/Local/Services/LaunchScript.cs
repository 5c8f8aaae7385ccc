namespace FinanceIntegrations.Local.Services;

/// <summary>
/// Starts a program and leaves a watcher behind that outlives neither it nor its owner. The watcher reads a pipe whose other end only the
/// owner holds: a line means that the program has ended, the pipe's end that the owner has died, by whatever signal. Chosen over
/// PR_SET_PDEATHSIG, which is tied to the parent's thread (.NET's pool threads come and go) and is lost when credentials change.
/// </summary>
internal static class LaunchScript
{
    /// <summary>
    /// Arguments: log file, number of the stop signal, seconds until SIGKILL, the command. The shell becomes the program (its id stays);
    /// the watcher is forked twice, so that the program has no child it does not know.
    /// </summary>
    public const string Text =
        """
        log=$1 signal=$2 grace=$3
        shift 3
        exec 3<&0 >>"$log" 2>&1
        (
          (
            read -r _ <&3 && exit
            kill "-$signal" $$ 2>/dev/null
            waited=0
            while kill -0 $$ 2>/dev/null && [ "$waited" -lt "$((grace * 5))" ]; do
              sleep 0.2
              waited=$((waited + 1))
            done
            kill -9 $$ 2>/dev/null
          ) >/dev/null 2>&1 &
        )
        exec "$@" 3<&- </dev/null
        """;
}
