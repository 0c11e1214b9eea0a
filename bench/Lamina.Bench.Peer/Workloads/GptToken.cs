using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Bench.Peer.Workloads;

/// <summary>One more token of a text: keys and values of those before lie in memory that was set aside, and attention sees as much of it as is full.</summary>
sealed class GptToken : Work
{
    readonly Given given;
    readonly Tensor text, positions, head;
    readonly Embedding tokens;
    readonly List<Func<Tensor, Tensor>> blocks = [];
    readonly Func<Tensor, Tensor> norm;
    readonly long batch, context, width;
    long count;

    GptToken(Given given)
    {
        this.given = given;
        text = given.Plain("inputs");
        (batch, context) = (text.shape[0], text.shape[1]);
        Tensor table = given.Plain("tokens.weight");
        width = table.shape[1];
        tokens = nn.Embedding(table.shape[0], width);
        using (no_grad()) tokens.weight!.copy_(table);
        given.Parameters.Add("tokens", tokens);
        positions = given.Parameter("positions");
        while (given.Has($"blocks.{blocks.Count}.attentionNorm.weight")) blocks.Add(Block($"blocks.{blocks.Count}"));
        norm = Gpt.Norm(given, "norm", width);
        (head, _) = given.Linear("head");
    }

    public static Work Create(Given given) => new GptToken(given);

    Func<Tensor, Tensor> Block(string name)
    {
        Func<Tensor, Tensor> attentionNorm = Gpt.Norm(given, name + ".attentionNorm", width), denseNorm = Gpt.Norm(given, name + ".denseNorm", width);
        (Parameter pw, Parameter? pb) = given.Linear(name + ".attention.projection");
        (Parameter ow, Parameter? ob) = given.Linear(name + ".attention.output");
        (Parameter ew, Parameter? eb) = given.Linear(name + ".expand");
        (Parameter cw, Parameter? cb) = given.Linear(name + ".contract");
        Tensor keys = given.Own(zeros(batch, Gpt.Heads, context, width / Gpt.Heads)), values = given.Own(zeros_like(keys));
        return x =>
        {
            // (batch, 1, 3 · width) to three of (batch, heads, 1, width / heads)
            Tensor[] qkv = linear(attentionNorm(x), pw, pb).view(batch, 1, 3, Gpt.Heads, width / Gpt.Heads).permute(2, 0, 3, 1, 4).unbind(0);
            keys.narrow(2, count, 1).copy_(qkv[1]);
            values.narrow(2, count, 1).copy_(qkv[2]);
            Tensor attended = scaled_dot_product_attention(qkv[0], keys.narrow(2, 0, count + 1), values.narrow(2, 0, count + 1)).transpose(1, 2).reshape(batch, 1, width);
            x = x + linear(attended, ow, ob);
            return x + linear(linear(denseNorm(x), ew, eb).gelu(), cw, cb);
        };
    }

    Tensor Next()
    {
        if (count == context) count = 0;
        Tensor h = tokens.call(text.narrow(1, count, 1)) + positions.narrow(0, count, 1);
        foreach (Func<Tensor, Tensor> block in blocks) h = block(h);
        count++;
        return linear(norm(h), head);
    }

    public override void Step()
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using IDisposable mode = inference_mode();
        Next();
    }

    public override double Check(double learningRate)
    {
        count = 0;
        for (int i = 0; i < 15; i++) Step();
        using var scope = TorchSharp.torch.NewDisposeScope();
        using IDisposable mode = inference_mode();
        return Next().to(float64).square().mean().item<double>();
    }

    public override void Dispose() => given.Dispose();
}
