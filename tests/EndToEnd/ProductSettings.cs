namespace FinanceIntegrations.EndToEnd;

/// <summary>Settings that make a test quick and change nothing of what it shows.</summary>
internal static class ProductSettings
{
    public static Dictionary<string, string> Quick => new()
    {
        // Tests look more often than users do.
        ["RateLimits__ReadsPerMinute"] = "1000000",
        ["RateLimits__WritesPerMinute"] = "1000000",
        // A provider that hangs is given up sooner, and its retries come sooner.
        ["Providers__Stripe__Limits__AttemptTimeout"] = "00:00:04",
        ["Providers__Stripe__Limits__TotalTimeout"] = "00:00:06",
        ["Providers__Stripe__Limits__RetryDelay"] = "00:00:00.050",
        ["Sandbox__Stripe__RequestsPerSecond"] = "0",
        // What became of a write of which no answer came is looked up, and believed, sooner.
        ["Writes__CallTimeout"] = "00:00:03",
        ["Writes__Settling"] = "00:00:02",
        ["Writes__FirstPause"] = "00:00:00.200",
        // Beyond the server's own limit, so that it is this one which counts.
        ["Webhooks__MaxBodyBytes"] = "2097152",
        ["Providers__Stripe__Limits__CallsPerSecondPerAccount"] = "0",
        ["Providers__Square__Limits__CallsPerSecondPerAccount"] = "0",
        ["Providers__PayPal__Limits__CallsPerSecondPerAccount"] = "0",
    };

    public static Dictionary<string, string> With(IReadOnlyDictionary<string, string> more)
    {
        var settings = Quick;
        foreach (var (key, value) in more) settings[key] = value;
        return settings;
    }
}
