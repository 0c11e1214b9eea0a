namespace Lamina.Tensors;

/// <summary>The part of a training step that a call belongs to.</summary>
public enum Phase
{
    /// <summary>From the inputs to the loss.</summary>
    Forward,

    /// <summary>From the loss back to the gradients.</summary>
    Gradient,

    /// <summary>From the gradients to the new parameters.</summary>
    Update,
}

/// <summary>Where a call comes from: the module in whose forward pass it was made, and the part of the step.</summary>
/// <param name="Module">The module; for a gradient or an update, the one that it belongs to; null outside of any.</param>
/// <param name="Phase">The part of the step.</param>
public sealed record Origin(object? Module, Phase Phase)
{
    /// <summary>Outside of any module, in the forward pass.</summary>
    public static Origin None { get; } = new(null, Phase.Forward);
}
