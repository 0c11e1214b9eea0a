using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Bench.Peer.Workloads;

/// <summary>A small GPT with libtorch's own causal attention; cross-entropy, AdamW.</summary>
static class Gpt
{
    public const int Heads = 4;

    public static Work Train(Given given)
    {
        Func<Tensor> forward = Network(given);
        Tensor y = given.Own(given.Plain("targets").flatten());
        return new Training(given, () => cross_entropy(forward().flatten(0, 1), y), parameters => optim.AdamW(parameters, 0.001, weight_decay: 0.01));
    }

    static Func<Tensor> Network(Given given)
    {
        Tensor x = given.Plain("inputs"), table = given.Plain("tokens.weight");
        Embedding tokens = nn.Embedding(table.shape[0], table.shape[1]);
        using (no_grad()) tokens.weight!.copy_(table);
        given.Parameters.Add("tokens", tokens);
        Parameter positions = given.Parameter("positions");
        long steps = x.shape[1], width = table.shape[1];
        var blocks = new List<Func<Tensor, Tensor>>();
        while (given.Has($"blocks.{blocks.Count}.attentionNorm.weight")) blocks.Add(Block(given, $"blocks.{blocks.Count}", steps, width));
        Func<Tensor, Tensor> norm = Norm(given, "norm", width);
        (Parameter head, _) = given.Linear("head");
        return () =>
        {
            Tensor h = tokens.call(x) + positions.narrow(0, 0, steps);
            foreach (Func<Tensor, Tensor> block in blocks) h = block(h);
            return linear(norm(h), head);
        };
    }

    static Func<Tensor, Tensor> Block(Given given, string name, long steps, long width)
    {
        Func<Tensor, Tensor> attentionNorm = Norm(given, name + ".attentionNorm", width), denseNorm = Norm(given, name + ".denseNorm", width);
        (Parameter pw, Parameter? pb) = given.Linear(name + ".attention.projection");
        (Parameter ow, Parameter? ob) = given.Linear(name + ".attention.output");
        (Parameter ew, Parameter? eb) = given.Linear(name + ".expand");
        (Parameter cw, Parameter? cb) = given.Linear(name + ".contract");
        return x =>
        {
            // (batch, steps, 3 · width) to three of (batch, heads, steps, width / heads)
            Tensor[] qkv = linear(attentionNorm(x), pw, pb).view(-1, steps, 3, Heads, width / Heads).permute(2, 0, 3, 1, 4).unbind(0);
            Tensor attended = scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], is_casual: true).transpose(1, 2).reshape(-1, steps, width);
            x = x + linear(attended, ow, ob);
            return x + linear(linear(denseNorm(x), ew, eb).gelu(), cw, cb);
        };
    }

    public static Func<Tensor, Tensor> Norm(Given given, string name, long width)
    {
        Parameter gamma = given.Parameter(name + ".weight"), beta = given.Parameter(name + ".bias");
        return x => layer_norm(x, [width], gamma, beta, 1e-5);
    }
}
