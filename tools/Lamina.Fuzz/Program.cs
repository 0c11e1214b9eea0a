using System.Diagnostics;
using System.Globalization;
using Lamina.Fuzz;

// Spoils files and reads them: dotnet run -c Release --project tools/Lamina.Fuzz -- --seconds 3600
// --seed N: other files (default 1). --reader NAME: one reader only. --case N: that one case of the seed, its file kept.
const int Slow = 1000, Hanging = 60_000;
const long MostGrowth = 320L << 20; // the 256 MB that reading may take, and what the runtime adds

long seed = Value("--seed", 1), only = Value("--case", -1), seconds = Value("--seconds", 60);
string? reader = Text("--reader");
string folder = Directory.CreateTempSubdirectory("lamina-fuzz-").FullName;
var readers = Readers.All.Where(r => reader is null || r.Name == reader).ToArray();
if (readers.Length == 0) return Fail($"there is no reader {reader}: {string.Join(", ", Readers.All.Select(r => r.Name))}");

string trace = Path.Combine(folder, "case");
Console.WriteLine($"seed {seed}; if the process ends by itself, {trace} has the number for --case");
var clock = Stopwatch.StartNew();
long started = long.MaxValue, current = 0, peak = 0, limit = long.MaxValue;
new Thread(Watch) { IsBackground = true }.Start();

var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
for (long i = only >= 0 ? only : 0; only >= 0 ? i == only : clock.Elapsed.TotalSeconds < seconds; i++)
{
    var chosen = readers[i % readers.Length];
    File.WriteAllText(trace, i.ToString(CultureInfo.InvariantCulture));
    (string outcome, long milliseconds) = Once(i, chosen);
    // A busy machine is slow now and then; a slow file is slow each time.
    for (int again = 0; again < 3 && milliseconds > Slow; again++) (outcome, milliseconds) = Once(i, chosen);
    if (milliseconds > Slow) return Fail($"case {i} ({chosen.Name}) takes {milliseconds} ms: --seed {seed} --case {i}{(reader is null ? "" : $" --reader {reader}")}");
    if (outcome.StartsWith('!')) return Fail($"case {i} ({chosen.Name}): {outcome[1..]}\n--seed {seed} --case {i}{(reader is null ? "" : $" --reader {reader}")}");
    string key = $"{chosen.Name} {outcome}";
    counts[key] = counts.GetValueOrDefault(key) + 1;
    if (i == 200) Volatile.Write(ref limit, Environment.WorkingSet + MostGrowth);
}

foreach ((string key, int count) in counts) Console.WriteLine($"{count,9:N0} {key}");
Console.WriteLine($"{counts.Values.Sum():N0} files in {clock.Elapsed.TotalSeconds:F0} s, working set at most {Interlocked.Read(ref peak) >> 20} MiB");
if (only < 0) Directory.Delete(folder, recursive: true);
return 0;

(string Outcome, long Milliseconds) Once(long i, (string Name, Action<string, Random> Try) chosen)
{
    string place = Path.Combine(folder, chosen.Name);
    if (Directory.Exists(place)) Directory.Delete(place, recursive: true);
    Directory.CreateDirectory(place);
    Volatile.Write(ref current, i);
    var one = Stopwatch.StartNew();
    Volatile.Write(ref started, clock.ElapsedMilliseconds);
    try
    {
        chosen.Try(place, new Random(HashCode(seed, i)));
        return ("read", one.ElapsedMilliseconds);
    }
    catch (Exception e) when (Readers.IsTyped(e))
    {
        return e.Message.Split('\n') is [_, _] && !e.Message.Any(c => char.IsControl(c) && c != '\n')
            ? ($"refused, {e.GetType().Name}", one.ElapsedMilliseconds)
            : ($"!a message with foreign lines or no way out: {e.Message}", one.ElapsedMilliseconds);
    }
    catch (Exception e)
    {
        return ($"!{e}", one.ElapsedMilliseconds);
    }
    finally
    {
        Volatile.Write(ref started, long.MaxValue);
    }
}

// Not System.HashCode, whose numbers differ from run to run.
static int HashCode(long seed, long i) => unchecked((int)((ulong)((seed * 1_000_003) + i) * 0x9E3779B97F4A7C15 >> 33));

void Watch()
{
    while (true)
    {
        Thread.Sleep(10);
        long now = Environment.WorkingSet;
        if (now > Interlocked.Read(ref peak)) Interlocked.Exchange(ref peak, now);
        string? fault = now > Volatile.Read(ref limit) ? $"takes {now >> 20} MiB, more than the {Volatile.Read(ref limit) >> 20} allowed"
            : clock.ElapsedMilliseconds - Volatile.Read(ref started) > Hanging ? "hangs" : null;
        if (fault is null) continue;
        Fail($"case {Volatile.Read(ref current)} {fault}: --seed {seed} --case {Volatile.Read(ref current)}");
        Environment.Exit(1);
    }
}

int Fail(string message)
{
    Console.Error.WriteLine($"fuzz: {message}\nthe file is in {folder}");
    return 1;
}

string? Text(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

long Value(string name, long otherwise) => Text(name) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : otherwise;
