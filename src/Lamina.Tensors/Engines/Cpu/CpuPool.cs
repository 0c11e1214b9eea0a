using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Lamina.Tensors.Engines.Cpu;

/// <summary>The body of a parallel region: a struct, so that a region allocates nothing.</summary>
internal interface IRegion
{
    /// <summary>Does units <paramref name="begin"/> to <paramref name="end"/> (exclusive).</summary>
    void Run(int begin, int end);
}

/// <summary>
/// One persistent pool of threads, spinning briefly before they park. A region of n units is cut into chunks of a
/// grain that the caller chooses from the shape alone. Each thread has a partition of neighbouring chunks, the same share of
/// every region, so that it mostly meets what its own caches hold; one that is through takes chunks of the others'. Since the
/// cuts never depend on the number of threads, neither does any result.
/// </summary>
public sealed unsafe class CpuPool : IDisposable
{
    // Waking a parked thread costs near a millisecond; a step's regions lie closer together than this many pauses.
    private const int SpinsBeforeParking = 20_000;

    private const int MostThreads = 1024;

    private readonly Thread[] _workers;
    private readonly SemaphoreSlim[] _doors;
    private readonly int[] _parked;
    private readonly Lock _entry = new();
    private Job _job;
    private Lines _shared;
    private readonly Partition[] _partitions;
    private volatile bool _stopped;
    private Exception? _failure;

    [ThreadStatic] private static bool s_inside;
    private static CpuPool s_shared = new(Math.Max(1, Environment.ProcessorCount));

    private struct Job
    {
        public delegate*<void*, int, int, void> Run;
        public void* Body;
        public int Units, Grain, Chunks;
    }

    // A region's gate: its number, whether it is open, and how many workers are inside. A worker that comes late, or
    // that the system has put to sleep outside, is not waited for: the caller drains the region by itself.
    private const long Open = 1 << 16, Inside = Open - 1;
    private const int RegionShift = 17;

    /// <summary>Contended fields, in cache lines of their own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Lines
    {
        [FieldOffset(64)] public long Gate;
    }

    /// <summary>The next chunk of a thread's partition, in cache lines of its own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Partition
    {
        [FieldOffset(64)] public int Next;
    }

    /// <summary>A pool of <paramref name="threads"/> threads, the calling one included.</summary>
    public CpuPool(int threads)
    {
        if (threads is < 1 or > MostThreads) throw new ArgumentOutOfRangeException(nameof(threads), threads, "a pool has 1 to 1024 threads");
        Threads = threads;
        _partitions = new Partition[threads];
        _workers = new Thread[threads - 1];
        _doors = new SemaphoreSlim[threads - 1];
        _parked = new int[threads - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            int index = i;
            _doors[i] = new SemaphoreSlim(0);
            _workers[i] = new Thread(() => Work(index), 1 << 20) { IsBackground = true, Name = $"lamina-{i + 1}" };
            _workers[i].Start();
        }
    }

    /// <summary>The pool that ops run on; by default a thread a core.</summary>
    public static CpuPool Shared => s_shared;

    /// <summary>The number of threads, the calling one included.</summary>
    public int Threads { get; }

    /// <summary>Replaces the shared pool by one of another size. Results are the same bits whatever the size.</summary>
    /// <param name="threads">The number of threads, the calling one included.</param>
    /// <param name="beyondCores">
    /// Whether there may be more threads than cores (of the machine, or of the container). They only wait for each other and make
    /// everything several times slower, so that they serve tests alone; otherwise there are as many as there are cores.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">It is not 1 to 1024 threads.</exception>
    public static void SetThreads(int threads, bool beyondCores = false)
    {
        if (!beyondCores && threads is > 0 and <= MostThreads) threads = Math.Min(threads, Environment.ProcessorCount);
        if (threads == s_shared.Threads) return;
        CpuPool old = Interlocked.Exchange(ref s_shared, new CpuPool(threads));
        old.Dispose();
    }

