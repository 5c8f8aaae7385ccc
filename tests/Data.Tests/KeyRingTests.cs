using System.Security.Cryptography;
using FinanceIntegrations.Data.Endpoints;
using FinanceIntegrations.Data.KeyRings;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace FinanceIntegrations.Data.Tests;

/// <summary>Each process of a test has its own rings in memory and shares only the database.</summary>
public sealed class KeyRingTests(OwnDatabase own) : IClassFixture<OwnDatabase>, IAsyncLifetime
{
    private const string EdgeSetting = "DataProtection:EdgeMasterKey";
    private const string TokenSetting = "DataProtection:TokenMasterKey";
    private readonly List<ServiceProvider> _processes = [];
    private readonly NpgsqlDataSource _source = own.Source;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _source.ExecuteAsync("delete from data_protection_keys", Cancel);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes) await process.DisposeAsync();
    }

    [Fact]
    public void What_one_process_sealed_another_with_the_same_master_key_opens()
    {
        var master = NewKey();
        var text = Protector(Start(edge: master), KeyRing.Edge).Protect("whsec_1");
        Assert.Equal("whsec_1", Protector(Start(edge: master), KeyRing.Edge).Unprotect(text));
    }

    [Fact]
    public void One_ring_cannot_open_what_the_other_sealed_though_both_have_the_same_master_key()
    {
        var master = NewKey();
        var process = Start(edge: master, tokens: master);
        var (edge, tokens) = (Protector(process, KeyRing.Edge), Protector(process, KeyRing.Tokens));
        var (ofEdge, ofTokens) = (edge.Protect("x"), tokens.Protect("y"));
        Assert.Throws<CryptographicException>(() => tokens.Unprotect(ofEdge));
        Assert.Throws<CryptographicException>(() => edge.Unprotect(ofTokens));
        Assert.Equal(("x", "y"), (edge.Unprotect(ofEdge), tokens.Unprotect(ofTokens)));
    }

    [Fact]
    public async Task A_ring_reads_its_own_rows_alone()
    {
        var process = Start(edge: NewKey(), tokens: NewKey());
        Protector(process, KeyRing.Edge).Protect("x");
        Protector(process, KeyRing.Tokens).Protect("y");
        Assert.Equal(["edge 1", "tokens 1"], await _source.ListAsync<string>(
            "select ring || ' ' || count(*) from data_protection_keys group by ring order by ring", Cancel));
        Assert.Single(new PostgresKeyRepository(_source, KeyRing.Tokens).GetAllElements());
    }

    [Theory]
    [InlineData(null), InlineData(""), InlineData("  "), InlineData("no base64!"), InlineData(","), InlineData("c2hvcnQ=")]
    public void A_master_key_that_is_missing_or_malformed_stops_the_start_and_the_message_names_the_setting_only(string? given)
    {
        foreach (var (setting, edge, tokens) in new[] { (EdgeSetting, given, NewKey()), (TokenSetting, NewKey(), given) })
        {
            var refused = Assert.Throws<InvalidOperationException>(() => Start(edge, tokens));
            Assert.StartsWith(setting, refused.Message, StringComparison.Ordinal);
            if (given?.Trim(' ', ',').Length > 0) Assert.DoesNotContain(given, refused.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void One_good_key_beside_a_bad_one_is_refused() =>
        Assert.Throws<InvalidOperationException>(() => Start(edge: $"{NewKey()},c2hvcnQ="));

    [Fact]
    public void With_a_wrong_master_key_nothing_opens_and_the_error_says_what_to_do()
    {
        var text = Protector(Start(tokens: NewKey()), KeyRing.Tokens).Protect("token");
        var refused = Assert.ThrowsAny<CryptographicException>(() => Protector(Start(tokens: NewKey()), KeyRing.Tokens).Unprotect(text));
        Assert.Contains("keep a replaced master key in the setting", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_master_key_is_replaced_by_putting_the_new_one_first()
    {
        var (old, replacement) = (NewKey(), NewKey());
        var before = Protector(Start(tokens: old), KeyRing.Tokens).Protect("before");
        var both = Protector(Start(tokens: $"{replacement}, {old}"), KeyRing.Tokens);
        Assert.Equal("before", both.Unprotect(before));
        Assert.Equal("after", Protector(Start(tokens: $"{replacement},{old}"), KeyRing.Tokens).Unprotect(both.Protect("after")));
    }

    [Fact]
    public void A_key_wrapped_by_the_newest_master_key_opens_without_the_older_ones()
    {
        var (old, replacement) = (NewKey(), NewKey());
        var text = Protector(Start(tokens: $"{replacement},{old}"), KeyRing.Tokens).Protect("token");   // the ring's first key
        Assert.Equal("token", Protector(Start(tokens: replacement), KeyRing.Tokens).Unprotect(text));
        Assert.ThrowsAny<CryptographicException>(() => Protector(Start(tokens: old), KeyRing.Tokens).Unprotect(text));
    }

    [Fact]
    public async Task Nothing_stands_in_the_table_in_plain_text()
    {
        var (edge, tokens) = (NewKey(), NewKey());
        var process = Start(edge, tokens);
        Protector(process, KeyRing.Edge).Protect("whsec_plain");
        Protector(process, KeyRing.Tokens).Protect("token_plain");
        var rows = await _source.ListAsync<string>("select xml from data_protection_keys", Cancel);
        Assert.Equal(2, rows.Count);
        Assert.All(rows, xml =>
        {
            Assert.Contains("<wrapped ", xml, StringComparison.Ordinal);
            // Data Protection's own element of an unprotected key is <masterKey><value>.
            foreach (var plain in new[] { edge, tokens, "masterKey>", "<value>", "_plain" })
                Assert.DoesNotContain(plain, xml, StringComparison.Ordinal);
        });
    }

    [Theory, InlineData("tag"), InlineData("master")]
    public async Task A_row_that_was_tampered_with_opens_nothing(string attribute)
    {
        var master = NewKey();
        var text = Protector(Start(tokens: master), KeyRing.Tokens).Protect("token");
        var other = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        await _source.ExecuteAsync(
            "update data_protection_keys set xml = regexp_replace(xml, $1 || '=\"[^\"]*\"', $1 || '=\"' || $2 || '\"')",
            Cancel, attribute, other);
        Assert.ThrowsAny<CryptographicException>(() => Protector(Start(tokens: master), KeyRing.Tokens).Unprotect(text));
    }

    [Fact]
    public void A_webhook_secret_opens_for_its_own_endpoint_alone_and_never_with_the_tokens_ring()
    {
        var process = Start(edge: NewKey(), tokens: NewKey());
        var secrets = new WebhookSecrets(process.GetRequiredKeyedService<IDataProtectionProvider>(KeyRing.Edge));
        var (mine, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var text = secrets.Seal(mine, "whsec_1");
        Assert.DoesNotContain("whsec_1", text, StringComparison.Ordinal);
        Assert.Equal("whsec_1", secrets.Open(mine, text));
        Assert.Throws<CryptographicException>(() => secrets.Open(other, text));
        var tokens = new WebhookSecrets(process.GetRequiredKeyedService<IDataProtectionProvider>(KeyRing.Tokens));
        Assert.Throws<CryptographicException>(() => tokens.Open(mine, text));
    }

    [Fact]
    public void Master_keys_do_not_print()
    {
        var keys = MasterKeys.Parse(NewKey(), EdgeSetting, Host.CreateEmptyApplicationBuilder(new()).Environment);
        Assert.Equal("***", $"{keys}");
    }

    private static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private static IDataProtector Protector(ServiceProvider process, string ring) =>
        process.GetRequiredKeyedService<IDataProtectionProvider>(ring).CreateProtector("test");

    private ServiceProvider Start(string? edge = "none", string? tokens = "none")
    {
        var settings = new Dictionary<string, string?> { [EdgeSetting] = edge, [TokenSetting] = tokens };
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var environment = Host.CreateEmptyApplicationBuilder(new() { EnvironmentName = "Production" }).Environment;
        var services = new ServiceCollection().AddLogging().AddSingleton(_source);
        if (edge != "none") services.AddEdgeKeyRing(configuration, environment);
        if (tokens != "none") services.AddTokenKeyRing(configuration, environment);
        _processes.Add(services.BuildServiceProvider());
        return _processes[^1];
    }
}
