using System.Net.Sockets;
using Npgsql;

namespace FinanceIntegrations.Local.Services;

/// <summary>Waits until a process answers, and says why if it never does.</summary>
internal static class Readiness
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(5);

    /// <summary>For probes on loopback only; lives as long as the program.</summary>
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = AttemptLimit });

    public static Task AwaitHealthyAsync(LocalProcess process, Uri address, TimeSpan limit, CancellationToken cancel) =>
        AwaitAsync(process, limit, token => IsHealthyAsync(address, token), cancel);

    /// <summary>On failure the process is ended, and its log's last lines are in the exception.</summary>
    public static async Task AwaitAsync(
        LocalProcess process, TimeSpan limit, Func<CancellationToken, Task<bool>> answers, CancellationToken cancel)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limited.CancelAfter(limit);
        try
        {
            while (!await AnsweredAsync(answers, limited.Token))
            {
                if (process.HasExited)
                    throw new LocalStartException($"{process.Name} ended with code {await process.Exited}:\n{process.LogTail()}");
                await Task.Delay(Pause, limited.Token);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            await process.DisposeAsync();
            throw new LocalStartException($"{process.Name} was not ready within {limit.TotalSeconds:0} s:\n{process.LogTail()}");
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    private static async Task<bool> IsHealthyAsync(Uri address, CancellationToken cancel)
    {
        using var answer = await Http.GetAsync(address, cancel);
        return answer.IsSuccessStatusCode;
    }

    private static async Task<bool> AnsweredAsync(Func<CancellationToken, Task<bool>> answers, CancellationToken cancel)
    {
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        attempt.CancelAfter(AttemptLimit);
        try
        {
            return await answers(attempt.Token);
        }
        catch (Exception notYet) when (notYet is SocketException or IOException or HttpRequestException or NpgsqlException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }
}
