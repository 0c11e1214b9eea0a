using Lamina.Recorder;
using Lamina.Recorder.Ops;
using TorchSharp;

if (args is not [string folder])
{
    Console.Error.WriteLine("usage: Lamina.Recorder FOLDER    (see tools/record.sh)");
    return 1;
}

NativeLibraryPatch.Apply(Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so"));
torch.set_num_threads(1);

var recorder = new Recorder(folder);
UnaryOps.Record(recorder);
BinaryOps.Record(recorder);
Reductions.Record(recorder);
MatrixProduct.Record(recorder);
Shaping.Record(recorder);
Indexing.Record(recorder);
Convolutions.Record(recorder);
Pooling.Record(recorder);
Normalization.Record(recorder);
Attention.Record(recorder);
Recurrent.Record(recorder);
Losses.Record(recorder);
Layers.Record(recorder);
Blocks.Record(recorder);
Optimizers.Record(recorder);
Schedules.Record(recorder);
Console.WriteLine($"{recorder.Save()} files from {RecordedFile.LibtorchVersion} in {folder}");
return 0;
