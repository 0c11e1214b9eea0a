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

    /// <summary>
    /// Tells the network what an example looks like, so that every parameter gets its shape; nothing is computed. The first
    /// input does it too, but an optimiser, a count of parameters or a saved file may need the shapes before.
    /// </summary>
    /// <param name="example">The shape of one example, without the batch axis: <c>network.Build([28, 28, 1])</c>.</param>
    /// <param name="type">The type of its elements.</param>
    /// <exception cref="TensorException">The network doesn't fit the example; the message says where.</exception>
    public void Build(Shape example, DType type = DType.Float32) => Summary.Of(this, new Spec(type, example));

    /// <summary>What the layer computes.</summary>
    protected abstract Tensor Compute(Tensor x, Pass pass);

    // A filter that never catches: it only notes the way that the error takes through the network.
    private bool Passes(TensorException error)
    {
        error.Namer ??= ModuleWalk.Place;
        return error.Passes(this);
    }
}
