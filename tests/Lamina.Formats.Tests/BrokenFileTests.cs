using CsCheck;
using Lamina.Tensors;

namespace Lamina.Formats.Tests;

public class BrokenFileTests
{
    private const string Entry = """{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""";
    private static readonly byte[] s_eight = new byte[8];

    private static byte[] Small()
    {
        MemoryStream stream = new();
        SafeTensors.Write(stream, new Dictionary<string, Tensor>
        {
            ["w"] = Tensor.From([1f, 2f, 3f, 4f], [2, 2]), ["n"] = Tensor.Of(5L), ["mask"] = Tensor.From(true, false, true), ["none"] = Tensor.From(Array.Empty<byte>(), [0]),
        }, new Dictionary<string, string> { ["made by"] = "a test" });
        return stream.ToArray();
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        byte[] file = Small();
        for (int length = 0; length < file.Length; length++)
        {
            FileFormatException e = Raw.Fails(file[..length]);
            Assert.Contains("cut short", e.WayOut);
            Assert.Contains("earlier checkpoint", e.Message);
        }
    }

    [Fact]
    public void A_file_on_disk_is_named_in_the_message()
    {
        using TestFolder folder = new();
        string path = folder[Raw.Name];
        File.WriteAllBytes(path, Small()[..^1]);
        FileFormatException e = Assert.Throws<FileFormatException>(() => SafeTensors.Read(path));
        Assert.StartsWith($"{path}: entry \"mask\": expected 27 bytes of values after the header, found 26\n  try copying or downloading it again, or an earlier checkpoint: the file is cut short", e.Message);
        Assert.Equal(path, e.File);
    }

    [Fact]
    public void Missing_and_unreadable_files_say_so()
    {
        using TestFolder folder = new();
        string Message(string path) => Assert.Throws<FileFormatException>(() => SafeTensors.Read(path)).Message;
        Assert.Equal($"{folder["no"]}: opening it: expected a readable file, found no file of that name\n  try checking the path", Message(folder["no"]));
        Assert.Contains("no such folder", Message(Path.Combine(folder["no"], "file")));
        Assert.Contains("a folder", Message(folder.Path));
        if (!OperatingSystem.IsWindows() && !Environment.IsPrivilegedProcess)
        {
            File.WriteAllBytes(folder["secret"], Small());
            File.SetUnixFileMode(folder["secret"], UnixFileMode.None);
            Assert.Contains("may not read", Message(folder["secret"]));
        }
    }

    [Theory]
    [InlineData(0, "2 or more")]
    [InlineData(1, "2 or more")]
    [InlineData(11, "within the 18 bytes")]
    [InlineData(100_000_000, "within the 18 bytes")]
    [InlineData(100_000_001, "at most 100000000")]
    [InlineData(ulong.MaxValue, "at most 100000000")]
    [InlineData(1UL << 63, "at most 100000000")]
    public void Header_lengths_are_checked_before_memory_is_taken(ulong length, string expected) =>
        Assert.Contains(expected, Raw.Fails(Raw.WithLength(length, [.. "{}        "u8])).Expected);

    [Fact]
    public void Files_of_other_kinds_are_recognised()
    {
        Assert.Contains("PyTorch", Raw.Fails([.. "PK\u0003\u0004"u8, 0, 0, 8, 8, 1, 2, 3]).Found);
        Assert.Contains("Git LFS", Raw.Fails([.. "version https://git-lfs.github.com/spec/v1"u8]).Found);
        Assert.Contains("web page", Raw.Fails([.. "<!DOCTYPE html>"u8]).Found);
        Assert.Contains("GGUF", Raw.Fails([.. "GGUF\u0003\0\0\0\u0001"u8]).Found);
        Assert.Contains("HDF5", Raw.Fails([0x89, .. "HDF\r\n\u001a\n"u8]).Found);
        Assert.Contains("pickle", Raw.Fails([0x80, 2, 0x8a, 10, 1, 2, 3, 4, 5]).Found);
    }

    [Theory]
    [InlineData("[]", "the { that starts")]
    [InlineData(" {}", "the { that starts")]
    [InlineData("{}{}", "valid JSON")]
    [InlineData("{}\0", "valid JSON")]
    [InlineData("{ ", "valid JSON")]
    [InlineData("{]", "valid JSON")]
    [InlineData("{'a':1}", "valid JSON")]
    [InlineData("{} // comment", "valid JSON")]
    [InlineData("{\"a\":1}", "an object with dtype")]
    [InlineData("{\"a\":[[[[{}]]]]}", "an object with dtype")]
    [InlineData("{\"a\":{\"dtype\":{\"dtype\":{}}}}", "the name of a dtype")]
    [InlineData("{\"a\":{}}", "dtype, shape and data_offsets")]
    [InlineData("{\"\\ud800\":{}}", "text")]
    [InlineData("{\"__metadata__\":[]}", "an object of texts")]
    [InlineData("{\"__metadata__\":null}", "an object of texts")]
    [InlineData("{\"__metadata__\":{\"a\":1}}", "a text for the key \"a\"")]
    [InlineData("{\"__metadata__\":{\"a\":\"\",\"\\u0061\":\"\"}}", "each key once")]
    [InlineData("{\"__metadata__\":{},\"__metadata__\":{}}", "a name of its own")]
    public void Headers_are_JSON_of_one_form(string header, string expected) => Assert.Contains(expected, Raw.Fails(header).Expected);

