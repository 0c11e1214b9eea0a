using System.Diagnostics;
using Lamina.Bench.Peer;
using Lamina.Bench.Protocol;
using Lamina.Recorder;
using TorchSharp;

// The other side of the benchmark: TorchSharp over libtorch. It reads a request a line and answers each with a line;
// Lamina.Bench starts it and ends it by closing its input.
NativeLibraryPatch.Apply(Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so"));
if (args is not [string threads, ..] || !int.TryParse(threads, out int count) || count < 1)
{
    Console.Error.WriteLine("usage: Lamina.Bench.Peer THREADS [start]    (Lamina.Bench --peers runs this)");
    return 2;
}
torch.set_num_threads(count);
if (args is [_, "start"])
{
    Start.Run();
    return 0;
}

// Whatever a library prints must not come between the answers.
TextWriter answers = Console.Out;
Console.SetOut(Console.Error);
var session = new Session();
while (Console.In.ReadLine() is { } line)
{
    Reply reply;
    try
    {
        reply = session.Answer(Line.Read<Request>(line));
    }
    catch (Exception e)
    {
        reply = new Reply { Error = e.ToString() };
    }
    answers.WriteLine(Line.Of(reply));
    answers.Flush();
}
return 0;
