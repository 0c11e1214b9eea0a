using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Memory;

/// <summary>A compact tensor of indices, int32 or int64, as kernels read it.</summary>
internal readonly unsafe struct Indices(in View view)
{
    private readonly void* _data = view.Data;
    private readonly bool _isLong = view.DType == DType.Int64;

    public long this[int at] => _isLong ? ((long*)_data)[at] : ((int*)_data)[at];

    /// <summary>
    /// The indices of an operand, all of them looked at before the first is used, so that a wrong one is an error that
    /// is the same on any number of threads, and never a read beyond the memory.
    /// </summary>
    /// <param name="op">The name of the op that is called.</param>
    /// <param name="view">The indices.</param>
    /// <param name="of">The shape that they point into.</param>
    /// <param name="axis">The axis of it that they count along.</param>
    /// <param name="noun">What one of them is called.</param>
    /// <exception cref="TensorException">One is out of range.</exception>
    public static Indices Checked(string op, in View view, Shape of, int axis, string noun = "index")
    {
        int size = of[axis];
        var indices = new Indices(view);
        int count = view.Count;
        for (int i = 0; i < count; i++)
            if ((ulong)indices[i] >= (ulong)size) Throw(op, indices[i], Position(view.Shape, i), of, axis, noun);
        return indices;
    }

    private static void Throw(string op, long value, string position, Shape of, int axis, string noun) =>
        throw new TensorException($"{op}: {noun} {value} at {position} is out of range {(of[axis] > 0 ? $"0 to {of[axis] - 1}" : "(there is none)")}: axis {axis} of {of}",
            value < 0 ? "counting from 0; negative ones don't count from the end here"
            : noun == "label" ? $"labels from 0 on (subtract 1 where they begin with 1), or a last layer of {value + 1} outputs or more" : null);

    private static string Position(Shape shape, int flat)
    {
        var at = new int[shape.Rank];
        for (int axis = shape.Rank - 1; axis >= 0; axis--)
        {
            at[axis] = flat % shape[axis];
            flat /= shape[axis];
        }
        return $"({string.Join(", ", at)})";
    }
}
