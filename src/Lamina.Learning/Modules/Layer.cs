using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Modules;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>A network with one input and one output. Derived classes are partial and give <see cref="Compute(Tensor, Pass)"/>.</summary>
public abstract class Layer : Network
{
    private static readonly string[] s_input = ["input"], s_output = ["output"];

    /// <inheritdoc/>
    public sealed override IReadOnlyList<string> InputNames => s_input;

    /// <inheritdoc/>
    public sealed override IReadOnlyList<string> OutputNames => s_output;

    /// <summary>Infers: the layer's result for <paramref name="x"/>, with nothing random, nothing updated, and no graph kept for gradients.</summary>
    /// <exception cref="TensorException">The input doesn't fit; the message says where in the network.</exception>
    public Tensor Forward(Tensor x)
    {
        RequireOutermost();
        using (Gradient.Pause()) return Forward(x, Pass.Evaluation);
    }

    /// <summary>
    /// The layer's result for <paramref name="x"/> in the given pass; gradients can be taken of it, in <see cref="Pass.Evaluation"/> too.
    /// </summary>
    /// <exception cref="TensorException">The input doesn't fit; the message says where in the network.</exception>
    public Tensor Forward(Tensor x, Pass pass)
    {
        if (t_depth == 0) Initializing.Prepare(this, x);
        Tracer? tracer = Tracer.Current;
        tracer?.Enter(this, x);
        t_depth++;
        try
        {
            Tensor result = Compute(x, pass);
            tracer?.Leave(this, result);
            return result;
        }
        catch (TensorException e) when (Passes(e))
        {
            throw;
        }
        finally
        {
            t_depth--;
        }
    }

    /// <summary>Computes the layer's output.</summary>
    protected abstract Tensor Compute(Tensor x, Pass pass);

    /// <inheritdoc/>
    protected sealed override Tensors Compute(Tensors inputs, Pass pass) => Compute(inputs[0], pass);
}
