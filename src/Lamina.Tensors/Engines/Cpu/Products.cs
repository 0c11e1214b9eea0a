namespace Lamina.Tensors.Engines.Cpu;

/// <summary>Matrix products of views: finds the matrices in them and hands them on.</summary>
internal static unsafe class Products
{
    public static void Run(in View a, in View b, in View to, BlockEpilogue? epilogue, CpuPool pool)
    {
        throw new NotImplementedException();
    }
}
