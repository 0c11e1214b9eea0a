using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Reductions;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Engines.Cpu.Windows;
using Lamina.Tensors.Engines.Cpu.Winograd;

namespace Lamina.Tensors.Engines.Cpu.Convolutions;

/// <summary>Sets up the float32 convolutions at one vector width: tables of taps, turned weights, regions.</summary>
internal static unsafe class ConvolutionOf<V> where V : struct, ILanes<V>
{
    /// <summary>From this many pixels on it pays to pack the weights into panels first.</summary>
    private const int ManyPixels = 96;

    public static void Forward(CpuPool pool, in ConvShape shape, float* x, float* w, float* y, BlockEpilogue? epilogue)
    {
        if (WinogradChoice.SuitsSquare(shape)) { WinogradOf<V, WinogradSquare>.Forward(pool, shape, x, w, y, epilogue); return; }
        if (WinogradChoice.SuitsLine(shape)) { WinogradOf<V, WinogradLine>.Forward(pool, shape, x, w, y, epilogue); return; }
        if (WinogradChoice.SuitsPair(shape)) { WinogradOf<V, WinogradPair>.Forward(pool, shape, x, w, y, epilogue); return; }
        if (shape.IsPadded && !Magnitude.AreFinite(pool, w, (nint)shape.Depth * shape.OutChannels))
        {
            var plain = new PlainForward<float>(shape, x, w, y, epilogue);
            pool.For(shape.Batch * shape.OutHeight, 1, ref plain);
            return;
        }
        PixelGrid grid = Grid(shape, x);
        (nint, nint, nint) strides = ((nint)shape.OutPixels * shape.OutChannels, (nint)shape.OutWidth * shape.OutChannels, shape.OutChannels);
        if (shape.IsDepthwise)
        {
            int* spots = (int*)Scratch.Get(ConvolutionSlots.Tables, (long)shape.KernelHeight * shape.KernelWidth * 2 * sizeof(int));
            int count = 0;
            for (int i = 0; i < shape.KernelHeight; i++)
                for (int j = 0; j < shape.KernelWidth; j++, count++)
                {
                    spots[2 * count] = (i * shape.DilationH * grid.Pitch + j * shape.DilationW) * shape.InChannels;
                    spots[2 * count + 1] = count * shape.InChannels;
                }
            var depthwise = new DepthwiseProduct<V>(grid, spots, count, w, y, strides, epilogue);
            pool.For(shape.Batch * depthwise.UnitsOfImage, 1, ref depthwise);
            return;
        }
        int* taps = Taps(shape, grid.Pitch);
        RowEpilogue rowEpilogue = default;
        if (SingleChannelProduct<V>.Suits(shape))
        {
            epilogue = epilogue?.Take(out rowEpilogue);
            new SingleChannelProduct<V>(grid, taps, shape.Depth, w, shape.OutChannels, y, epilogue, rowEpilogue).Run(pool, shape.Batch);
            return;
        }
        if (ShallowProduct<V>.Suits(shape))
        {
            epilogue = epilogue?.Take(out rowEpilogue);
            new ShallowProduct<V>(grid, taps, shape.Depth, w, shape.OutChannels, y, epilogue, rowEpilogue).Run(pool, shape.Batch);
            return;
        }
        nint ldb = shape.OutChannels, panel = 2 * V.Count;
        if (shape.Batch * shape.OutPixels >= ManyPixels && shape.Groups == 1 && shape.OutChannels > 2 * V.Count)
        {
            var pack = new PackColumns<V>(w, shape.OutChannels, 1, shape.Depth, shape.OutChannels, null);
            pack = pack.To(w = (float*)Scratch.Get(ConvolutionSlots.Weights, pack.Bytes));
            pool.For(pack.Panels, pack.Grain, ref pack);
            (ldb, panel) = (2 * V.Count, 2 * V.Count * (nint)shape.Depth);
        }
        var product = new PixelProduct<V>(shape.Batch, grid, taps, shape.Depth, w, ldb, panel, shape.GroupOut, (shape.Groups, shape.GroupIn, shape.GroupOut),
            y, strides, epilogue);
        pool.For(product.Units, product.Grain, ref product);
    }

    public static void WeightGradient(CpuPool pool, in ConvShape shape, float* x, float* dy, float* dw)
    {
        if (WinogradChoice.SuitsSquare(shape) && WinogradOf<V, WinogradSquare>.WeightGradient(pool, shape, x, dy, dw)) return;
        if (WinogradChoice.SuitsLine(shape) && WinogradOf<V, WinogradLine>.WeightGradient(pool, shape, x, dy, dw)) return;
        if (WinogradChoice.SuitsPair(shape) && WinogradOf<V, WinogradPair>.WeightGradient(pool, shape, x, dy, dw)) return;
        DirectWeightGradient(pool, shape, x, dy, dw);
    }

