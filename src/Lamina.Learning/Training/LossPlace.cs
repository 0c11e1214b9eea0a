using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Training;

/// <summary>Computes a network's loss; an error that the loss finds in the prediction names the layer that gave it.</summary>
internal static class LossPlace
{
    public static Tensor Compute(Layer model, Loss loss, Tensor prediction, Tensor target)
    {
        try
        {
            return loss.Compute(prediction, target);
        }
        catch (TensorException e) when (e.Path is null && Passes(e, model))
        {
            throw;
        }
    }

    // A filter that never catches.
    private static bool Passes(TensorException e, Layer model)
    {
        Layer last = Last(model);
        string path = model.Modules.FirstOrDefault(m => ReferenceEquals(m.Module, last))?.Path ?? "";
        e.Namer = _ => $"{(path.Length > 0 ? $"{ModuleWalk.Display(path)} " : "")}{last}, the layer that gives the prediction";
        return e.Passes(model);
    }

    private static Layer Last(Layer model)
    {
        while (model is Sequential { Count: > 0 } layers) model = layers[^1];
        return model;
    }
}
