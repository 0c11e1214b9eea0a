using Lamina.Learning.Generation;
using Lamina.Learning.Objectives;

// Learns to draw bars that lie and bars that stand, by flow matching, and draws new ones of each.
const int Count = 256, Side = 8;
var random = new Random(1);
int[] kinds = [.. Enumerable.Range(0, Count).Select(i => i % 2)], places = [.. kinds.Select(_ => random.Next(1, Side - 2))];
Tensor bars = Tensor.Create<float>([Count, Side, Side, 1], pixels =>
{
    for (int i = 0; i < pixels.Length; i++)
    {
        (int image, int across) = (i / (Side * Side), kinds[i / (Side * Side)] == 0 ? i / Side % Side : i % Side);
        pixels[i] = across == places[image] || across == places[image] + 1 ? 1 : -1;
    }
});

// docs/tasks/drawing.md: from here
var network = new UNet(new UNetOptions { Height = 8, Width = 8, Channels = 1, Classes = 2, Patch = 1, Widths = [16, 32] });
var data = new TensorDataset([bars, Tensor.From(kinds)], [], null); // images from −1 to 1, and the class of each
new Trainer(new FlowMatching(network), new AdamW(0.003), new TrainerOptions { Epochs = 25, Seed = 1, AverageDecay = 0.98 })
    .Fit(new DataLoader(data, BatchOptions.Training with { Size = 32 }));

Tensor drawn = new FlowSampler(network, steps: 20).Draw(2, new DrawOptions { Classes = [0, 1], Seed = 7 });
for (int y = 0; y < 8; y++)
{
    string Row(int image) => string.Concat(Enumerable.Range(0, 8).Select(x => drawn[image][y][x].Item() > 0 ? '#' : '.'));
    Console.WriteLine($"{Row(0)}  {Row(1)}");
}
// docs/tasks/drawing.md: to here