    /// <summary>dw by the sums of its definition.</summary>
    public static void DirectWeightGradient(CpuPool pool, in ConvShape shape, float* x, float* dy, float* dw)
    {
        Multiply(pool, shape, x, dy, dw);
        // The border of zeros times what isn't a number isn't one either.
        if (!shape.IsPadded || shape.IsDepthwise || Magnitude.AreFinite(pool, dw, (nint)shape.Depth * shape.OutChannels)) return;
        var plain = new PlainWeightGradient<float>(shape, x, dy, dw);
        pool.For(shape.Depth, 1, ref plain);
    }

    private static void Multiply(CpuPool pool, in ConvShape shape, float* x, float* dy, float* dw)
    {
        if (shape.IsDepthwise)
        {
            int some = DepthwiseWeights<V>.Parts(shape);
            float* room = Parts(shape, some);
            var depthwise = new DepthwiseWeights<V>(shape, x, dy, room);
            pool.For(some, 1, ref depthwise);
            Sum(pool, shape, room, some, dw);
            return;
        }
        PixelGrid grid = Grid(shape, x);
        if (SingleChannelProduct<V>.Suits(shape))
        {
            int some = SingleChannelWeights<V>.Parts(shape);
            float* room = Parts(shape, some);
            var grey = new SingleChannelWeights<V>(shape, grid, Taps(shape, grid.Pitch), dy, room);
            pool.For(some, 1, ref grey);
            Sum(pool, shape, room, some, dw);
            return;
        }
        int together = WeightProduct<V>.ImagesTogether(shape);
        int* taps = Taps(shape, grid.Pitch, shape.OutPixels * together), pixels = taps + shape.Depth;
        for (int n = 0, p = 0; n < together; n++)
            for (int i = 0; i < shape.OutHeight; i++)
                for (int j = 0; j < shape.OutWidth; j++)
                    pixels[p++] = (int)(n * grid.ImageStride) + (i * shape.StrideH * grid.Pitch + j * shape.StrideW) * shape.InChannels;
        int parts = WeightProduct<V>.Parts(shape);
        float* target = parts == 1 ? dw : Parts(shape, parts);
        var product = new WeightProduct<V>(shape, grid, taps, pixels, dy, target);
        pool.For(product.Units, 1, ref product);
        if (parts > 1) Sum(pool, shape, target, parts, dw);
    }

    /// <summary>Both gradients where they share work; false, with nothing done, where they don't.</summary>
    public static bool TryGradients(CpuPool pool, in ConvShape shape, float* x, float* w, float* dy, float* dx, float* dw, BlockEpilogue? epilogue)
    {
        bool isSpoiled = false;
        bool isDone = WinogradChoice.SuitsSquare(shape) ? WinogradOf<V, WinogradSquare>.TryGradients(pool, shape, x, w, dy, dx, dw, epilogue, out isSpoiled)
            : WinogradChoice.SuitsLine(shape) ? WinogradOf<V, WinogradLine>.TryGradients(pool, shape, x, w, dy, dx, dw, epilogue, out isSpoiled)
            : WinogradChoice.SuitsPair(shape) && WinogradOf<V, WinogradPair>.TryGradients(pool, shape, x, w, dy, dx, dw, epilogue, out isSpoiled);
        if (isSpoiled) DirectWeightGradient(pool, shape, x, dy, dw);
        return isDone;
    }

    private static float* Parts(in ConvShape shape, int parts) =>
        (float*)Scratch.Get(ConvolutionSlots.Parts, (long)parts * shape.Depth * shape.OutChannels * sizeof(float));

    private static void Sum(CpuPool pool, in ConvShape shape, float* from, int parts, float* dw)
    {
        var sum = new PartialSums<V>(from, parts, new(dw, shape.Depth, shape.OutChannels));
        pool.For(sum.Units, sum.Grain, ref sum);
    }

