using Lamina.Learning.Diffusion;
using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Diffusion;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// Says exactly what noise is in images whose pixels are normal with a mean by class and one deviation: what a network learns of endless data. By Bayes's rule
/// E[x | α x + σ ε = y] = m + α s² (y − α m) / (α² s² + σ²).
/// </summary>
internal sealed partial class GaussianDenoiser : Network, IDenoiser
{
    private readonly float[] _means;
    private readonly double _deviation;
    private readonly Func<Tensor, (Tensor Alpha, Tensor Sigma)> _schedule;
    private readonly Func<(Tensor Image, Tensor Noise, Tensor Alpha, Tensor Sigma), Tensor> _say;

    /// <param name="means">The mean of each class, and of no class last; one alone: there are no classes.</param>
    /// <param name="deviation">The deviation.</param>
    /// <param name="schedule">α and σ by the time.</param>
    /// <param name="say">What it says, of the expected image and noise.</param>
    public GaussianDenoiser(float[] means, double deviation, Func<Tensor, (Tensor, Tensor)> schedule, Func<(Tensor Image, Tensor Noise, Tensor Alpha, Tensor Sigma), Tensor> say) =>
        (_means, _deviation, _schedule, _say) = (means, deviation, schedule, say);

    public Parameter Unused { get; } = new(Constant.Zero, [1]);

    public override IReadOnlyList<string> InputNames => _means.Length == 1 ? ["image", "time"] : ["image", "time", "class"];

    public override IReadOnlyList<string> OutputNames => ["said"];

    public Shape Image => [4, 4, 1];

    public int Classes => _means.Length - 1;

    /// <summary>What a network that learned a flow says, ε − x where (1 − t) x + t ε is.</summary>
    public static GaussianDenoiser Flow(float[] means, double deviation) => new(means, deviation, t => (1 - t, t), s => s.Noise - s.Image);

    /// <summary>What a network says that learned to take noise of a schedule away.</summary>
    public static GaussianDenoiser Of(NoiseSchedule schedule, DenoisingTarget target, float[] means, double deviation)
    {
        Tensor alpha = Tensor.From(schedule.Alpha, [schedule.Steps + 1]), sigma = Tensor.From(schedule.Sigma, [schedule.Steps + 1]);
        Tensor At(Tensor table, Tensor time) => table.Rows((time * schedule.Steps + 0.5).Floor().Cast(DType.Int64));
        return new(means, deviation, t => (At(alpha, t), At(sigma, t)), s => target == DenoisingTarget.Noise ? s.Noise : s.Alpha * s.Noise - s.Sigma * s.Image);
    }

    protected override Tensors Compute(Tensors inputs, Pass pass)
    {
        (Tensor a, Tensor s) = _schedule(inputs[1]);
        int count = inputs[0].Shape[0];
        Tensor alpha = a.Reshape(count, 1, 1, 1), sigma = s.Reshape(count, 1, 1, 1), y = inputs[0];
        Tensor mean = _means.Length == 1 ? Tensor.Full([count, 1, 1, 1], _means[0]) : Tensor.From(_means).Rows(inputs[2]).Reshape(count, 1, 1, 1);
        double variance = _deviation * _deviation;
        Tensor rest = y - alpha * mean, all = alpha * alpha * variance + sigma * sigma;
        return _say((mean + alpha * variance * rest / all, sigma * rest / all, alpha, sigma));
    }
}
