using System.Globalization;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>The form of a call that changes something, read as strictly as Stripe does: what nobody asked for is unknown to it.</summary>
internal sealed class WriteForm(IReadOnlyList<KeyValuePair<string, string>> pairs)
{
    private readonly HashSet<string> _read = [];
    private StripeError? _refusal;

    /// <summary>Why the call is not executed; once everything was read.</summary>
    public StripeError? Refusal => _refusal ?? (pairs.FirstOrDefault(p => !_read.Contains(p.Key)).Key is { } unknown ? StripeError.UnknownParameter(unknown) : null);

    /// <summary>Null where it is not there, or empty, which to Stripe is the same.</summary>
    public string? Text(string name, int longest = 5000)
    {
        _read.Add(name);
        var value = pairs.LastOrDefault(p => p.Key == name).Value;
        if (value?.Length > longest) Refuse(StripeError.TooLong(name, longest, value.Length));
        return value is { Length: > 0 } ? value : null;
    }

    public string Needed(string name)
    {
        if (Text(name) is { } value) return value;
        Refuse(StripeError.Required(name));
        return "";
    }

    /// <summary>A whole number from 1.</summary>
    public long Amount(string name)
    {
        var text = Needed(name);
        if (text.Length == 0) return 0;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            Refuse(StripeError.NotAnInteger(name, text));
        else if (number < 1)
            Refuse(new(400, "This value must be greater than or equal to 1.", "parameter_invalid_integer", name));
        else if (number > 99_999_999_999)
            Refuse(new(400, "This value must be less than or equal to 99999999999.", "parameter_invalid_integer", name));
        return number;
    }

    public bool? Flag(string name)
    {
        if (Text(name) is not { } value) return null;
        if (value is not ("true" or "false")) Refuse(StripeError.Invalid($"Invalid boolean: {value}", name));
        return value == "true";
    }

    /// <summary>A field whose value was packed by <see cref="Packed"/>.</summary>
    public (string Name, byte[] Content) File(string name)
    {
        _read.Add(name);
        if (pairs.LastOrDefault(p => p.Key == name).Value is { Length: > 0 } packed && packed.IndexOf(' ', StringComparison.Ordinal) is var end and >= 0)
            return (packed[(end + 1)..], Convert.FromBase64String(packed[..end]));
        Refuse(StripeError.Required(name));
        return ("", []);
    }

    /// <summary>A file as the value of a field, so that the journal keeps it like any other.</summary>
    public static string Packed(string name, ReadOnlySpan<byte> content) => $"{Convert.ToBase64String(content)} {name}";

    public string? OneOf(string name, params ReadOnlySpan<string> words)
    {
        if (Text(name) is not { } value) return null;
        if (!words.Contains(value)) Refuse(StripeError.Invalid($"Invalid {name}: must be one of {string.Join(", ", words.ToArray())}", name));
        return value;
    }

    /// <summary><c>metadata[key]</c>: at most 50 keys of 40 characters, values of 500. An empty value takes the key away.</summary>
    public Dictionary<string, string> Metadata()
    {
        var values = Under("metadata");
        if (values.Count > 50) Refuse(StripeError.Invalid("Metadata can have at most 50 keys.", "metadata"));
        foreach (var (key, value) in values)
        {
            if (key.Length is 0 or > 40) Refuse(StripeError.Invalid("Metadata keys can have at most 40 characters.", $"metadata[{key}]"));
            if (value.Length > 500) Refuse(StripeError.TooLong($"metadata[{key}]", 500, value.Length));
        }
        return values;
    }

    /// <summary><c>name[key]</c>, with the keys that are given, or any.</summary>
    public Dictionary<string, string> Under(string name, IReadOnlyCollection<string>? keys = null)
    {
        var values = new Dictionary<string, string>();
        foreach (var (field, value) in pairs)
        {
            if (!field.StartsWith(name + "[", StringComparison.Ordinal) || !field.EndsWith(']')) continue;
            var key = field[(name.Length + 1)..^1];
            if (keys?.Contains(key) == false) continue;
            _read.Add(field);
            values[key] = value;
        }
        return values;
    }

    public void Refuse(StripeError error) => _refusal ??= error;
}