    /// <summary>
    /// Pixels of dX that agree in (row + pad) mod stride see the same taps: each such phase is a convolution of dY at
    /// stride 1. Phases without taps are zero. With one phase the product finishes pixels for the epilogue.
    /// </summary>
    public static void InputGradient(CpuPool pool, in ConvShape shape, float* dy, float* w, float* dx, BlockEpilogue? epilogue)
    {
        if (WinogradChoice.SuitsSquare(shape)) { WinogradOf<V, WinogradSquare>.InputGradient(pool, shape, dy, w, dx, epilogue); return; }
        if (WinogradChoice.SuitsLine(shape)) { WinogradOf<V, WinogradLine>.InputGradient(pool, shape, dy, w, dx, epilogue); return; }
        if (WinogradChoice.SuitsPair(shape)) { WinogradOf<V, WinogradPair>.InputGradient(pool, shape, dy, w, dx, epilogue); return; }
        if (ScatterProduct<V>.Suits(shape)) { ScatterProduct<V>.Run(pool, shape, dy, w, dx, epilogue); return; }
        if (!Magnitude.AreFinite(pool, w, (nint)shape.Depth * shape.OutChannels))
        {
            var plain = new PlainInputGradient<float>(shape, dy, w, dx, epilogue);
            pool.For(shape.Batch * shape.Height, 1, ref plain);
            return;
        }
        int phases = Math.Min(shape.StrideH, shape.Height) * Math.Min(shape.StrideW, shape.Width), computed = 0;
        if (!EachPhaseHasTaps(shape))
        {
            var clear = new ClearRows(dx, (nint)shape.Width * shape.InChannels);
            pool.For(shape.Batch * shape.Height, (int)Math.Clamp(65_536L / Math.Max(1, (long)shape.Width * shape.InChannels), 1, 1 << 16), ref clear);
        }
        for (int y = 0; y < Math.Min(shape.StrideH, shape.Height); y++)
            for (int x = 0; x < Math.Min(shape.StrideW, shape.Width); x++)
            {
                var down = new Phase(y, shape.Height, shape.StrideH, shape.PadTop, shape.KernelHeight, shape.DilationH);
                var right = new Phase(x, shape.Width, shape.StrideW, shape.PadLeft, shape.KernelWidth, shape.DilationW);
                float* first = dx + ((nint)y * shape.Width + x) * shape.InChannels;
                (nint Image, nint Row, nint Pixel) strides =
                    ((nint)shape.Height * shape.Width * shape.InChannels, (nint)shape.StrideH * shape.Width * shape.InChannels,
                        (nint)shape.StrideW * shape.InChannels);
                if (down.Taps == 0 || right.Taps == 0 || shape.OutPixels == 0 || shape.OutChannels == 0) continue;
                RunPhase(pool, shape, down, right, dy, w, first, strides, phases == 1 ? epilogue : null);
                computed++;
            }
        if (epilogue is null || phases == 1 && computed == 1) return;
        var finish = new FinishRows(epilogue, shape.InChannels);
        pool.For(shape.Batch * shape.Height * shape.Width, Math.Max(1, 16_384 / shape.InChannels), ref finish);
    }

    private static bool EachPhaseHasTaps(in ConvShape shape)
    {
        bool each = shape.OutPixels > 0 && shape.OutChannels > 0;
        for (int y = 0; y < Math.Min(shape.StrideH, shape.Height); y++)
            each &= new Phase(y, shape.Height, shape.StrideH, shape.PadTop, shape.KernelHeight, shape.DilationH).Taps > 0;
        for (int x = 0; x < Math.Min(shape.StrideW, shape.Width); x++)
            each &= new Phase(x, shape.Width, shape.StrideW, shape.PadLeft, shape.KernelWidth, shape.DilationW).Taps > 0;
        return each;
    }

    private static void RunPhase(CpuPool pool, in ConvShape shape, Phase down, Phase right, float* dy, float* w, float* first, (nint, nint, nint) strides,
        BlockEpilogue? epilogue)
    {
        var grid = new PixelGrid(
            (nint)dy, shape.OutHeight, shape.OutWidth, shape.OutChannels, -down.Lowest, -right.Lowest, 1, 1, down.Pixels, right.Pixels, down.Span, right.Span);
        int count = down.Taps * right.Taps, width = 2 * V.Count, depth = count * shape.GroupOut, columns = shape.GroupIn;
        int* spots = (int*)Scratch.Get(ConvolutionSlots.Tables, ((long)count * 2 + depth) * sizeof(int)), taps = spots + 2 * count;
        for (int i = 0, at = 0; i < shape.KernelHeight; i++)
            for (int j = 0; j < shape.KernelWidth; j++)
            {
                if (!down.Sees(i) || !right.Sees(j)) continue;
                int spot = ((down.Source(i) - down.Lowest) * grid.Pitch + right.Source(j) - right.Lowest) * shape.OutChannels;
                spots[2 * at] = spot;
                spots[2 * at + 1] = (i * shape.KernelWidth + j) * shape.GroupIn * shape.OutChannels;
                for (int c = 0; c < shape.GroupOut; c++) taps[at * shape.GroupOut + c] = spot + c;
                at++;
            }
        if (shape.IsDepthwise)
        {
            var depthwise = new DepthwiseProduct<V>(grid, spots, count, w, first, strides, epilogue);
            pool.For(shape.Batch * depthwise.UnitsOfImage, 1, ref depthwise);
            return;
        }
        nint groupWeights = (columns + width - 1) / width * (nint)width * depth;
        float* turned = (float*)Scratch.Get(ConvolutionSlots.Weights, groupWeights * shape.Groups * sizeof(float));
        var turn = new TurnWeights<V>(shape, w, spots, count, turned, groupWeights);
        pool.For(count * shape.Groups, (int)Math.Clamp(16_384 / ((long)shape.GroupIn * shape.GroupOut), 1, 1024), ref turn);
        var product = new PixelProduct<V>(shape.Batch, grid, taps, depth, turned, width, (nint)width * depth, groupWeights,
            (shape.Groups, shape.GroupOut, columns), first, strides, epilogue);
        pool.For(product.Units, product.Grain, ref product);
    }

