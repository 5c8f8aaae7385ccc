using System.Text.Json;

namespace FinanceIntegrations.Testing;

/// <summary>A refresh token that was presented to the sandbox. Tokens stand in it by their fingerprint.</summary>
/// <param name="Outcome"><c>rotated</c> · <c>kept</c> · <c>reused</c> · <c>refused</c> · <c>burned</c>.</param>
public sealed record SandboxRefresh(
    long Sequence, DateTimeOffset At, string? Account, string? Family, string Presented, string? Issued, string Outcome);

/// <summary>The control API of providers whose tokens rotate.</summary>
public sealed partial class SandboxControl
{
    /// <summary>A new organisation to which nobody is connected.</summary>
    public async Task<string> NewOrganisationAsync(string provider, CancellationToken cancel = default) =>
        (string)(await PostAsync($"/control/{provider}/accounts", new { }, cancel))["id"]!;

    /// <param name="provider">Whose.</param>
    /// <param name="life">As the control API spells it: access_seconds, refresh_seconds, grace_seconds, keeps_value_for_seconds, reuse_burns.</param>
    /// <param name="cancel">Stops the call.</param>
    public Task TokenLifeAsync(string provider, object life, CancellationToken cancel = default) => PostAsync($"/control/{provider}/tokens", life, cancel);

    /// <summary>Every refresh of an account, in the order of its effect, whether or not its answer arrived.</summary>
    public async Task<IReadOnlyList<SandboxRefresh>> RefreshesAsync(string provider, string account, CancellationToken cancel = default) =>
        (await GetAsync($"/control/{provider}/refreshes?account={account}", cancel)).Deserialize<List<SandboxRefresh>>(ApiUser.Json)!;

    /// <summary>How many requests to a path have arrived, whatever became of them.</summary>
    public async Task<int> ArrivalsAsync(string provider, string path, CancellationToken cancel = default) =>
        (await GetAsync($"/control/requests?provider={provider}&path={path}", cancel)).AsArray().Count;
}
