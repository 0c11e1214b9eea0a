using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Diffusion;

/// <summary>
/// A network that looks at a noisy image and says what of it is noise, in one of the forms of <see cref="DenoisingTarget"/>. Its inputs are the
/// images (batch, height, width, channels), the time of each, float32 (batch), from 0 for no noise to 1 for noise alone, and where it knows
/// classes the
/// class of each, int32 (batch); its output has the shape of the images.
/// </summary>
public interface IDenoiser
{
    /// <summary>The shape of an image, (height, width, channels).</summary>
    Shape Image { get; }

    /// <summary>The number of classes, 0 for none; this number itself stands for an image whose class isn't told.</summary>
    int Classes { get; }
}

/// <summary>What a network says of a noisy image α·x + σ·ε.</summary>
public enum DenoisingTarget
{
    /// <summary>The noise ε (Ho, Jain and Abbeel, 2020).</summary>
    Noise,

    /// <summary>The velocity α·ε − σ·x (Salimans and Ho, 2022), which says as much at every level of noise.</summary>
    Velocity,
}
