using Lamina.Bench.Workloads;
using Lamina.Cli.Commands;

namespace Lamina.Bench;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData(new[] { "--only", "lenet" }, "did you mean lenet5?")]
    [InlineData(new[] { "--only", "gmm" }, "did you mean gemm?")]
    [InlineData(new[] { "--onyl", "mlp" }, "did you mean --only?")]
    [InlineData(new[] { "--threads", "0" }, "--threads 0: expected a whole number from 1 to 1024")]
    [InlineData(new[] { "--threads", "many" }, "--threads many: expected a whole number")]
    [InlineData(new[] { "--json", "" }, "expected a file's name")]
    [InlineData(new[] { "--sweep", "" }, "expected a file's name")]
    [InlineData(new[] { "mlp" }, "mlp")]
    public void A_wrong_command_line_is_answered_with_what_is_accepted(string[] args, string said)
    {
        (int code, string output, string error) = Run(args);
        Assert.Equal(ExitCodes.WrongUsage, code);
        Assert.Contains(said, error);
        Assert.Contains("--help", error);
        Assert.Empty(output);
    }

    [Fact]
    public void Help_names_every_option()
    {
        (int code, string output, _) = Run(["--help"]);
        Assert.Equal(ExitCodes.Done, code);
        foreach (string option in new[] { "--peers", "--only", "--threads", "--json", "--eager", "--quick", "--sweep", "--list" }) Assert.Contains(option, output);
    }

    [Fact]
    public void A_group_stands_for_its_rows_and_a_row_for_itself()
    {
        Assert.Equal(27, Lines("--only", "gemm").Length);
        Assert.Equal(["mlp"], Lines("--only", "MLP"));
        Assert.Equal(["mlp", "gpt 12×64", "gpt 8×128"], Lines("--only", "gpt", "--only", "mlp"));
        Assert.Equal(Table.All.Count, Lines().Length);
    }

    [Fact]
    public void Rows_have_names_of_their_own() => Assert.Equal(Table.All.Count, Table.All.Select(w => w.Name).Distinct().Count());

    private static string[] Lines(params string[] args) => Run(["--list", .. args]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    internal static (int Code, string Output, string Error) Run(string[] args)
    {
        StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        int code = BenchApp.Run(args, output, error, CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }
}
