using static TorchSharp.torch;

namespace Lamina.Recorder.Ops;

/// <summary>The matrix product, over the last two axes.</summary>
static class MatrixProduct
{
    public static void Record(Recorder recorder)
    {
        OpRecording op = recorder.Op("matmul");
        Add("basic", false, false, op.Draw.Normal(2, 3), op.Draw.Normal(3, 4));
        Add("odd", false, false, op.Draw.Normal(7, 13), op.Draw.Normal(13, 5));
        Add("batch", false, false, op.Draw.Normal(3, 2, 5), op.Draw.Normal(3, 5, 4));
        Add("broadcast_right", false, false, op.Draw.Normal(2, 3, 4, 5), op.Draw.Normal(5, 2));
        Add("broadcast_both", false, false, op.Draw.Normal(2, 1, 3, 4), op.Draw.Normal(3, 4, 2));
        Add("transpose_a", true, false, op.Draw.Normal(5, 3), op.Draw.Normal(5, 4));
        Add("transpose_b", false, true, op.Draw.Normal(3, 5), op.Draw.Normal(4, 5));
        Add("transpose_both", true, true, op.Draw.Normal(2, 5, 3), op.Draw.Normal(2, 4, 5));
        Add("transpose_broadcast", false, true, op.Draw.Normal(3, 2, 5), op.Draw.Normal(4, 5));
        Add("row_by_column", false, false, op.Draw.Normal(1, 17), op.Draw.Normal(17, 1));
        Add("no_inner", false, false, op.Draw.Normal(2, 0), op.Draw.Normal(0, 3));

        void Add(string name, bool transposeA, bool transposeB, Tensor a, Tensor b) =>
            op.Add(name, new { transposeA, transposeB }, x => matmul(Turn(x[0], transposeA), Turn(x[1], transposeB)), a, b);
    }

    static Tensor Turn(Tensor x, bool turn) => turn ? x.transpose(-2, -1) : x;
}
