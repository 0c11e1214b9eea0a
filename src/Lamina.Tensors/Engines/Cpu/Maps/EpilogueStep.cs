namespace Lamina.Tensors.Engines.Cpu.Maps;

/// <summary>
/// Operation of an element-wise op that product and convolution kernels can apply to their own results, in the order in which they apply them.
/// </summary>
internal enum EpilogueStep : byte { Other, Subtracts, Multiplies, Adds, Rectifies }
