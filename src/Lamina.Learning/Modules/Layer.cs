using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Modules;

/// <summary>A module that turns one tensor into another. Derived classes are partial and give <see cref="Compute"/>.</summary>
public abstract class Layer : Module
{
    /// <summary>Evaluates: the layer's result for <paramref name="x"/>, with nothing random and nothing updated.</summary>
    /// <exception cref="TensorException">The input doesn't fit; the message says where in the network.</exception>
    public Tensor Forward(Tensor x) => Forward(x, Pass.Evaluation);

    /// <summary>The layer's result for <paramref name="x"/> in the given pass.</summary>
    /// <exception cref="TensorException">The input doesn't fit; the message says where in the network.</exception>
    public Tensor Forward(Tensor x, Pass pass)
    {
        Tracer? tracer = Tracer.Current;
        tracer?.Enter(this, x);
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
    }

    /// <summary>What the layer computes.</summary>
    protected abstract Tensor Compute(Tensor x, Pass pass);

    // A filter that never catches: it only notes the way that the error takes through the network.
    private bool Passes(TensorException error)
    {
        error.Namer ??= ModuleWalk.Place;
        return error.Passes(this);
    }
}
