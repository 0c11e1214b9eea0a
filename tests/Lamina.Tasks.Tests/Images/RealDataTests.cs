using Lamina.Tasks.Images;

namespace Lamina.Tasks.Tests.Images;

public sealed class RealDataTests
{
    [Fact]
    public void Reads_mnist()
    {
        LabeledImages data = ImageSource.Open(RealData.Require("images/mnist"), cancel: TestContext.Current.CancellationToken);

        Assert.Equal((60_000, 28, 28, 1), (data.Train.Count, data.Train.Height, data.Train.Width, data.Train.Channels));
        Assert.Equal(10_000, data.Test!.Count);
        Assert.Equal([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949], data.Train.Labels.CountBy(l => l).OrderBy(c => c.Key).Select(c => c.Value));
        Assert.Equal(33.318, data.Train.Pixels.Average(p => (double)p), 0.001); // 0.1307 of 255, as is well known
        Assert.InRange(AccuracyOfNearestMean(data.Train, data.Test), 0.80, 0.84); // images and labels belong together
    }

    [Fact]
    public void Reads_cifar_10_from_its_zip()
    {
        LabeledImages data = ImageSource.Open(RealData.Require("images/cifar10.zip"), cancel: TestContext.Current.CancellationToken);

        Assert.Equal((50_000, 32, 32, 3), (data.Train.Count, data.Train.Height, data.Train.Width, data.Train.Channels));
        Assert.Equal(10_000, data.Test!.Count);
        Assert.Equal(["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"], data.Train.Classes);
        Assert.All(data.Train.Labels.CountBy(l => l), c => Assert.Equal(5000, c.Value));
        Assert.Empty(data.Notes);

        // The means of the three channels, as is well known: 0.4914, 0.4822, 0.4465.
        var sums = new long[3];
        for (int i = 0; i < data.Train.Pixels.Length; i++)
        {
            sums[i % 3] += data.Train.Pixels[i];
        }

        double[] means = [.. sums.Select(s => s / 255.0 / (50_000 * 32 * 32))];
        Assert.Equal(0.4914, means[0], 0.002);
        Assert.Equal(0.4822, means[1], 0.002);
        Assert.Equal(0.4465, means[2], 0.002);
    }

    /// <summary>The share of test images whose nearest class mean is that of their own class.</summary>
    private static double AccuracyOfNearestMean(ImageSet train, ImageSet test)
    {
        var means = new float[train.Classes.Count][];
        for (int label = 0; label < means.Length; label++)
        {
            var mean = new float[train.Height * train.Width];
            int[] members = [.. Enumerable.Range(0, train.Count).Where(i => train.Labels[i] == label)];
            foreach (int member in members)
            {
                ReadOnlySpan<byte> image = train.Image(member);
                for (int p = 0; p < mean.Length; p++)
                {
                    mean[p] += image[p] / (float)members.Length;
                }
            }

            means[label] = mean;
        }

        int right = 0;
        for (int i = 0; i < test.Count; i++)
        {
            ReadOnlySpan<byte> image = test.Image(i);
            var distances = new float[means.Length];
            for (int label = 0; label < means.Length; label++)
            {
                for (int p = 0; p < image.Length; p++)
                {
                    float difference = image[p] - means[label][p];
                    distances[label] += difference * difference;
                }
            }

            right += Array.IndexOf(distances, distances.Min()) == test.Labels[i] ? 1 : 0;
        }

        return (double)right / test.Count;
    }
}
