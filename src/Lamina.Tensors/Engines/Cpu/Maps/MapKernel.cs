using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Maps;

/// <summary>
/// A chain of element-wise ops bound to the shapes of its operands and results: strided, broadcast and scalar operands,
/// tile by tile, on all threads. Only addresses change from run to run.
/// </summary>
internal sealed unsafe class MapKernel
{
    /// <summary>Elements in a tile: the live tiles of a usual chain fit the L1 cache.</summary>
    public const int TileSize = 1024;

    private readonly MapProgram _program;
    private readonly View[] _views;
    private readonly Feed[] _feeds;
    private readonly nint[] _targets;
    private readonly int[] _sizes;
    private readonly int _count, _tile, _grain;
    private readonly ulong _scalars;
    private bool _streams;

    /// <summary>Way in which an operand is brought into a tile.</summary>
    private enum Feed : byte
    {
        /// <summary>Laid out like the result: used in place.</summary>
        Direct,
        /// <summary>One value, repeated over a vector.</summary>
        Scalar,
        /// <summary>The same for every tile (a scalar, a row vector when tiles are whole rows): fetched once a chunk.</summary>
        Once,
        /// <summary>Fetched for each tile.</summary>
        Fetched,
    }

    /// <summary>Operands broadcast to the shape of the results; results compact.</summary>
    public MapKernel(MapProgram program, ReadOnlySpan<View> operands, ReadOnlySpan<View> results)
    {
        _program = program;
        _views = new View[operands.Length];
        _feeds = new Feed[operands.Length];
        _targets = new nint[results.Length];
        _sizes = new int[results.Length];
        for (int i = 0; i < results.Length; i++) _sizes[i] = results[i].DType.Size;
        _count = results[0].Count;
        if (_count == 0) return;
        Shape shape = results[0].Shape;
        int columns = shape.Rank > 0 ? shape[^1] : 1;
        _tile = columns <= TileSize ? TileSize / columns * columns : TileSize;
        for (int i = 0; i < operands.Length; i++)
        {
            Strides strides = operands[i].Strides.Broadcast(operands[i].Shape, shape);
            _views[i] = new View(operands[i].Data, operands[i].DType, shape, strides);
            _feeds[i] = Classify(_views[i], columns <= TileSize, program.TakesScalar[i]);
            if (_feeds[i] == Feed.Scalar) _scalars |= 1UL << i;
        }
        // About 16 k light operations a chunk, whatever the length of the chain.
        _grain = Math.Clamp((_count + _tile - 1) / _tile / 32, Grain(program.Instructions.Length), 4 * Grain(program.Instructions.Length));
    }

    /// <summary>Runs a single op once.</summary>
    public static void Run(ITileOp op, ReadOnlySpan<View> operands, ReadOnlySpan<View> results, CpuPool pool)
    {
        if (SingleMap.Suits(op, operands, results))
        {
            SingleMap.Run(op, operands, results, pool);
            return;
        }
        new MapKernel(MapProgram.Of(op, operands, results), operands, results).Run(operands, results, pool);
    }

    internal static int Grain(int instructions) => Math.Max(1, 16 / (1 + instructions / 2));

    /// <summary>Runs the chain on operands and results of the shapes that it is bound to.</summary>
    public void Run(ReadOnlySpan<View> operands, ReadOnlySpan<View> results, CpuPool pool)
    {
        if (_count == 0) return;
        for (int i = 0; i < operands.Length; i++) View.Move(ref _views[i], operands[i].Data);
        for (int i = 0; i < results.Length; i++) _targets[i] = (nint)results[i].Data;
        // A result in place of an operand is in the cache by the time it is written.
        _streams = Lanes.Streams(results[0]);
        for (int i = 0; _streams && i < operands.Length; i++) _streams = Array.IndexOf(_targets, (nint)operands[i].Data) < 0;
        var region = new Region { Kernel = this };
        pool.For((_count + _tile - 1) / _tile, _grain, ref region);
    }

