using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// The matrix product of the last two axes, (…, m, k) × (…, k, n) → (…, m, n); the axes before them broadcast.
/// Transposed operands are taken as they lie, without a copy.
/// </summary>
public sealed record MatMul : Op, ITakesEpilogue
{
    public override string Name => "matmul";

    public override bool TakesStrides => true;

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 2);
        Shape a = x[0].Shape, b = x[1].Shape;
        if (a.Rank < 2 || b.Rank < 2) Refuse($"{a} × {b}: both operands need two axes or more", "Unsqueeze() a vector to a row or a column");
        if (x[0].DType != x[1].DType) Refuse($"the operands are {x[0].DType.Text} and {x[1].DType.Text}", CastHint(x[0].DType, x[1].DType));
        if (!x[0].DType.IsFloat) Refuse($"takes float32 or float64, not {x[0].DType.Text}", "Cast(DType.Float32) first");
        if (a[^1] != b[^2]) Refuse($"{a} × {b}: inner sizes {a[^1]} and {b[^2]} differ", a[^1] == b[^1] ? "the second operand's .T" : null);
        if (!Shape.TryBroadcast(new(a.Span[..^2]), new(b.Span[..^2]), out Shape batch)) Refuse($"{a} × {b}: the axes before the last two don't broadcast");
        return x[0] with { Shape = new([.. batch.Span, a[^2], b[^1]]) };
    }

    public override Tensors Define(Tensors x) => (x[0].Unsqueeze(-1) * x[1].Unsqueeze(-3)).Sum([-2]);

    public override Grads Gradient(in GradCall g) =>
    [
        g.Wants(0) ? g.Fit(0, g.By.MatMul(g[1].T)) : null,
        g.Wants(1) ? g.Fit(1, g[0].T.MatMul(g.By)) : null,
    ];

    public override long MultiplyAdds(Specs x) => (long)Infer(x)[0].Shape.Count * x[0].Shape[^1];

    public override void Run(in CpuCall c) => MatrixProducts.Run(c[0], c[1], c.Output, null, c.Pool);

    void ITakesEpilogue.Run(in CpuCall c, BlockEpilogue epilogue) => MatrixProducts.Run(c[0], c[1], c.Output, epilogue, c.Pool);
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.MatMul"/>
        public Tensor MatMul(Tensor y) => new MatMul().Apply(x, y);
    }
}