    private static PixelGrid Grid(in ConvShape shape, float* x) => new(
        (nint)x, shape.Height, shape.Width, shape.InChannels, shape.PadTop, shape.PadLeft, shape.StrideH, shape.StrideW,
        shape.OutHeight, shape.OutWidth, shape.SpanH, shape.SpanW);

    /// <summary>For each term (tap, channel of the group) of an output its distance from the window's corner; room behind for more.</summary>
    private static int* Taps(in ConvShape shape, int pitch, int more = 0)
    {
        int* taps = (int*)Scratch.Get(ConvolutionSlots.Tables, ((long)shape.Depth + more) * sizeof(int)), to = taps;
        for (int i = 0; i < shape.KernelHeight; i++)
            for (int j = 0; j < shape.KernelWidth; j++)
            {
                int spot = (i * shape.DilationH * pitch + j * shape.DilationW) * shape.InChannels;
                for (int c = 0; c < shape.GroupIn; c++) *to++ = spot + c;
            }
        return taps;
    }
}

/// <summary>Zeros in rows of floats.</summary>
internal readonly unsafe struct ClearRows(float* data, nint row) : IRegion
{
    public void Run(int begin, int end)
    {
        for (int i = begin; i < end; i++) new Span<float>(data + i * row, (int)row).Clear();
    }
}

/// <summary>The epilogue of a result that isn't finished block by block.</summary>
internal readonly struct FinishRows(BlockEpilogue epilogue, int columns) : IRegion
{
    public void Run(int begin, int end) => epilogue.Finish(begin, end - begin, 0, columns);
}

/// <summary>One axis of dX's pixels first, first + stride, …: their taps i satisfy (first + pad - i · dilation) mod stride = 0.</summary>
internal readonly struct Phase
{
    private readonly int _place, _stride, _dilation;

    public Phase(int first, int size, int stride, int pad, int kernel, int dilation)
    {
        (_place, _stride, _dilation) = (first + pad, stride, dilation);
        Pixels = (size - first + stride - 1) / stride;
        int highest = int.MinValue;
        Lowest = int.MaxValue;
        for (int i = 0; i < kernel; i++)
        {
            if (!Sees(i)) continue;
            Taps++;
            Lowest = Math.Min(Lowest, Source(i));
            highest = Math.Max(highest, Source(i));
        }
        Span = Taps == 0 ? 0 : highest - Lowest + 1;
    }

    public int Pixels { get; }
    public int Taps { get; }
    /// <summary>The first output that the first pixel takes part in, were there no border.</summary>
    public int Lowest { get; }
    public int Span { get; }

    public bool Sees(int tap) => (_place - tap * _dilation) % _stride == 0;
    public int Source(int tap) => (_place - tap * _dilation) / _stride;
}

/// <summary>Packs the weights of a phase, transposed to (tap, out) × in, into panels. A unit is one tap of one group.</summary>
internal readonly unsafe struct TurnWeights<V>(ConvShape shape, float* w, int* spots, int count, float* to, nint groupWeights) : IRegion
    where V : struct, ILanes<V>
{
    public void Run(int begin, int end)
    {
        for (int unit = begin; unit < end; unit++)
        {
            int group = unit / count, tap = unit % count;
            var pack = new PackColumns<V>(w + spots[2 * tap + 1] + group * shape.GroupOut, 1, shape.OutChannels, shape.GroupOut, shape.GroupIn, null);
            pack = pack.To(to + group * groupWeights + (nint)tap * shape.GroupOut * 2 * V.Count, (nint)count * shape.GroupOut * 2 * V.Count);
            pack.Run(0, pack.Panels);
        }
    }
}