    /// <summary>Runs <paramref name="body"/> over all units in chunks of <paramref name="grain"/>; returns when all are done.</summary>
    internal void For<TBody>(int units, int grain, ref TBody body) where TBody : struct, IRegion
    {
        if (units <= 0) return;
        grain = Math.Max(grain, 1);
        int chunks = (int)(((long)units + grain - 1) / grain);
        // A region inside a region, or a second caller while one is inside, runs on its own thread: the same chunks in order.
        if (chunks == 1 || _workers.Length == 0 || s_inside || !_entry.TryEnter())
        {
            for (int c = 0; c < chunks; c++) body.Run(c * grain, (int)Math.Min((long)(c + 1) * grain, units));
            return;
        }
        Exception? failure;
        try
        {
            s_inside = true;
            _job = new Job { Run = &Trampoline<TBody>, Body = Unsafe.AsPointer(ref body), Units = units, Grain = grain, Chunks = chunks };
            _failure = null;
            for (int i = 0; i < _partitions.Length; i++) Volatile.Write(ref _partitions[i].Next, Begin(i, chunks));
            Interlocked.Exchange(ref _shared.Gate, (((_shared.Gate >> RegionShift) + 1) << RegionShift) | Open);
            for (int i = 0; i < _parked.Length && i < chunks - 1; i++)
                if (Volatile.Read(ref _parked[i]) != 0 && Interlocked.Exchange(ref _parked[i], 0) != 0) _doors[i].Release();
            Drain(0);
            Interlocked.And(ref _shared.Gate, ~Open);
            int spins = 0;
            while ((Volatile.Read(ref _shared.Gate) & Inside) != 0)
                if (++spins < 4096) Thread.SpinWait(1); else Thread.Yield();
            // Read before the pool goes to the next caller, who clears it.
            failure = _failure;
        }
        finally
        {
            s_inside = false;
            _entry.Exit();
        }
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>
    /// Keeps what this thread computes on this thread until disposed, if <paramref name="stay"/>: for small calls, and where other threads
    /// have work of their own. Results are the same bits.
    /// </summary>
    internal static StayScope Stay(bool stay)
    {
        var scope = new StayScope(s_inside);
        s_inside |= stay;
        return scope;
    }

    /// <summary>Ends at its disposal, on the thread that began it.</summary>
    internal readonly ref struct StayScope(bool before)
    {
        public void Dispose() => s_inside = before;
    }

    private static void Trampoline<TBody>(void* body, int begin, int end) where TBody : struct, IRegion =>
        Unsafe.AsRef<TBody>(body).Run(begin, end);

    /// <summary>The first chunk of a thread's partition.</summary>
    private int Begin(int thread, int chunks) => (int)((long)thread * chunks / Threads);

    private void Drain(int thread)
    {
        Job job = _job;
        try
        {
            for (int i = 0; i < _partitions.Length; i++)
            {
                int owner = thread + i < _partitions.Length ? thread + i : thread + i - _partitions.Length, end = Begin(owner + 1, job.Chunks), chunk;
                ref int next = ref _partitions[owner].Next;
                while (Volatile.Read(ref next) < end && (chunk = Interlocked.Increment(ref next) - 1) < end)
                    job.Run(job.Body, chunk * job.Grain, (int)Math.Min((long)(chunk + 1) * job.Grain, job.Units));
            }
        }
        catch (Exception e)
        {
            _failure = e;
            for (int i = 0; i < _partitions.Length; i++) Volatile.Write(ref _partitions[i].Next, job.Chunks);
        }
    }

    private void Work(int index)
    {
        s_inside = true;
        long seen = 0;
        while (true)
        {
            int spins = 0;
            long gate;
            while ((gate = Volatile.Read(ref _shared.Gate)) >> RegionShift == seen)
            {
                if (_stopped) return;
                if (++spins < SpinsBeforeParking) { Thread.SpinWait(4); continue; }
                Interlocked.Exchange(ref _parked[index], 1);
                // A region published between the last look and the parking flag would not ring the bell: look again.
                bool news = Volatile.Read(ref _shared.Gate) >> RegionShift != seen || _stopped;
                if (!news || Interlocked.Exchange(ref _parked[index], 0) == 0) _doors[index].Wait();
                spins = 0;
            }
            seen = gate >> RegionShift;
            while ((gate & Open) != 0 && gate >> RegionShift == seen)
            {
                long found = Interlocked.CompareExchange(ref _shared.Gate, gate + 1, gate);
                if (found == gate)
                {
                    Drain(index + 1);
                    Interlocked.Decrement(ref _shared.Gate);
                    break;
                }
                gate = found;
            }
        }
    }

    /// <summary>Ends the worker threads.</summary>
    public void Dispose()
    {
        _stopped = true;
        for (int i = 0; i < _doors.Length; i++)
            if (Interlocked.Exchange(ref _parked[i], 0) != 0) _doors[i].Release();
    }
}
