using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Gradients;

/// <summary>Takes gradients by reverse-mode differentiation.</summary>
public static class Gradient
{
    /// <summary>The gradients of a scalar loss by variables; zeros by those that it doesn't depend on.</summary>
    /// <param name="loss">The scalar.</param>
    /// <param name="variables">What to differentiate by.</param>
    /// <param name="differentiable">Whether gradients can be taken of the gradients (second order). Inside a plan they always can.</param>
    /// <exception cref="TensorException">The loss is no scalar, or depends on nothing that is tracked.</exception>
    public static GradientSet Of(Tensor loss, IEnumerable<Variable> variables, bool differentiable = false)
    {
        Variable[] by = [.. variables];
        if (loss.Count != 1) throw new TensorException($"gradients are taken of a scalar loss, not of shape {loss.Shape}", "Mean() or Sum() first");
        if (!loss.IsTracked) throw new TensorException("the loss depends on no trainable variable",
            "Forward(x, Pass.Training(…)) or Forward(x, Pass.Evaluation): Forward(x) alone keeps no graph, nor does anything inside Gradient.Pause()");
        Dictionary<Tensor, Tensor> found = Walk(loss, Tensor.OnesLike(loss), tensor =>
            tensor.Source is { } source && Array.IndexOf(by, source) >= 0, differentiable);
        var bySource = new Dictionary<Variable, Tensor>();
        foreach ((Tensor tensor, Tensor gradient) in found)
            if (tensor.Source is { } source) bySource[source] = bySource.TryGetValue(source, out Tensor? other) ? other + gradient : gradient;
        return new(by, v => bySource.TryGetValue(v, out Tensor? g) ? g : Tensor.ZerosLike(v.Value));
    }

    /// <summary>The gradients of a tensor by tracked tensors, weighted by <paramref name="upstream"/> (ones where it is null).</summary>
    /// <param name="result">What is differentiated.</param>
    /// <param name="by">Tracked tensors that it depends on; zeros come back for the others.</param>
    /// <param name="upstream">A weight for each element of the result.</param>
    /// <param name="differentiable">Whether gradients can be taken of the gradients (second order).</param>
    public static Tensor[] Of(Tensor result, ReadOnlySpan<Tensor> by, Tensor? upstream = null, bool differentiable = false)
    {
        Tensor[] targets = by.ToArray();
        var set = new HashSet<Tensor>(targets, ReferenceEqualityComparer.Instance);
        Dictionary<Tensor, Tensor> found = result.IsTracked ? Walk(result, upstream ?? Tensor.OnesLike(result), set.Contains, differentiable) : [];
        return Array.ConvertAll(targets, t => found.TryGetValue(t, out Tensor? g) ? g : Tensor.ZerosLike(t));
    }

    /// <summary>Whether calls go unnoted on this thread.</summary>
    public static bool IsPaused => Tracking.IsPaused;

    /// <summary>Notes no calls on this thread until disposed: for forward passes without gradients.</summary>
    public static PauseScope Pause() => new(1);

    private static Dictionary<Tensor, Tensor> Walk(Tensor result, Tensor upstream, Func<Tensor, bool> isTarget, bool differentiable)
    {
        List<Node> order = Order(result);
        var needed = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        foreach (Node node in order)
        {
            bool leads = false;
            foreach (Tensor input in node.Inputs)
                if (input.IsTracked && (needed.Contains(input) || isTarget(input)))
                    leads |= needed.Add(input) || true;
            if (leads) needed.UnionWith(node.Outputs);
        }
        var gradients = new Dictionary<Tensor, Tensor>(ReferenceEqualityComparer.Instance) { [result] = upstream };
        using PauseScope pause = new(differentiable ? 0 : 1);
        Tracer? tracer = Tracer.Current;
        Origin? before = tracer?.Origin;
        for (int i = order.Count - 1; i >= 0; i--)
        {
            Node node = order[i];
            if (!node.Outputs.Any(gradients.ContainsKey) || !node.Outputs.Any(needed.Contains)) continue;
            var upstreams = Array.ConvertAll(node.Outputs, o => gradients.TryGetValue(o, out Tensor? g) ? g : Tensor.ZerosLike(o));
            bool[] wanted = Array.ConvertAll(node.Inputs, needed.Contains);
            if (tracer is not null) tracer.Origin = new(node.Module, Phase.Gradient);
            Tracer.Current?.Differentiate(node.Op, node.Outputs[0]);
            Grads grads = node.Op.Gradient(new GradCall(new Tensors(node.Inputs), new Tensors(node.Outputs), new Tensors(upstreams), wanted));
            for (int j = 0; j < node.Inputs.Length; j++)
            {
                if (!wanted[j] || grads[j] is not { } gradient) continue;
                if (gradient.Shape != node.Inputs[j].Shape) throw new TensorException($"{node.Op.Name}: the gradient of operand {j} has shape {gradient.Shape}, the operand {node.Inputs[j].Shape}");
                gradients[node.Inputs[j]] = gradients.TryGetValue(node.Inputs[j], out Tensor? other) ? other + gradient : gradient;
            }
        }
        Tracer.Current?.Differentiate(null, result);
        if (tracer is not null) tracer.Origin = before!;
        return gradients;
    }

    // The calls that led to the result, each after those that it depends on; without recursion, since networks are deep.
    private static List<Node> Order(Tensor result)
    {
        var order = new List<Node>();
        var seen = new HashSet<Node>();
        var stack = new Stack<Visit>();
        if (result.Node is { } root && seen.Add(root)) stack.Push(new(root));
        while (stack.TryPeek(out Visit? top))
        {
            if (top.Next == top.Node.Inputs.Length)
            {
                order.Add(stack.Pop().Node);
                continue;
            }
            Tensor input = top.Node.Inputs[top.Next++];
            if (input is { IsTracked: true, Node: { } node } && seen.Add(node)) stack.Push(new(node));
        }
        return order;
    }

    /// <summary>A call, and the next of its operands to look at.</summary>
    private sealed class Visit(Node node)
    {
        public Node Node => node;
        public int Next;
    }

    /// <summary>The time in which no calls are noted.</summary>
    public readonly ref struct PauseScope
    {
        private readonly int _depth;

        internal PauseScope(int depth) => Tracking.Pause(_depth = depth);

        /// <summary>Notes calls again.</summary>
        public void Dispose() => Tracking.Pause(-_depth);
    }
}