    [Theory]
    [InlineData("\"F32\"", "\"F33\"", "one of the dtypes I64", "\"F33\"")]
    [InlineData("\"F32\"", "\"f32\"", "one of the dtypes I64", "\"f32\"")]
    [InlineData("\"F32\"", "32", "the name of a dtype", "32")]
    [InlineData("\"F32\"", "\"F8_E4M3\"", "one of the dtypes I64", "F8_E4M3, which is not supported")]
    [InlineData("\"F32\"", "\"U16\"", "one of the dtypes I64", "U16, which is not supported")]
    [InlineData("\"F32\"", "\"F64\"", "16 bytes apart, for F64 (2)", "[0, 8], 8 bytes")]
    [InlineData("[2]", "[3]", "12 bytes apart", "[0, 8], 8 bytes")]
    [InlineData("[2]", "[-2]", "shape of integers", "-2")]
    [InlineData("[2]", "[-0]", "shape of integers", "-0")]
    [InlineData("[2]", "[2.0]", "shape of integers", "2.0")]
    [InlineData("[2]", "[2e0]", "shape of integers", "2e0")]
    [InlineData("[2]", "[9223372036854775808]", "shape of integers", "9223372036854775808")]
    [InlineData("[2]", "[9223372036854775807]", "below 2^63", "(9223372036854775807)")]
    [InlineData("[2]", "[4294967296,4294967296]", "below 2^63", "(4294967296, 4294967296)")]
    [InlineData("[2]", "[4294967296,4294967296,2,0]", "0 bytes apart", "8 bytes")]
    [InlineData("[2]", "[2305843009213693951]", "9223372036854775804 bytes apart", "8 bytes")]
    [InlineData("[2]", "[[2]]", "shape of integers", "a list")]
    [InlineData("[2]", "[null]", "shape of integers", "null")]
    [InlineData("[2]", "2", "shape to be a list", "2")]
    [InlineData("[2]", "[1,1,1,1,1,1,1,1,2]", "at most 8 axes", "more")]
    [InlineData("[0,8]", "[0]", "two integers", "1")]
    [InlineData("[0,8]", "[0,8,8]", "two integers", "more")]
    [InlineData("[0,8]", "[8,0]", "begin is not after", "[8, 0]")]
    [InlineData("[0,8]", "[0,7]", "8 bytes apart", "7 bytes")]
    [InlineData("[0,8]", "[-8,0]", "data_offsets of integers", "-8")]
    [InlineData("[0,8]", "[1,9]", "begin at 0", "leaves a gap")]
    [InlineData("[0,8]", "[9223372036854775799,9223372036854775807]", "begin at 0", "leaves a gap")]
    [InlineData("[0,8]", "[0,9223372036854775808]", "data_offsets of integers", "9223372036854775808")]
    [InlineData("[0,8]", "[0,8", "valid JSON", "}")]
    [InlineData("[0,8]", "[0,8,]", "valid JSON", "]")]
    [InlineData("[0,8]", "[0,8],", "valid JSON", "}")]
    [InlineData("[0,8]", "[0,8],\"extra\":[[[]]]", "data_offsets only", "\"extra\"")]
    [InlineData("[0,8]", "[0,8],\"dtype\":\"F32\"", "each key once", "dtype a second time")]
    [InlineData("\"shape\":[2],", "\"shape\":[2],\"shap\\u0065\":[2],", "each key once", "shape a second time")]
    [InlineData("\"shape\":[2],", "", "dtype, shape and data_offsets", "no shape")]
    [InlineData("\"dtype\":\"F32\",", "", "dtype, shape and data_offsets", "no dtype")]
    [InlineData(",\"data_offsets\":[0,8]", "", "dtype, shape and data_offsets", "no data_offsets")]
    public void Each_field_of_an_entry_is_checked(string was, string becomes, string expected, string found)
    {
        Assert.Contains(was, Entry);
        FileFormatException e = Raw.Fails($$"""{"layer.w":{{Entry.Replace(was, becomes)}}}""", s_eight);
        Assert.Contains(expected, e.Expected);
        Assert.Contains(found, e.Found);
        if (expected != "valid JSON") Assert.Equal("entry \"layer.w\"", e.Place);
        if (found.Contains("not supported")) Assert.Contains("converting the tensor", e.WayOut);
    }

