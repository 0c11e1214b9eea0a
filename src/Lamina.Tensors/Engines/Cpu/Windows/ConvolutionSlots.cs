using Lamina.Tensors.Engines.Cpu.Memory;

namespace Lamina.Tensors.Engines.Cpu.Windows;

/// <summary>Slots of <see cref="Scratch"/> that convolutions use: packed or turned weights, tables of taps, partial sums.</summary>
internal static class ConvolutionSlots
{
    public const int Weights = 2, Tables = 3, Parts = 4;
}