    private static Feed Classify(in View view, bool wholeRows, bool takesScalar)
    {
        bool leadingConstant = true;
        for (int axis = 0; axis < view.Shape.Rank - 1; axis++)
            leadingConstant &= view.Strides[axis] == 0 || view.Shape[axis] == 1;
        bool rowConstant = view.Shape.Rank == 0 || view.Strides[view.Shape.Rank - 1] == 0 || view.Shape[^1] == 1;
        if (leadingConstant && rowConstant && takesScalar) return Feed.Scalar;
        if (view.IsCompact) return Feed.Direct;
        return leadingConstant && (rowConstant || wholeRows) ? Feed.Once : Feed.Fetched;
    }

    private void Run(int begin, int end)
    {
        int operands = _program.Operands, first = begin * _tile, pitch = _program.Pitch;
        byte* scratch = (byte*)Scratch.Get(0, (long)(operands + _program.Temporaries) * pitch);
        byte* temporaries = scratch + (long)operands * pitch;
        void** values = stackalloc void*[_program.Values];
        for (int i = 0; i < operands; i++)
        {
            values[i] = scratch + (long)i * pitch;
            if (_feeds[i] == Feed.Scalar) Strided.Fill(_views[i].Data, _views[i].DType.Size, values[i], Tile.ScalarBytes / _views[i].DType.Size);
            if (_feeds[i] == Feed.Once) Strided.Copy(_views[i], first, Math.Min(first + _tile, _count), values[i]);
        }
        fixed (nint* targets = _targets)
            for (int t = begin; t < end; t++)
            {
                int from = t * _tile, count = Math.Min(_tile, _count - from);
                // Beside a single op's stream of loads the requests would only be in the way.
                if (_program.Instructions.Length > 1 && t + 1 < end && Prefetch.IsSupported) PrefetchTile(from + count, Math.Min(_tile, _count - from - count));
                for (int i = 0; i < operands; i++)
                    if (_feeds[i] == Feed.Direct) values[i] = (byte*)_views[i].Data + (nint)from * _views[i].DType.Size;
                    else if (_feeds[i] == Feed.Fetched) Strided.Copy(_views[i], from, from + count, values[i]);
                Chain(_program, 0, values, _scalars, (void**)targets, from, count, temporaries, _streams);
            }
    }

    private void PrefetchTile(int from, int count)
    {
        for (int i = 0; i < _views.Length; i++)
            if (_feeds[i] == Feed.Direct) Prefetch.Elements((byte*)_views[i].Data, from, count, _views[i].DType.Size);
        for (int i = 0; i < _targets.Length; i++) Prefetch.Elements((byte*)_targets[i], from, count, _sizes[i]);
    }

    private struct Region : IRegion
    {
        public MapKernel Kernel;

        public readonly void Run(int begin, int end) => Kernel.Run(begin, end);
    }

    /// <summary>
    /// Runs the chain over one tile whose operands are in place, from an instruction on; bit k of <paramref name="scalars"/> is set where operand k
    /// is a scalar.
    /// </summary>
    internal static void Chain(MapProgram program, int begin, void** values, ulong scalars, void** targets, int from, int count, byte* temporaries,
        bool streams = false)
    {
        int[] places = program.Places;
        int operands = program.Operands;
        void** sources = stackalloc void*[MapProgram.MostSources];
        for (int n = begin; n < program.Instructions.Length; n++)
        {
            MapInstruction x = program.Instructions[n];
            DType[] types = x.Types, results = x.Results;
            for (int i = 0; i < results.Length; i++)
            {
                int place = places[x.First + i - operands];
                values[x.First + i] = place >= 0 ? (byte*)targets[place] + (nint)from * results[i].Size : temporaries + (long)(-1 - place) * program.Pitch;
            }
            int alone = 0;
            for (int i = 0; i < x.Sources.Length; i++)
            {
                int source = x.Sources[i];
                sources[i] = values[source];
                if (source < operands) alone |= (int)(scalars >> source & 1) << i;
            }
            x.Run(new Tile(sources, values + x.First, count, types[0], types[types.Length > 1 ? 1 : 0], results[0], alone, streams && program.Leaves[n]));
        }
    }
}
