// Trains a small classifier and says how long a step takes. Run it, or publish it as one program of machine code:
//   dotnet publish -c Release -r linux-x64 examples/Native
using System.Diagnostics;

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
