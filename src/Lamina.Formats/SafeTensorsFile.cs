using Lamina.Tensors;

namespace Lamina.Formats;

/// <summary>What a safetensors file holds.</summary>
/// <param name="Tensors">The tensors by name, in the order in which their values lie in the file.</param>
/// <param name="Metadata">The file's free text by key, in the file's order; empty where it has none.</param>
public sealed record SafeTensorsFile(IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata);
