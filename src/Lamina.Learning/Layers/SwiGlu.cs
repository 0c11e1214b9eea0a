using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Layers;

/// <summary>
/// The dense part of a block, gated: down(silu(gate(x)) · up(x)), (…, features) → the same shape (Shazeer, 2020: "GLU variants improve
/// transformer").
/// </summary>
public sealed partial class SwiGlu : Layer
{
    /// <summary>A gated dense part.</summary>
    /// <param name="features">Values in and out, for each step.</param>
    /// <param name="hidden">Values between; two thirds of what an ungated part has cost the same.</param>
    /// <param name="bias">Whether biases are added.</param>
    /// <param name="initializer">First weights; <see cref="GlorotUniform"/> by default.</param>
    /// <param name="downInitializer">The first weights of <see cref="Down"/>, where they are others.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no features or hidden values.</exception>
    public SwiGlu(int features, int hidden, bool bias = false, Initializer? initializer = null, Initializer? downInitializer = null)
    {
        Gate = new Linear(features, hidden, bias, initializer);
        Up = new Linear(features, hidden, bias, initializer);
        Down = new Linear(hidden, features, bias, downInitializer ?? initializer);
    }

    /// <summary>Decides how much of each hidden value passes.</summary>
    public Linear Gate { get; }

    /// <summary>To the hidden values.</summary>
    public Linear Up { get; }

    /// <summary>And back.</summary>
    public Linear Down { get; }

    private int Features => Down.Outputs;

    private int Hidden => Up.Outputs;

    private bool Bias => Up.Bias is not null;

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => Down.Forward(Gate.Forward(x, pass).Silu() * Up.Forward(x, pass), pass);

    /// <inheritdoc/>
    public override string ToString() => $"SwiGlu({Features}, {Hidden})";
}
