using System.Text;
using Lamina.Tensors;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Formats.Tests;

public class SafeTensorsTests
{
    private static readonly DType[] s_types = Enum.GetValues<DType>();
    private static readonly Shape[] s_shapes = [Shape.Scalar, [1], [5], [0], [3, 0, 2], [2, 3], [2, 1, 2, 1, 3, 1, 2, 1]];

    private static KeyValuePair<string, Tensor> Named(string name, Tensor tensor) => new(name, tensor);

    private static byte[] Written(IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        MemoryStream stream = new();
        SafeTensors.Write(stream, tensors, metadata);
        return stream.ToArray();
    }

    private static Tensor Some(DType type, Shape shape) =>
        Tensor.FromDoubles(Enumerable.Range(0, shape.Count).Select(i => type == DType.Bool ? i % 2 : (double)(i * 3 % 7)).ToArray(), new Spec(type, shape));

    [Fact]
    public void Every_type_and_shape_comes_back()
    {
        Dictionary<string, Tensor> tensors = [];
        foreach (DType type in s_types)
            foreach (Shape shape in s_shapes) tensors.Add($"{type} {shape}", Some(type, shape));
        byte[] file = Written(tensors);
        foreach (SafeTensorsFile read in new[] { Raw.Read(file), Raw.ReadPiped(file) })
        {
            Assert.Equal(tensors.Count, read.Tensors.Count);
            foreach ((string name, Tensor tensor) in tensors)
            {
                Assert.Equal(tensor.Spec, read.Tensors[name].Spec);
                Assert.Equal(tensor.ReadBytes(), read.Tensors[name].ReadBytes());
            }
            Assert.Equal(file, Written(read.Tensors.Reverse()));
        }
    }

    [Fact]
    public void A_file_larger_than_a_piece_comes_back_from_a_file_and_from_a_pipe()
    {
        Tensor big = Tensor.Create<float>([700_001], span => { for (int i = 0; i < span.Length; i++) span[i] = i; });
        using TestFolder folder = new();
        SafeTensors.Write(folder[Raw.Name], [Named("big", big), Named("half", big.Cast(DType.BFloat16))]);
        Assert.Equal([Raw.Name], folder.Names);
        foreach (SafeTensorsFile read in new[] { SafeTensors.Read(folder[Raw.Name]), Raw.ReadPiped(File.ReadAllBytes(folder[Raw.Name])) })
        {
            Assert.Equal(big.ReadBytes(), read.Tensors["big"].ReadBytes());
            Assert.Equal(big.Cast(DType.BFloat16).ReadBytes(), read.Tensors["half"].ReadBytes());
        }
    }

    [Fact]
    public void Views_are_written_rows_first()
    {
        Tensor x = Some(DType.Float32, [3, 4]);
        Dictionary<string, Tensor> views = new() { ["transposed"] = x.T, ["sliced"] = x[1..3, 1..2], ["broadcast"] = x[..1, ..].BroadcastTo([5, 4]) };
        SafeTensorsFile read = Raw.Read(Written(views));
        foreach ((string name, Tensor view) in views)
        {
            Assert.Equal(view.Shape, read.Tensors[name].Shape);
            Assert.Equal(view.ToArray<float>(), read.Tensors[name].ToArray<float>());
        }
    }

    [Fact]
    public void The_bytes_are_those_of_the_reference_implementation()
    {
        byte[] file = Written([Named("b", Tensor.From<byte>(7, 8)), Named("ß", Tensor.From(1f)), Named("a", Tensor.Of(-2L))], new Dictionary<string, string> { ["format"] = "pt" });
        const string Header = """{"__metadata__":{"format":"pt"},"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"ß":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"b":{"dtype":"U8","shape":[2],"data_offsets":[12,14]}}""";
        byte[] header = Encoding.UTF8.GetBytes(Header);
        Assert.Equal(193, header.Length);
        Assert.Equal([200, 0, 0, 0, 0, 0, 0, 0, .. header, .. "       "u8, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0x80, 0x3f, 7, 8], file);
    }

