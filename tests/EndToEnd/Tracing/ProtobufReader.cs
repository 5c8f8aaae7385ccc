using System.Text;

namespace FinanceIntegrations.EndToEnd.Tracing;

/// <summary>One field of a protobuf message (protobuf.dev/programming-guides/encoding): its number, and its bytes where it has any.</summary>
internal readonly record struct ProtobufField(int Number, ReadOnlyMemory<byte> Bytes)
{
    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    public string Hex => Convert.ToHexStringLower(Bytes.Span);
}

/// <summary>Reads a protobuf message field by field, without a schema.</summary>
internal static class ProtobufReader
{
    private const int Varint = 0, Fixed64 = 1, LengthDelimited = 2, Fixed32 = 5;

    public static IEnumerable<ProtobufField> Fields(ReadOnlyMemory<byte> message)
    {
        while (message.Length > 0)
        {
            var tag = ReadVarint(ref message);
            var length = (int)(tag & 7) switch
            {
                Varint => 0,
                Fixed64 => 8,
                LengthDelimited => (int)ReadVarint(ref message),
                Fixed32 => 4,
                var type => throw new InvalidDataException($"wire type {type}"),
            };
            if ((tag & 7) == Varint) ReadVarint(ref message);
            yield return new((int)(tag >> 3), message[..length]);
            message = message[length..];
        }
    }

    private static ulong ReadVarint(ref ReadOnlyMemory<byte> message)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = message.Span[0];
            message = message[1..];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }
    }
}
