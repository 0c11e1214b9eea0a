using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu;

/// <summary>Runs a chain of element-wise ops: strided, broadcast and scalar operands, tile by tile, on all threads.</summary>
internal static unsafe class MapKernel
{
    /// <summary>Elements in a tile: the live tiles of a usual chain fit the first-level cache.</summary>
    public const int TileSize = 1024;

    /// <summary>How an operand is brought into a tile.</summary>
    private enum Feed : byte
    {
        /// <summary>It lies like the result: used where it is.</summary>
        Direct,
        /// <summary>The same for every tile (a scalar, a row vector when tiles are whole rows): fetched once a chunk.</summary>
        Once,
        /// <summary>Fetched for each tile.</summary>
        Fetched,
    }

    /// <summary>Operands broadcast to the shape of the results; results compact.</summary>
    public static void Run(MapProgram program, ReadOnlySpan<View> operands, ReadOnlySpan<View> results, CpuPool pool)
    {
        int count = results[0].Count;
        if (count == 0) return;
        Shape shape = results[0].Shape;
        View* views = stackalloc View[operands.Length];
        Feed* feeds = stackalloc Feed[operands.Length];
        void** targets = stackalloc void*[results.Length];
        int columns = shape.Rank > 0 ? shape[^1] : 1;
        int tile = columns <= TileSize ? TileSize / columns * columns : TileSize;
        for (int i = 0; i < operands.Length; i++)
        {
            Strides strides = operands[i].Strides.Broadcast(operands[i].Shape, shape);
            views[i] = new View(operands[i].Data, operands[i].DType, shape, strides);
            feeds[i] = Classify(views[i], columns <= TileSize);
        }
        for (int i = 0; i < results.Length; i++) targets[i] = results[i].Data;
        var region = new Region { Program = program, Views = views, Feeds = feeds, Targets = targets, Count = count, Tile = tile };
        // About 16 k light operations a chunk, whatever the length of the chain.
        int grain = Math.Max(1, 16 / (1 + program.Instructions.Length / 2));
        pool.For((count + tile - 1) / tile, grain, ref region);
    }

    private static Feed Classify(in View view, bool wholeRows)
    {
        if (view.IsCompact) return Feed.Direct;
        bool leadingConstant = true;
        for (int axis = 0; axis < view.Shape.Rank - 1; axis++)
            leadingConstant &= view.Strides[axis] == 0 || view.Shape[axis] == 1;
        bool rowConstant = view.Strides[view.Shape.Rank - 1] == 0 || view.Shape[^1] == 1;
        return leadingConstant && (rowConstant || wholeRows) ? Feed.Once : Feed.Fetched;
    }

    private struct Region : IRegion
    {
        public MapProgram Program;
        public View* Views;
        public Feed* Feeds;
        public void** Targets;
        public int Count, Tile;

        public readonly void Run(int begin, int end)
        {
            MapProgram program = Program;
            int operands = program.Operands, first = begin * Tile;
            // Fetched operands and temporaries lie behind one another, eight bytes an element, so any type fits.
            byte* scratch = (byte*)Scratch.Get(0, (long)(operands + program.Temporaries) * TileSize * 8);
            byte* temporaries = scratch + (long)operands * TileSize * 8;
            for (int i = 0; i < operands; i++)
                if (Feeds[i] == Feed.Once) Strided.Copy(Views[i], first, Math.Min(first + Tile, Count), scratch + (long)i * TileSize * 8);
            void** values = stackalloc void*[program.Values];
            for (int t = begin; t < end; t++)
            {
                int from = t * Tile, count = Math.Min(Tile, Count - from);
                for (int i = 0; i < operands; i++)
                {
                    byte* buffer = scratch + (long)i * TileSize * 8;
                    if (Feeds[i] == Feed.Fetched) Strided.Copy(Views[i], from, from + count, buffer);
                    values[i] = Feeds[i] == Feed.Direct ? (byte*)Views[i].Data + (nint)from * Views[i].DType.Size : buffer;
                }
                Chain(program, values, Targets, from, count, temporaries);
            }
        }
    }

    /// <summary>Runs the chain over one tile whose operands are in place.</summary>
    internal static void Chain(MapProgram program, void** values, void** targets, int from, int count, byte* temporaries)
    {
        int[] places = program.Places;
        int operands = program.Operands;
        void** sources = stackalloc void*[MapProgram.MostSources];
        foreach (MapInstruction x in program.Instructions)
        {
            DType[] types = x.Types, results = x.Results;
            for (int i = 0; i < results.Length; i++)
            {
                int place = places[x.First + i - operands];
                values[x.First + i] = place >= 0 ? (byte*)targets[place] + (nint)from * results[i].Size : temporaries + (long)(-1 - place) * TileSize * 8;
            }
            for (int i = 0; i < x.Sources.Length; i++) sources[i] = values[x.Sources[i]];
            x.Op.Run(new Tile(sources, values + x.First, count, types[0], types[types.Length > 1 ? 1 : 0], results[0]));
        }
    }
}
