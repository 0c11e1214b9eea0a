using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Objectives;

/// <summary>Computes a network's loss; an error that the loss finds in the prediction names the layer that gave it.</summary>
internal static class LossPlace
{
    public static LossValue Compute(Network model, Loss loss, Tensor prediction, Tensor target, Tensor? weights)
    {
        try
        {
            return loss.Measure(prediction, target, weights);
        }
        catch (TensorException e) when (e.Path is null && Passes(e, model))
        {
            throw;
        }
    }

    // A filter that never catches.
    private static bool Passes(TensorException e, Network model)
    {
        Network last = Last(model);
        string path = model.Modules.FirstOrDefault(m => ReferenceEquals(m.Module, last))?.Path ?? "";
        e.Namer = _ => $"{(path.Length > 0 ? $"{ModuleWalk.Display(path)} " : "")}{last}, the layer that gives the prediction";
        return e.Passes(model);
    }

    private static Network Last(Network model)
    {
        while (model is Sequential { Count: > 0 } layers) model = layers[^1];
        return model;
    }
}