    [Fact]
    public void A_file_written_by_others_is_read_and_written_to_the_same_bytes()
    {
        string path = RealData.Require("models/mnist-cnn.safetensors");
        SafeTensorsFile read = SafeTensors.Read(path);
        Assert.Equal("norm1.num_batches_tracked", read.Tensors.Keys.First());
        Assert.Equal("float32 (32, 11616)", read.Tensors["fc1.weight"].Spec.ToString());
        Assert.All(read.Tensors["fc1.weight"].ToArray<float>(), value => Assert.InRange(value, -10, 10));
        Assert.Equal(File.ReadAllBytes(path), Written(read.Tensors, read.Metadata));
    }

    [Fact]
    public void Metadata_comes_back_and_does_not_depend_on_a_dictionarys_order()
    {
        Dictionary<string, string> metadata = new() { ["zeta"] = "\"quoted\"\n\t\\", ["alpha"] = "grüße 🙂", [""] = "" };
        byte[] file = Written([], metadata);
        Assert.Equal(["", "alpha", "zeta"], Raw.Read(file).Metadata.Keys);
        Assert.Equal(metadata.OrderBy(p => p.Key), Raw.Read(file).Metadata.OrderBy(p => p.Key));
        Assert.Equal(file, Written([], metadata.Reverse().ToDictionary()));
    }

    [Fact]
    public void No_tensors_at_all_is_a_file()
    {
        byte[] file = Written([]);
        Assert.Equal(Raw.File("{}      "), file);
        Assert.Empty(Raw.Read(file).Tensors);
    }

    [Fact]
    public void Tensors_are_listed_in_the_order_of_their_values()
    {
        SafeTensorsFile read = Raw.Read(Raw.File("""{"late":{"data_offsets":[1,2],"dtype":"U8","shape":[1]},"empty":{"shape":[0],"dtype":"F64","data_offsets":[1,1]},"early":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}""", 4, 5));
        Assert.Equal(["early", "empty", "late"], read.Tensors.Keys);
        Assert.Equal(5, read.Tensors["late"].Element(0));
    }

    [Fact]
    public void A_stream_is_read_from_where_it_stands_and_left_open()
    {
        MemoryStream stream = new([1, 2, 3, .. Written([Named("a", Tensor.From(1f, 2f))])]) { Position = 3 };
        Assert.Equal([1f, 2f], SafeTensors.Read(stream).Tensors["a"].ToArray<float>());
        Assert.True(stream.CanRead);
    }

    [Fact]
    public void Names_that_cannot_stand_in_a_file_are_refused_before_anything_is_written()
    {
        Tensor x = Tensor.Of(1f);
        using TestFolder folder = new();
        string path = folder[Raw.Name];
        Assert.Contains("two tensors are named \"a\"", Assert.Throws<ArgumentException>(() => SafeTensors.Write(path, [Named("a", x), Named("a", x)])).Message);
        Assert.Contains("__metadata__", Assert.Throws<ArgumentException>(() => SafeTensors.Write(path, [Named("__metadata__", x)])).Message);
        Assert.Contains("surrogate", Assert.Throws<ArgumentException>(() => SafeTensors.Write(path, [Named("\ud800", x)])).Message);
        Assert.Empty(folder.Names);
    }

    [Fact]
    public void Values_are_turned_round_for_the_other_byte_order()
    {
        byte[] Reversed(int size)
        {
            byte[] bytes = [1, 2, 3, 4, 5, 6, 7, 8];
            ByteOrder.Reverse(bytes, size);
            return bytes;
        }
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], Reversed(1));
        Assert.Equal([2, 1, 4, 3, 6, 5, 8, 7], Reversed(2));
        Assert.Equal([4, 3, 2, 1, 8, 7, 6, 5], Reversed(4));
        Assert.Equal([8, 7, 6, 5, 4, 3, 2, 1], Reversed(8));
    }
}
