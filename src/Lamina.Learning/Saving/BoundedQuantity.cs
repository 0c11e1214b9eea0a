using Lamina.Tensors;
using Lamina.Tensors.Ops;

namespace Lamina.Learning.Saving;

/// <summary>A number on a scale, such as a rating from 1 to 5: the answer is output · scale + offset, held between the ends of the scale.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Scale">What the output is multiplied by: the targets' deviation.</param>
/// <param name="Offset">What is added to it: the targets' mean.</param>
/// <param name="Least">The lower end.</param>
/// <param name="Most">The upper end.</param>
public sealed partial record BoundedQuantity(string Name, float Scale, float Offset, float Least, float Most) : OutputMeaning
{
    /// <inheritdoc/>
    public override Tensor Apply(Tensor y) => (y * Scale + Offset).Clamp(Least, Most);
}
