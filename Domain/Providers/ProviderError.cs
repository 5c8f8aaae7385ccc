namespace FinanceIntegrations.Domain.Providers;

/// <summary>What kind of trouble a failed call to a provider is. The class alone decides what happens next.</summary>
public enum ErrorClass
{
    /// <summary>The credential was refused: refresh once and try again, else the user authorizes again.</summary>
    Authentication,

    /// <summary>Only the user can help: consent withdrawn, expired or too narrow.</summary>
    Consent,

    /// <summary>The call did not reach the provider, or its answer did not reach us; the call changed nothing.</summary>
    Network,

    /// <summary>Too many calls. <see cref="ProviderError.RetryAfter"/> says when, if the provider does.</summary>
    RateLimited,

    /// <summary>The provider answers, but cannot serve: 5xx, maintenance.</summary>
    ProviderUnavailable,

    /// <summary>The answer, or our request, does not fit the protocol.</summary>
    Validation,

    /// <summary>The provider understood and refuses: duplicate, closed account.</summary>
    BusinessRule,

    /// <summary>A write whose answer never came. It may have happened.</summary>
    OutcomeUnknown,
}

/// <summary>A failed call, classified. Holds nothing secret or personal: it is logged, stored and shown.</summary>
/// <param name="Class">Decides retry, refresh, breaker or a person.</param>
/// <param name="Code">The provider's own code, or ours in snake_case where it gave none. Stable.</param>
/// <param name="Message">A sentence for a person. Written by us; never the provider's free text.</param>
public sealed record ProviderError(ErrorClass Class, string Code, string Message)
{
    /// <summary>HTTP status of the answer, where there was one.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>How long the provider asked us to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The provider's id of the request, for its support desk.</summary>
    public string? RequestId { get; init; }

    /// <summary>The credential in question is the deployment's own, not the user's: an operator mends it, and no refresh helps.</summary>
    public bool OwnCredential { get; init; }

    /// <summary>True where it says that the provider cannot serve now. Being asked to slow down, or data that does not fit, does not say so.</summary>
    public bool ProviderInTrouble => Class is ErrorClass.Network or ErrorClass.ProviderUnavailable or ErrorClass.OutcomeUnknown;

    /// <summary>True where only the user can mend it.</summary>
    public bool NeedsUser => !OwnCredential && Class is (ErrorClass.Authentication or ErrorClass.Consent);
}

/// <summary>An answer or a classified error. Only bugs and cancellation are thrown past a connector.</summary>
public readonly record struct ProviderResult<T>
{
    private readonly T? _value;

    private ProviderResult(T? value, ProviderError? error)
    {
        _value = value;
        Error = error;
    }

    public ProviderError? Error { get; }

    public bool Ok => Error is null;

    /// <exception cref="InvalidOperationException">The call failed; ask <see cref="Ok"/> first.</exception>
    public T Value => Error is null ? _value! : throw new InvalidOperationException($"No value: {Error.Code}.");

    public static implicit operator ProviderResult<T>(T value) => new(value, null);

    public static implicit operator ProviderResult<T>(ProviderError error) => new(default, error);

    public ProviderResult<TOther> Map<TOther>(Func<T, TOther> map) => Ok ? map(Value) : Error!;
}
