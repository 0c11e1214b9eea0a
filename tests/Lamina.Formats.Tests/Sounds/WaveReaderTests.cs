using Lamina.Formats.Sounds;

namespace Lamina.Formats.Tests.Sounds;

/// <summary>WAV files of all encodings, as other programs write them, damaged ones, and what isn't one.</summary>
public sealed class WaveReaderTests
{
    private static WaveReader Open(byte[] bytes) => new(new MemoryStream(bytes), "x.wav");

    private static float[] Read(byte[] bytes)
    {
        using WaveReader reader = Open(bytes);
        return reader.ReadToEnd().Samples.ToArray();
    }

    private static byte[] Wave(byte[] data, int tag = 1, int channels = 1, int bits = 16) =>
        new WaveBytes().Format(tag, channels, 8_000, bits).Chunk("data", data).ToArray();

    private static string Message(byte[] bytes) => Assert.Throws<FileFormatException>(() => Read(bytes)).Message;

    [Fact]
    public void Whole_numbers_of_every_size()
    {
        Assert.Equal([-1f, 0, 127 / 128f], Read(Wave([0, 128, 255], bits: 8)));
        Assert.Equal([-1f, 0, 32_767 / 32_768f], Read(Wave(WaveBytes.Shorts(-32_768, 0, 32_767))));
        Assert.Equal([-1f, 0.5f], Read(Wave([0, 0, 0x80, 0, 0, 0x40], bits: 24)));
        Assert.Equal([-1f, 0.5f], Read(Wave([0, 0, 0, 0x80, 0, 0, 0, 0x40], bits: 32)));
    }

    [Fact]
    public void Floats_of_both_sizes()
    {
        Assert.Equal([0.25f, -1], Read(Wave([.. BitConverter.GetBytes(0.25f), .. BitConverter.GetBytes(-1f)], 3, 1, 32)));
        Assert.Equal([0.25f, -1], Read(Wave([.. BitConverter.GetBytes(0.25), .. BitConverter.GetBytes(-1.0)], 3, 1, 64)));
    }

    // ITU-T G.711, tables 1a to 2b, as values of 16 bits.
    [Fact]
    public void A_law_and_mu_law()
    {
        Assert.Equal([8, -8, 32_256, -32_256], Read(Wave([0xD5, 0x55, 0xAA, 0x2A], 6, 1, 8)).Select(x => x * 32_768));
        Assert.Equal([0, 0, -32_124, 32_124], Read(Wave([0xFF, 0x7F, 0x00, 0x80], 7, 1, 8)).Select(x => x * 32_768));
    }

    [Fact]
    public void Channels_are_averaged() =>
        Assert.Equal([0.25f, -0.5f], Read(Wave(WaveBytes.Shorts(0, 16_384, -16_384, -16_384), channels: 2)));

    [Fact]
    public void The_extensible_format_says_in_its_guid_what_it_is()
    {
        Assert.Equal([0.5f], Read(new WaveBytes().Format(0xFFFE, 1, 8_000, 16, extensible: 1).Chunk("data", WaveBytes.Shorts(16_384)).ToArray()));
        Assert.Equal([0.5f], Read(new WaveBytes().Format(0xFFFE, 1, 8_000, 32, extensible: 3).Chunk("data", BitConverter.GetBytes(0.5f)).ToArray()));
    }

    [Fact]
    public void Twelve_bits_stand_in_sixteen() =>
        Assert.Equal([0.5f], Read(new WaveBytes().Format(1, 1, 8_000, 12, block: 2).Chunk("data", WaveBytes.Shorts(16_384)).ToArray()));

    [Theory, InlineData(true), InlineData(false)]
    public void Other_chunks_are_passed_over_with_and_without_padding(bool isPadded)
    {
        byte[] file = new WaveBytes().Chunk("LIST", [1, 2, 3], isPadded: isPadded).Format(1, 1, 8_000, 16).Chunk("fact", [1, 0, 0, 0])
            .Chunk("data", WaveBytes.Shorts(16_384)).Chunk("id3 ", [9, 9]).ToArray();
        Assert.Equal([0.5f], Read(file));
    }

    [Theory, InlineData(0xFFFF_FFFFu), InlineData(0u), InlineData(0x7FFF_FFFFu)]
    public void A_writer_to_a_pipe_leaves_the_length_open(uint size)
    {
        using WaveReader reader = Open(new WaveBytes(size: size).Format(1, 1, 8_000, 16).Chunk("data", WaveBytes.Shorts(16_384, 8_192, 1, 2),
            size).ToArray());
        Assert.Null(reader.Count);
        Assert.Equal([0.5f, 0.25f], reader.ReadToEnd().Samples.ToArray()[..2]);
        Assert.False(reader.IsCutShort);
    }

    [Fact]
    public void A_length_of_zero_before_another_chunk_or_the_end_is_meant()
    {
        Assert.Empty(Read(new WaveBytes().Format(1, 1, 8_000, 16).Chunk("data", []).ToArray()));
        Assert.Empty(Read(new WaveBytes().Format(1, 1, 8_000, 16).Chunk("data", []).Chunk("LIST", [1, 2, 3, 4]).ToArray()));
    }

