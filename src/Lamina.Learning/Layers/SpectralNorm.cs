using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;
using Buffer = Lamina.Learning.Modules.Buffer;

namespace Lamina.Learning.Layers;

/// <summary>
/// A layer whose weight W is divided by its largest singular value σ, so that the layer changes no distance by more than a factor of 1
/// (Miyato, Kataoka, Koyama and Yoshida, 2018: "Spectral normalization for generative adversarial networks"). W is taken as a matrix
/// (all other axes, outputs). σ is found by power iteration, which goes on from its last vector at each training pass; evaluation changes nothing.
/// </summary>
public sealed partial class SpectralNorm : Layer
{
    private const double Epsilon = 1e-12;
    private readonly IWeighted _weighted;
    private readonly int _iterations;

    /// <summary>The norm of a layer's weight.</summary>
    /// <param name="body">A Linear, Conv1d or Conv2d.</param>
    /// <param name="iterations">Power iterations in each training pass.</param>
    /// <exception cref="ArgumentException">It is another layer.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are no iterations.</exception>
    public SpectralNorm(Layer body, int iterations = 1)
    {
        _weighted = body as IWeighted ?? throw IWeighted.Refusal(body, nameof(body));
        _iterations = Expect.AtLeast(1, iterations);
        (Body, Vector) = (body, new Buffer(new FirstVector(_weighted.Weight)));
    }

    /// <summary>The layer that computes.</summary>
    public Layer Body { get; }

    /// <summary>The power iteration's vector (outputs), of length 1: close to the weight's first right singular vector.</summary>
    public Buffer Vector { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        _weighted.Prepare(x);
        Vector.Ensure([_weighted.Weight.KnownShape!.Value[^1]]);
        Tensor weight = _weighted.Weight.Value, matrix = Matrix(weight), u = Vector.Value.Unsqueeze(-1), left;
        // Both vectors are constants for the gradient, as in the paper: that of σ is their outer product.
        using (Gradient.Pause())
        {
            left = Unit(matrix.MatMul(u));
            for (int i = 0; pass.IsTraining && i < _iterations; i++)
            {
                u = Unit(matrix.T.MatMul(left));
                left = Unit(matrix.MatMul(u));
            }
            if (pass.IsTraining) Vector.Value = u.Squeeze(-1);
        }
        Tensor sigma = (matrix.MatMul(u) * left).Sum();
        return _weighted.Apply(x, weight / (sigma + Epsilon));
    }

    private static Tensor Matrix(Tensor weight) => weight.Reshape(-1, weight.Shape[^1]);

    private static Tensor Unit(Tensor x) => x / ((x * x).Sum().Sqrt() + Epsilon);

    /// <inheritdoc/>
    public override string ToString() => $"SpectralNorm({Body}{(_iterations > 1 ? $", {_iterations} iterations" : "")})";

    /// <summary>A random vector behind as many iterations as bring the weight's first values close to their norm.</summary>
    private sealed record FirstVector(Parameter Weight) : Initializer
    {
        private const int Iterations = 15;

        public override Tensor Create(Shape shape, RandomStream random)
        {
            Tensor matrix = Matrix(Weight.Value.Keep()), u = Unit(new Normal().Create(shape, random).Unsqueeze(-1).Cast(matrix.DType));
            for (int i = 0; i < Iterations; i++) u = Unit(matrix.T.MatMul(Unit(matrix.MatMul(u))));
            return u.Squeeze(-1).Keep();
        }
    }
}
