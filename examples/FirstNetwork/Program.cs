// A first network: it learns whether a point lies inside a circle.
var random = new RandomStream(seed: 1, stream: 0);
float[,] points = new float[1000, 2];
int[] inside = new int[1000];
for (int i = 0; i < 1000; i++)
{
    (float x, float y) = (points[i, 0] = random.NextSingle() * 2 - 1, points[i, 1] = random.NextSingle() * 2 - 1);
    inside[i] = x * x + y * y < 0.6f ? 1 : 0;
}
var data = new DataLoader(new TensorDataset(Tensor.From(points), Tensor.From(inside)), BatchOptions.Training with { Size = 50 });

// README: from here
var network = new Sequential(new Linear(2, 32), new Relu(), new Linear(32, 32), new Relu(), new Linear(32, 2));
var trainer = new Trainer(network, new CrossEntropy(), new Adam(0.01), new TrainerOptions { Epochs = 30 }, [new Accuracy()]);

trainer.Fit(data, events: e =>
{
    if (e is EpochDone { Epoch: var epoch, Training: var scores } && epoch % 10 == 0)
        Console.WriteLine($"epoch {epoch,2}: loss {scores.Loss:F3}, accuracy {scores["accuracy"]:P1}");
});

Tensor corner = network.Forward(Tensor.From(new float[,] { { 0.9f, 0.9f } })).Softmax();
Tensor centre = network.Forward(Tensor.From(new float[,] { { 0.1f, 0.0f } })).Softmax();
Console.WriteLine($"inside the circle: the corner {corner[0][1].Item():P0}, the centre {centre[0][1].Item():P0}");
// README: to here
