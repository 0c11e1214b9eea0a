using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Layers;

/// <summary>A layer that learns from the variance of several values was given a batch that has only one for each mean.</summary>
internal sealed class TooFewValuesException(string message, string hint) : TensorException(message, hint);
