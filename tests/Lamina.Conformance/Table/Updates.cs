using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Conformance;

using Lamina.Tensors;

// Steps of optimisers; a hundred of each against libtorch's are in Recorded/optimizers.
internal static partial class Table
{
    private static IEnumerable<Row> Updates() => [AdamUpdate()];

    private static Row AdamUpdate()
    {
        var op = new AdamUpdate { Beta1 = 0.9, Beta2 = 0.99, Epsilon = 1e-8 };
        static Case Of(AdamUpdate op, Shape shape) => new(op, In(shape), In(shape), In(shape), In(shape, Draws.Positive), In([], Draws.Positive), In([], Draws.Positive), In([], Draws.Positive));
        return new("adam_update")
        {
            Cases = [Of(op, [3, 5]), Of(op with { Decay = 0.1 }, [37]), Of(op with { Epsilon = 0.5 }, [2, 3, 7])],
            Edges = [Of(op, []), Of(op, [1]), Of(op, [0, 3])],
            Large = [Of(op, [131, 517])],
            Refused = [new(op, In([3]), In([4]), In([3]), In([3]), In([]), In([]), In([])), new(op, In([3]), In([3]), In([3]), In([3]), In([3]), In([]), In([])), new(op, In([3]), In([3]))],
            // Each of three terms, a root and a quotient round a few times; the definition rounds products that the kernel doesn't.
            Bound = Bound.ToLargest(12, (_, _) => 0),
            Smoothness = Smoothness.None,
        };
    }
}
