using System.Numerics;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Windows;

namespace Lamina.Tensors.Engines.Cpu.Convolutions;

/// <summary>
/// The convolution by its definition, as it is in float64; in float32 where weights are no numbers, which the border of zeros mustn't meet. A unit
/// is a row of y.
/// </summary>
internal readonly unsafe struct PlainForward<T>(ConvShape shape, T* x, T* w, T* y, BlockEpilogue? epilogue) : IRegion where T : unmanaged, INumber<T>
{
    public void Run(int begin, int end)
    {
        for (int unit = begin; unit < end; unit++)
        {
            int image = unit / shape.OutHeight, oy = unit % shape.OutHeight;
            for (int ox = 0; ox < shape.OutWidth; ox++)
            {
                T* to = y + ((nint)unit * shape.OutWidth + ox) * shape.OutChannels;
                new Span<T>(to, shape.OutChannels).Clear();
                for (int i = 0; i < shape.KernelHeight; i++)
                    for (int j = 0; j < shape.KernelWidth; j++)
                    {
                        int iy = oy * shape.StrideH + i * shape.DilationH - shape.PadTop, ix = ox * shape.StrideW + j * shape.DilationW - shape.PadLeft;
                        if (iy < 0 || iy >= shape.Height || ix < 0 || ix >= shape.Width) continue;
                        T* from = x + ((nint)(image * shape.Height + iy) * shape.Width + ix) * shape.InChannels;
                        T* tap = w + (nint)(i * shape.KernelWidth + j) * shape.GroupIn * shape.OutChannels;
                        for (int ci = 0; ci < shape.GroupIn; ci++)
                            for (int co = 0; co < shape.OutChannels; co++)
                                to[co] += from[co / shape.GroupOut * shape.GroupIn + ci] * tap[ci * shape.OutChannels + co];
                    }
            }
            epilogue?.Finish(unit * shape.OutWidth, shape.OutWidth, 0, shape.OutChannels);
        }
    }
}

/// <summary>dx by the definition. A unit is a row of dx: it gathers from the outputs that saw it.</summary>
internal readonly unsafe struct PlainInputGradient<T>(ConvShape shape, T* dy, T* w, T* dx, BlockEpilogue? epilogue) : IRegion where T : unmanaged, INumber<T>
{
    public void Run(int begin, int end)
    {
        for (int unit = begin; unit < end; unit++)
        {
            int image = unit / shape.Height, iy = unit % shape.Height;
            for (int ix = 0; ix < shape.Width; ix++)
            {
                T* to = dx + ((nint)unit * shape.Width + ix) * shape.InChannels;
                new Span<T>(to, shape.InChannels).Clear();
                for (int i = 0; i < shape.KernelHeight; i++)
                    for (int j = 0; j < shape.KernelWidth; j++)
                    {
                        int top = iy + shape.PadTop - i * shape.DilationH, left = ix + shape.PadLeft - j * shape.DilationW;
                        if (top < 0 || left < 0 || top % shape.StrideH != 0 || left % shape.StrideW != 0) continue;
                        int oy = top / shape.StrideH, ox = left / shape.StrideW;
                        if (oy >= shape.OutHeight || ox >= shape.OutWidth) continue;
                        T* grad = dy + ((nint)(image * shape.OutHeight + oy) * shape.OutWidth + ox) * shape.OutChannels;
                        T* tap = w + (nint)(i * shape.KernelWidth + j) * shape.GroupIn * shape.OutChannels;
                        for (int ci = 0; ci < shape.GroupIn; ci++)
                            for (int co = 0; co < shape.OutChannels; co++)
                                to[co / shape.GroupOut * shape.GroupIn + ci] += grad[co] * tap[ci * shape.OutChannels + co];
                    }
            }
            epilogue?.Finish(unit * shape.Width, shape.Width, 0, shape.InChannels);
        }
    }
}

/// <summary>dw by the definition. A unit is a row of dw: one tap, one input channel of each group.</summary>
internal readonly unsafe struct PlainWeightGradient<T>(ConvShape shape, T* x, T* dy, T* dw) : IRegion where T : unmanaged, INumber<T>
{
    public void Run(int begin, int end)
    {
        for (int unit = begin; unit < end; unit++)
        {
            int ci = unit % shape.GroupIn, j = unit / shape.GroupIn % shape.KernelWidth, i = unit / shape.GroupIn / shape.KernelWidth;
            T* to = dw + (nint)unit * shape.OutChannels;
            new Span<T>(to, shape.OutChannels).Clear();
            for (int pixel = 0; pixel < shape.Batch * shape.OutPixels; pixel++)
            {
                int image = pixel / shape.OutPixels, oy = pixel % shape.OutPixels / shape.OutWidth, ox = pixel % shape.OutWidth;
                int iy = oy * shape.StrideH + i * shape.DilationH - shape.PadTop, ix = ox * shape.StrideW + j * shape.DilationW - shape.PadLeft;
                if (iy < 0 || iy >= shape.Height || ix < 0 || ix >= shape.Width) continue;
                T* from = x + ((nint)(image * shape.Height + iy) * shape.Width + ix) * shape.InChannels;
                T* grad = dy + (nint)pixel * shape.OutChannels;
                for (int co = 0; co < shape.OutChannels; co++)
                    to[co] += from[co / shape.GroupOut * shape.GroupIn + ci] * grad[co];
            }
        }
    }
}
