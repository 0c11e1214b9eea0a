// Trains a small classifier and says how long a step takes. Run it, or publish it as one program of machine code:
//   dotnet publish -c Release -r linux-x64 examples/Native
using System.Diagnostics;

// What a saved model says, without the code that built it: Native load native.safetensors
if (args is ["load", string file])
{
    Predictor predictor = Predictor.Load(file);
    Tensor zeros = Tensor.Zeros([1, 784]);
    ClassScore best = predictor.Classify(zeros)[0][0];
    Console.WriteLine($"{predictor.Network} of task {predictor.Info.Task}: {best.Name} with {best.Probability:F4}");
    return;
}

int steps = args is [string text, ..] && int.TryParse(text, out int given) && given > 0 ? given : 200;

// Random images of 28×28 with random labels: the network learns them by heart.
var random = new RandomStream(seed: 1);
Tensor inputs = Tensor.Create<float>([128, 784], values => { foreach (ref float value in values) value = 2 * random.NextSingle() - 1; });
Tensor targets = Tensor.Create<int>([128], values => { foreach (ref int value in values) value = (int)(random.NextUInt32() % 10); });

var network = new Mlp(10, 512, 256);
Console.WriteLine($"{network}: {Summary.Of(network, new Spec(DType.Float32, [784])).Parameters:N0} parameters");
var step = new TrainStep(network, new CrossEntropy(), new Adam());
var batch = new Batch(inputs, targets);
Console.WriteLine($"first step: loss {step.Run(batch, 0, 0.001).Loss.Item():F4}");

var times = new double[steps];
for (int i = 0; i < steps; i++)
{
    long began = Stopwatch.GetTimestamp();
    step.Run(batch, i + 1, 0.001);
    times[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
}
Console.WriteLine($"step {steps}: loss {step.Run(batch, steps + 1, 0.001).Loss.Item():F4}, {times.Order().ElementAt(steps / 2):F3} ms a step");

// Native 200 native.safetensors saves it.
if (args is [_, string path])
{
    Model.Save(path, network, ModelInfo.Of(output: new ClassLabels([.. Enumerable.Range(0, 10).Select(i => $"class {i}")]), task: "by heart"));
    Console.WriteLine($"saved; of zeros it says {Predictor.Load(path).Classify(Tensor.Zeros([1, 784]))[0][0].Probability:F4}");
}