    [Fact]
    public void A_large_file_has_its_length_in_a_chunk_of_its_own()
    {
        byte[] sizes = [.. BitConverter.GetBytes(0L), .. BitConverter.GetBytes(4L), .. BitConverter.GetBytes(2L), .. BitConverter.GetBytes(0)];
        using WaveReader reader = Open(new WaveBytes("RF64", 0xFFFF_FFFF).Chunk("ds64", sizes).Format(1, 1, 8_000, 16).Chunk("data",
            WaveBytes.Shorts(16_384, 0, 7, 7), 0xFFFF_FFFF).ToArray());
        Assert.Equal(2, reader.Count);
        Assert.Equal([0.5f, 0], reader.ReadToEnd().Samples.ToArray());
    }

    [Fact]
    public void A_file_that_is_cut_short_gives_what_is_there()
    {
        byte[] file = new WaveBytes().Format(1, 2, 8_000, 16).Chunk("data", WaveBytes.Shorts(16_384, 16_384, 8_192, 8_192), 4_000).ToArray();
        using WaveReader reader = Open(file[..^1]); // in the middle of a sample
        Assert.Equal([0.5f], reader.ReadToEnd().Samples.ToArray());
        Assert.True(reader.IsCutShort);
    }

    [Fact]
    public void No_memory_is_taken_for_what_a_header_claims()
    {
        byte[] file = new WaveBytes().Format(1, 1, 8_000, 16).Chunk("data", WaveBytes.Shorts(1, 2, 3), 0x7000_0000).ToArray();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(3, Read(file).Length);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void At_most_as_many_samples_are_read_as_asked_for()
    {
        using WaveReader reader = Open(Wave(new byte[200_000]));
        Assert.Equal(70_000, reader.ReadToEnd(70_000).Samples.Length);
        Assert.Equal(30_000, reader.ReadToEnd().Samples.Length);
        Assert.Equal(0, reader.Read(new float[5]));
    }

    [Fact]
    public void Samples_that_are_no_finite_number_count_as_zero()
    {
        using WaveReader reader = Open(Wave([.. BitConverter.GetBytes(float.NaN), .. BitConverter.GetBytes(float.PositiveInfinity),
            .. BitConverter.GetBytes(0.5f)], 3, 1, 32));
        Assert.Equal([0, 0, 0.5f], reader.ReadToEnd().Samples.ToArray());
        Assert.Equal(2, reader.NotFinite);
    }

    [Theory]
    [InlineData(2, "Microsoft ADPCM"), InlineData(0x11, "IMA ADPCM"), InlineData(0x55, "MP3"), InlineData(0x161, "Windows Media Audio"),
        InlineData(0x1234, "0x1234")]
    public void A_codec_that_is_not_read_is_named(int tag, string name)
    {
        string message = Message(new WaveBytes().Format(tag, 1, 8_000, 4).Chunk("data", [1, 2]).ToArray());
        Assert.Contains(name, message);
        Assert.Contains("ffmpeg", message);
    }

    [Theory]
    [InlineData("ID3\u0003aaaaaaaaaa", "MP3"), InlineData("fLaC aaaaaaaaaa", "FLAC"), InlineData("OggS aaaaaaaaaa", "Ogg"),
        InlineData("FORMaaaaAIFFaa", "AIFF")]
    [InlineData("aaaaftypM4A aaaa", "M4A"), InlineData("RIFX    WAVEfmt ", "RIFX"), InlineData("RIFF    AVI LIST", "another kind"),
        InlineData("", "an empty file"), InlineData("hello world, no sound", "hell")]
    public void Other_files_are_named(string beginning, string name) =>
        Assert.Contains(name, Message(System.Text.Encoding.Latin1.GetBytes(beginning)));

    [Fact]
    public void Nonsense_in_the_format_is_refused()
    {
        foreach ((int channels, int rate, int bits) in ((int, int, int)[])[(0, 8_000, 16), (1, 0, 16), (1, 8_000, 40), (2_000, 8_000, 16)])
            Assert.Contains("expected", Message(new WaveBytes().Format(1, channels, rate, bits).Chunk("data", [1, 2]).ToArray()));
        Assert.Contains("format chunk", Message(new WaveBytes().Chunk("data", [1, 2]).ToArray()));
        Assert.Contains("end of the file", Message(new WaveBytes().Format(1, 1, 8_000, 16).ToArray()));
    }

    [Fact]
    public void Damaged_files_give_samples_or_are_refused()
    {
        byte[] whole = new WaveBytes().Chunk("LIST", [1, 2, 3]).Format(1, 2, 8_000, 24).Chunk("data",
            [.. Enumerable.Range(0, 600).Select(i => (byte)i)]).ToArray();
        var random = new Random(1);
        for (int i = 0; i < 3_000; i++)
        {
            byte[] file = whole[..random.Next(whole.Length + 1)];
            for (int k = random.Next(4); k > 0 && file.Length > 0; k--) file[random.Next(Math.Min(file.Length, 60))] = (byte)random.Next(256);
            try
            {
                Assert.All(Read(file), x => Assert.True(float.IsFinite(x)));
            }
            catch (FileFormatException)
            {
                // said what is wrong
            }
        }
    }

    [Fact]
    public void What_is_written_is_read()
    {
        using TestFolder folder = new();
        WaveFile.Write(folder["a.wav"], new(new float[] { 0.5f, -1, 2, 0.25f }, 11_025));
        Waveform sound = WaveFile.Read(folder["a.wav"]);
        Assert.Equal(11_025, sound.Rate);
        Assert.Equal([0.5f, -1, 32_767 / 32_768f, 0.25f], sound.Samples.ToArray());
        Assert.Contains("no file", Assert.Throws<FileFormatException>(() => WaveFile.Read(folder["b.wav"])).Message);
    }
}
