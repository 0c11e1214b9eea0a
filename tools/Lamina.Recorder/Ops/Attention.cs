using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Recorder.Ops;

/// <summary>Scaled dot-product attention, from queries, keys and values apart and from one projection.</summary>
static class Attention
{
    public static void Record(Recorder recorder)
    {
        Apart(recorder.Op("scaled_dot_product_attention"));
        Together(recorder.Op("self_attention"));
    }

    static void Apart(OpRecording op)
    {
        double infinity = double.PositiveInfinity;
        Add("basic", false, 4, op.Draw.Normal(2, 3, 2, 4), op.Draw.Normal(2, 5, 2, 4), op.Draw.Normal(2, 5, 2, 4));
        Add("causal", true, 3, op.Draw.Normal(2, 7, 2, 3), op.Draw.Normal(2, 7, 2, 3), op.Draw.Normal(2, 7, 2, 3));
        Add("wide_values", false, 3, op.Draw.Normal(1, 4, 1, 3), op.Draw.Normal(1, 6, 1, 3), op.Draw.Normal(1, 6, 1, 5));
        Add("bool_mask", false, 4, op.Draw.Normal(2, 3, 2, 4), op.Draw.Normal(2, 5, 2, 4), op.Draw.Normal(2, 5, 2, 4),
            tensor([true, true, false, false, true, true, false, true, true, false, false, true, false, true, false], 3, 5));
        Add("padding_mask", false, 2, op.Draw.Normal(2, 3, 2, 2), op.Draw.Normal(2, 4, 2, 2), op.Draw.Normal(2, 4, 2, 2),
            tensor([true, true, true, false, true, true, false, false], 2, 1, 1, 4));
        Add("added_mask", false, 4, op.Draw.Normal(1, 3, 2, 4), op.Draw.Normal(1, 5, 2, 4), op.Draw.Normal(1, 5, 2, 4), op.Draw.Normal(1, 2, 3, 5));
        Add("infinite_mask", false, 4, op.Draw.Normal(1, 2, 1, 4), op.Draw.Normal(1, 3, 1, 4), op.Draw.Normal(1, 3, 1, 4),
            tensor([0, -infinity, 0.5, -infinity, 1, -infinity], 2, 3));

        void Add(string name, bool causal, int width, params Tensor[] inputs) => op.Add(name, new { causal, scale = 1 / Math.Sqrt(width) },
            x => ByHead(scaled_dot_product_attention(ByHead(x[0]), ByHead(x[1]), ByHead(x[2]), x.Length > 3 ? x[3] : null, 0, causal)), inputs);
    }

    static void Together(OpRecording op)
    {
        Add("basic", 2, false, op.Draw.Normal(2, 3, 12));
        Add("causal", 2, true, op.Draw.Normal(2, 7, 18));
        Add("one_head", 1, true, op.Draw.Normal(1, 5, 9));
        Add("mask", 2, false, op.Draw.Normal(1, 3, 12), tensor([true, false, true, true, true, false, false, false, true], 3, 3));

        void Add(string name, int heads, bool causal, params Tensor[] inputs) => op.Add(name, new { heads, causal },
            x => Attend(x[0], heads, causal, x.Length > 1 ? x[1] : null), inputs);
    }

    /// <summary>(batch, steps, 3 · features) to (batch, steps, features).</summary>
    public static Tensor Attend(Tensor projection, long heads, bool causal, Tensor? mask = null)
    {
        Tensor[] parts = [.. projection.chunk(3, -1).Select(p => ByHead(p.reshape(p.shape[0], p.shape[1], heads, p.shape[2] / heads)))];
        return ByHead(scaled_dot_product_attention(parts[0], parts[1], parts[2], mask, 0, causal)).flatten(2);
    }

    /// <summary>(batch, steps, heads, width) to torch's (batch, heads, steps, width), and back.</summary>
    static Tensor ByHead(Tensor x) => x.transpose(1, 2);
}