    [Theory]
    [InlineData("[0,8]", 16, "begin at 8, with the end of entry \"a\"", "0, which overlaps it")]
    [InlineData("[4,12]", 12, "begin at 8", "overlaps")]
    [InlineData("[9,17]", 17, "begin at 8", "leaves a gap")]
    [InlineData("[8,16]", 17, "the file to end", "17")]
    [InlineData("[8,16]", 15, "16 bytes", "15")]
    public void Tensors_lie_end_to_end(string offsets, int bytes, string expected, string found)
    {
        string header = $$"""{"a":{{Entry}},"b":{{Entry.Replace("[0,8]", offsets)}}}""";
        FileFormatException e = Raw.Fails(header, new byte[bytes]);
        Assert.Contains(expected, e.Expected);
        Assert.Contains(found, e.Found);
        Assert.Equal("entry \"b\"", e.Place);
    }

    [Fact]
    public void Names_are_given_once_however_they_are_spelt()
    {
        FileFormatException e = Raw.Fails($$"""{"a":{{Entry}},"\u0061":{{Entry}}}""", s_eight);
        Assert.Equal("\"a\" a second time", e.Found);
        Assert.Equal($"byte {8 + 6 + Entry.Length}, in the header", e.Place);
    }

    [Fact]
    public void Values_without_a_tensor_are_refused() => Assert.Equal("1", Raw.Fails("{}", 1).Found);

    [Fact]
    public void Bytes_that_are_not_UTF8_are_pointed_at()
    {
        FileFormatException e = Raw.Fails(Raw.File([.. "{\"a"u8, 0xc3, 0x28, .. "\":{}}"u8]));
        Assert.Equal(("byte 11, in the header", "byte 0xc3"), (e.Place, e.Found));
        Assert.Contains("UTF-8", Raw.Fails(Raw.File([.. "{\"a"u8, 0xed, 0xa0, 0x80, .. "\":{}}"u8])).Expected);
    }

    [Fact]
    public void JSON_errors_are_pointed_at_by_line()
    {
        FileFormatException e = Raw.Fails("{\n\n  nonsense}");
        Assert.Equal("byte 13, in the header", e.Place);
        Assert.Equal("\"nonsense}\"", e.Found);
    }

    [Fact]
    public void Truth_values_are_0_or_1()
    {
        FileFormatException e = Raw.Fails("""{"m":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}}""", 0, 1, 2);
        Assert.Equal("byte 65, in entry \"m\"", e.Place);
        Assert.Equal("2", e.Found);
    }

    [Fact]
    public void Tensors_that_memory_cannot_hold_are_refused_before_it_is_taken()
    {
        string Header(long size, long bytes) => $$$"""{"w":{"dtype":"BF16","shape":[{{{size}}}],"data_offsets":[0,{{{bytes}}}]}}""";
        Assert.Contains("at most 2147483647 elements", Raw.Fails(Header(1L << 31, 1L << 32)).Expected);
        Assert.Contains("splitting", Raw.Fails(Header(1L << 30, 1L << 31)).WayOut);
        Assert.Contains("cut short", Raw.Fails(Header(1L << 29, 1L << 30)).WayOut);
    }

    [Fact]
    public void Long_and_odd_names_are_shown_in_short()
    {
        string name = "line\\n" + new string('x', 5000);
        FileFormatException e = Raw.Fails($$$"""{"{{{name}}}":{}}""");
        Assert.InRange(e.Message.Length, 100, 500);
        Assert.Contains("\"line\\u000axxx", e.Message);
    }

    [Fact]
    public void Flipped_bytes_give_tensors_or_a_typed_failure()
    {
        byte[] file = Small();
        int headerEnd = file.Length - 27;
        // Half of the changes hit the header, and up to three bytes are changed at once.
        Gen<(int, byte)[]> changes = Gen.Select(Gen.OneOf(Gen.Int[0, headerEnd - 1], Gen.Int[0, file.Length - 1]), Gen.OneOf(Gen.Byte, Gen.Byte[32, 126])).Array[1, 3];
        changes.Sample(list =>
        {
            byte[] changed = [.. file];
            foreach ((int at, byte value) in list) changed[at] = value;
            ReadsOrRefuses(changed);
        }, iter: 5000, threads: 1);
    }

    [Fact]
    public void Pieces_moved_about_give_tensors_or_a_typed_failure()
    {
        byte[] file = Small();
        Gen<(int, int, int)> moves = Gen.Select(Gen.Int[8, file.Length - 1], Gen.Int[8, file.Length - 1], Gen.Int[1, 40]);
        moves.Sample((from, to, count) =>
        {
            byte[] changed = [.. file[..to], .. file[from..Math.Min(from + count, file.Length)], .. file[to..]];
            ReadsOrRefuses(changed);
            changed[0] += (byte)(changed.Length - file.Length);
            ReadsOrRefuses(changed);
        }, iter: 2000, threads: 1);
    }

    private static void ReadsOrRefuses(byte[] file)
    {
        try
        {
            Raw.Read(file);
        }
        catch (FileFormatException e)
        {
            Assert.StartsWith(Raw.Name + ": ", e.Message);
            Assert.Contains("\n  try ", e.Message);
        }
    }
}
