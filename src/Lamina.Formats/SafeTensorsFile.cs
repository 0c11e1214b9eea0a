using Lamina.Tensors;

namespace Lamina.Formats;

/// <summary>Contents of a safetensors file.</summary>
/// <param name="Tensors">The tensors by name, in the order in which their values lie in the file.</param>
/// <param name="Metadata">The file's free text by key, in the file's order; empty where it has none.</param>
public sealed record SafeTensorsFile(IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata);
