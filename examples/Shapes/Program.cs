// Which shapes an image shows, any number of them: image files and a table of labels, drawn here.
string folder = Path.Combine(Path.GetTempPath(), $"lamina-shapes-{Guid.NewGuid():N}");
Directory.CreateDirectory(folder);
var random = new Random(3);
var rows = new List<string> { "file,shapes" };
for (int i = 0; i < 400; i++)
{
    string[] shapes = [.. new[] { "bar", "square" }.Where(_ => random.Next(2) == 1)];
    File.WriteAllBytes(Path.Combine(folder, $"{i}.pgm"), Draw(shapes, random));
    rows.Add($"{i}.pgm,{string.Join('|', shapes)}");
}
File.WriteAllLines(Path.Combine(folder, "shapes.csv"), rows);
File.WriteAllBytes(Path.Combine(folder, "new.pgm"), Draw(["square"], random));

// docs/tasks/images.md: from here
var options = new ImageOptions { Data = Path.Combine(folder, "shapes.csv"), Target = ["shapes"], Epochs = 10, Run = Path.Combine(folder, "run") };
TaskResult result = ImageClassification.Train(options, e =>
{
    if (e is Warned warning) Console.WriteLine(warning.Message);
});
Console.WriteLine($"F1 {result.Test!["f1"]:F2}, all right in {result.Test["exactMatch"]:P0} of the images");

ImageFilePredictor predictor = ImageFilePredictor.Load(result.Model!);
foreach (Prediction one in predictor.Predict([Path.Combine(folder, "new.pgm")]).Items)
    Console.WriteLine($"{Path.GetFileName(one.Source)}: {string.Join(", ", one.Labels!)}");
// docs/tasks/images.md: to here
Directory.Delete(folder, recursive: true);

// A grey image of 16×16 pixels with some noise, in the simplest of formats: a header in text, then the pixels.
static byte[] Draw(string[] shapes, Random random)
{
    const int Side = 16;
    var pixels = new byte[Side * Side];
    foreach (ref byte pixel in pixels.AsSpan()) pixel = (byte)random.Next(70);
    foreach (string shape in shapes)
    {
        (int height, int width) = shape == "bar" ? (2, 11) : (5, 5);
        int top = random.Next(Side - height), left = random.Next(Side - width);
        for (int y = top; y < top + height; y++) pixels.AsSpan(y * Side + left, width).Fill(200);
    }
    return [.. "P5 16 16 255\n"u8, .. pixels];
}
