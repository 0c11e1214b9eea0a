namespace Lamina.Tensors.Engines.Cpu;

/// <summary>
/// An op whose only result may lie where its first operand does, whole and of the same type and shape: its kernel then
/// writes only what changes.
/// </summary>
internal interface IWritesInPlace;
