using System.Runtime.Intrinsics;

namespace Lamina.Learning.Data;

/// <summary>Changes images of one size at random: draws, samples, then contrast, brightness and noise, then a box that is erased.</summary>
internal sealed unsafe class ImageAugmenter
{
    private readonly Augmentation _options;
    private readonly ImageSampler _sampler;
    private readonly int _height, _width, _channels, _size;

    public ImageAugmenter(Augmentation options, int height, int width, int channels)
    {
        options.Check();
        _options = options;
        _height = height;
        _width = width;
        _channels = channels;
        _size = height * width * channels;
        _sampler = new(height, width, channels, options.Border);
    }

    /// <summary>Floats for the sampler and the result, with slack for whole vectors.</summary>
    public int ScratchLength => _sampler.ScratchLength + _size + ImageSampler.Slack;

    /// <summary>The changed image, values 0 to 255, in scratch memory.</summary>
    public ReadOnlySpan<float> Change(ReadOnlySpan<byte> image, in ExampleDraws draws, float[] scratch)
    {
        ImageChange change = ImageChange.Draw(_options, _height, _width, draws);
        Span<float> result = scratch.AsSpan(_sampler.ScratchLength, _size);
        fixed (float* first = scratch)
        {
            _sampler.Lay(image, first);
            _sampler.Sample(first, change, first + _sampler.ScratchLength);
            // The slack behind the result lets tone work in whole vectors too.
            if (_options.ChangesTone) Tone(first + _sampler.ScratchLength, change, draws.Bits(3));
        }
        if (_options.Erase > 0) Erase(result, draws);
        return result;
    }

    // Area and proportion are drawn as in the paper, which draws again until the box fits; here a side that is too long is cut.
    private void Erase(Span<float> values, in ExampleDraws draws)
    {
        const double LeastArea = 0.02, MostArea = 0.33, Longest = 3.3;
        Vector128<float> form = draws.Uniform(4), place = draws.Uniform(5);
        if (form[0] >= _options.Erase) return;
        double area = (LeastArea + form[1] * (MostArea - LeastArea)) * _height * _width, proportion = Math.Pow(Longest, 2 * form[2] - 1);
        int rows = Math.Clamp((int)Math.Round(Math.Sqrt(area * proportion)), 1, _height);
        int columns = Math.Clamp((int)Math.Round(Math.Sqrt(area / proportion)), 1, _width);
        int top = (int)(place[0] * (_height - rows + 1)), left = (int)(place[1] * (_width - columns + 1));
        uint key = draws.Bits(6)[0];
        for (int row = top; row < top + rows; row++)
        {
            int first = (row * _width + left) * _channels;
            for (int i = first; i < first + columns * _channels; i++)
                values[i] = Hash(Vector128.CreateScalar((uint)i * 0x9E3779B9u ^ key))[0] & 255;
        }
    }

    /// <summary>
    /// v · gain + lift + noise, kept in 0 to 255. The noise is a sum of eight random bytes (Irwin and Hall, 1927), each
    /// element's by a hash of its place: whole numbers throughout, so every machine draws the same.
    /// </summary>
    private void Tone(float* values, in ImageChange change, Vector128<uint> key)
    {
        const double sumDeviation = 209.0215; // √(8 · (256² − 1) / 12)
        var gain = Vector128.Create(change.Gain);
        var lift = Vector128.Create(change.Lift);
        var noise = Vector128.Create((float)(_options.Noise * 255 / sumDeviation));
        Vector128<uint> keyA = Vector128.Create(key[0]), keyB = Vector128.Create(key[1]);
        for (int i = 0; i < _size; i += 4)
        {
            Vector128<float> value = Vector128.Load(values + i) * gain + lift;
            if (_options.Noise > 0)
            {
                Vector128<uint> place = (Vector128.Create((uint)i) + Vector128.Create(0u, 1, 2, 3)) * 0x9E3779B9u;
                Vector128<uint> sum = BytePairs(Hash(place ^ keyA)) + BytePairs(Hash(place ^ keyB));
                Vector128<int> centred = ((sum & Vector128.Create(0xFFFFu)) + (sum >>> 16)).AsInt32() - Vector128.Create(1020);
                value += Vector128.ConvertToSingle(centred) * noise;
            }
            Vector128.Min(Vector128.Max(value, Vector128<float>.Zero), Vector128.Create(255f)).Store(values + i);
        }
    }

    /// <summary>Four bytes as two sums of 16 bits.</summary>
    private static Vector128<uint> BytePairs(Vector128<uint> x) => (x & Vector128.Create(0x00FF00FFu)) + ((x >>> 8) & Vector128.Create(0x00FF00FFu));

    /// <summary>The finisher of MurmurHash3 (Appleby, 2011): every bit in changes half of the bits out.</summary>
    private static Vector128<uint> Hash(Vector128<uint> x)
    {
        x = (x ^ (x >>> 16)) * 0x85EBCA6Bu;
        x = (x ^ (x >>> 13)) * 0xC2B2AE35u;
        return x ^ (x >>> 16);
    }
}
