using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Graphs;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Modules;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// A module that turns named input tensors into named output tensors. Derived classes are partial and give
/// <see cref="Compute(Tensors, Pass)"/>; one with a single input and output derives from <see cref="Layer"/>.
/// </summary>
public abstract class Network : Module, INamesOutputs
{
    /// <summary>The names of the inputs, in order.</summary>
    public abstract IReadOnlyList<string> InputNames { get; }

    /// <summary>The names of the outputs, in order.</summary>
    public abstract IReadOnlyList<string> OutputNames { get; }

    /// <summary>Infers: the outputs for <paramref name="inputs"/>, with nothing random, nothing updated, and no graph kept for gradients.</summary>
    /// <exception cref="TensorException">The inputs don't fit; the message says where in the network.</exception>
    public Tensors Forward(Tensors inputs)
    {
        RequireOutermost();
        using (Gradient.Pause()) return Forward(inputs, Pass.Evaluation);
    }

    /// <summary>The outputs for <paramref name="inputs"/> in the given pass; gradients can be taken of them.</summary>
    /// <exception cref="TensorException">The inputs don't fit; the message says where in the network.</exception>
    public Tensors Forward(Tensors inputs, Pass pass)
    {
        if (inputs.Count != InputNames.Count)
            throw new TensorException($"{this} takes {InputNames.Count} inputs ({string.Join(", ", InputNames)}), not {inputs.Count}");
        if (t_depth == 0) Initializing.Prepare(this, inputs);
        Tracer? tracer = Tracer.Current;
        tracer?.Enter(this, inputs);
        t_depth++;
        try
        {
            Tensors results = Compute(inputs, pass);
            tracer?.Leave(this, results);
            return results;
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

    /// <summary>
    /// Tells the network what an example looks like, so that every parameter gets its shape; nothing is computed. The first
    /// input does it too, but an optimiser, a count of parameters or a saved file may need the shapes before.
    /// </summary>
    /// <param name="example">Types and shapes of one example's inputs, without the batch axis.</param>
    /// <exception cref="TensorException">The network doesn't fit the example; the message says where.</exception>
    public void Build(Specs example)
    {
        Summary.Of(this, example);
        Example ??= example;
    }

    /// <summary>Types and shapes of the first example's inputs that it was built with or shown; null before.</summary>
    internal Specs? Example { get; set; }

    /// <inheritdoc cref="Build(Specs)"/>
    /// <param name="example">The shape of one example, without the batch axis: <c>network.Build([28, 28, 1])</c>.</param>
    /// <param name="type">The type of its elements.</param>
    public void Build(Shape example, DType type = DType.Float32) => Build(new Spec(type, example));

    /// <summary>Computes the network's output.</summary>
    protected abstract Tensors Compute(Tensors inputs, Pass pass);

    // How many forward passes this thread is inside of.
    [ThreadStatic] private protected static int t_depth;

    // Inside another network's Compute it would cut the gradient there without a word.
    private protected void RequireOutermost()
    {
        if (t_depth > 0 && !Gradient.IsPaused)
            throw new TensorException($"Forward(x) of {this} keeps no graph, and was called inside another layer's Compute, which could not be trained through it", "Forward(x, pass) with the pass that Compute was given");
    }

    // A filter that never catches: it only notes the way that the error takes through the network.
    private protected bool Passes(TensorException error)
    {
        error.Namer ??= ModuleWalk.Place;
        return error.Passes(this);
    }
}
