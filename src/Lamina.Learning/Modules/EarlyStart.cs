using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Lamina.Tensors.Plans;

namespace Lamina.Learning.Modules;

/// <summary>Has kernels compiled from the moment on that a program touches this library.</summary>
internal static class EarlyStart
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "The earlier it begins, the more is ready; nothing depends on it.")]
    internal static void Begin() => WarmUp.Begin();
}
