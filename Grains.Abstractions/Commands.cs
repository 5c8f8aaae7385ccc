namespace FinanceIntegrations.Grains.Abstractions;

[GenerateSerializer, Immutable, Alias("fi.CreateIntegration")]
public sealed record CreateIntegration
{
    [Id(0)] public required string Owner { get; init; }
    [Id(1)] public required string Name { get; init; }

    /// <summary>snake_case, as in the API.</summary>
    [Id(2)] public required string Type { get; init; }
    [Id(3)] public required string Provider { get; init; }
    [Id(4)] public string? OAuthProvider { get; init; }

    /// <summary>A JSON object as text.</summary>
    [Id(5)] public string Config { get; init; } = "{}";
    [Id(6)] public string Metadata { get; init; } = "{}";
    [Id(7)] public int SyncFrequencyMinutes { get; init; } = 60;
}

[GenerateSerializer, Immutable, Alias("fi.UpdateIntegration")]
public sealed record UpdateIntegration
{
    [Id(0)] public required string Name { get; init; }
    [Id(1)] public string Config { get; init; } = "{}";
    [Id(2)] public string Metadata { get; init; } = "{}";
    [Id(3)] public required int SyncFrequencyMinutes { get; init; }
    [Id(4)] public required bool IsActive { get; init; }
}

[GenerateSerializer, Immutable, Alias("fi.BeginAuthorization")]
public sealed record BeginAuthorization
{
    /// <summary>Random, at least 128 bits; stands in <see cref="State"/> too.</summary>
    [Id(0)] public required string Nonce { get; init; }

    /// <summary>Made and sealed by the Api; opaque here.</summary>
    [Id(1)] public required string State { get; init; }
    [Id(2)] public required string RedirectUri { get; init; }
}

[GenerateSerializer, Immutable, Alias("fi.CompleteAuthorization")]
public sealed record CompleteAuthorization
{
    [Id(0)] public required string Nonce { get; init; }

    /// <summary>Null where the provider answered with an error.</summary>
    [Id(1)] public string? Code { get; init; }

    /// <summary>The provider's error code of a denied authorization: <c>access_denied</c>. Told in the refusal where OAuth knows it.</summary>
    [Id(2)] public string? Error { get; init; }

    /// <summary>What else the callback carried.</summary>
    [Id(3)] public Dictionary<string, string> Parameters { get; init; } = [];

    public override string ToString() => "authorization ***";
}

[GenerateSerializer, Immutable, Alias("fi.StartSync")]
public sealed record StartSync
{
    /// <summary>Now, though not due.</summary>
    [Id(0)] public bool Force { get; init; }

    /// <summary><c>user</c> · <c>schedule</c> · <c>webhook</c> · <c>connected</c> · <c>admin</c>. History has a trigger of its own, which nobody sends.</summary>
    [Id(1)] public required string Trigger { get; init; }

    /// <summary>Read everything again, whatever the cursors say.</summary>
    [Id(2)] public bool Full { get; init; }
}

/// <summary>A person's decision about an item of the attention list.</summary>
[GenerateSerializer, Immutable, Alias("fi.ResolveAttention")]
public sealed record ResolveAttention
{
    [Id(0)] public required Guid Item { get; init; }

    /// <summary>The code of one of the item's choices.</summary>
    [Id(1)] public required string Choice { get; init; }

    /// <summary>The user (<c>sub</c>) who decides.</summary>
    [Id(2)] public required string By { get; init; }
    [Id(3)] public string? Note { get; init; }
}

/// <summary>Asks for a stream's parked rows to be mapped again.</summary>
[GenerateSerializer, Immutable, Alias("fi.RemapParked")]
public sealed record RemapParked
{
    [Id(0)] public required string Stream { get; init; }

    /// <summary>Where the answer before said to go on; 0 to begin.</summary>
    [Id(1)] public long After { get; init; }

    /// <summary>The user (<c>sub</c>) who asks: settles the item, once no row waits any more.</summary>
    [Id(2)] public required string By { get; init; }
    [Id(3)] public string? Note { get; init; }
}
