namespace FinanceIntegrations.Sandbox.Foundation;

/// <summary>Seeded chance (SplitMix64): the same seed gives the same sequence on every machine and runtime.</summary>
internal sealed class Chance(ulong seed)
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private ulong _state = seed;

    public static Chance For(long seed, string name) => new(unchecked((ulong)seed * 0x9E3779B97F4A7C15UL) ^ Hash(name));

    /// <summary>FNV-1a; <see cref="string.GetHashCode()"/> differs from process to process.</summary>
    public static ulong Hash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var character in text) hash = unchecked((hash ^ character) * 1099511628211UL);
        return hash;
    }

    public ulong Next()
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15UL;
            var z = _state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            return z ^ (z >> 31);
        }
    }

    public int Below(int limit) => (int)(Next() % (ulong)limit);

    public int Between(int from, int to) => from + Below(to - from + 1);

    public double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    public bool Happens(double probability) => Fraction() < probability;

    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    public string Text(int length) => string.Create(length, this, static (span, chance) =>
    {
        for (var i = 0; i < span.Length; i++) span[i] = Alphabet[chance.Below(Alphabet.Length)];
    });
}
