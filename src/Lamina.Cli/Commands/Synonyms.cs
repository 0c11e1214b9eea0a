namespace Lamina.Cli.Commands;

/// <summary>The names that people bring from other programs, and what they are called here.</summary>
internal static class Synonyms
{
    // Without dashes, underscores and capitals: --Batch_Size is batchsize.
    private static readonly Dictionary<string, string[]> s_options = new()
    {
        ["--learning-rate"] = ["lr", "lrate", "learnrate", "rate", "maxlr", "baselr", "lr0", "alpha", "eta", "stepsize"],
        ["--batch"] = ["bs", "b", "batchsize", "minibatch", "minibatchsize", "trainbatchsize", "perdevicetrainbatchsize", "imagesperstep"],
        ["--epochs"] = ["ep", "nepochs", "nepoch", "numepochs", "maxepochs", "numtrainepochs", "nbepochs", "iterations", "passes"],
        ["--optimizer"] = ["opt", "optim", "optimiser", "solver"],
        ["--seed"] = ["randomseed", "randomstate", "manualseed", "rngseed", "rng"],
        ["--threads"] = ["workers", "numworkers", "nworkers", "jobs", "njobs", "j", "numthreads", "nthreads", "cpus", "cores", "numcpus", "processes"],
        ["--run"] = ["out", "output", "outputdir", "outdir", "o", "dir", "logdir", "savedir", "save", "savepath", "rundir", "name", "runname",
            "project", "checkpointdir", "to"],
        ["--resume"] = ["continue", "restart", "restore", "load", "checkpoint", "ckpt", "ckptpath", "resumefrom", "resumefromcheckpoint"],
        ["--quick"] = ["fast", "dryrun", "fastdevrun", "smoke", "smoketest", "try", "debug"],
        ["--overfit-batch"] = ["overfitbatches", "onebatch", "singlebatch", "sanity"],
        ["--augment"] = ["augmentation", "augmentations", "aug", "transform", "transforms"],
        ["--from"] = ["weights", "pretrained", "init", "initfrom", "finetune", "finetunefrom", "basemodel", "warmstart"],
        ["--freeze"] = ["frozen", "freezelayers", "freezebackbone", "freezeencoder", "finetunehead"],
        ["--unfreeze"] = ["unfreezeevery", "gradualunfreezing", "unfreezeafter", "unfreezeepoch"],
        ["--patience"] = ["earlystopping", "earlystop", "earlystoppingpatience", "es"],
        ["--minutes"] = ["maxtime", "timelimit", "timeout", "budget", "time"],
        ["--folds"] = ["cv", "kfold", "kfolds", "crossvalidation", "nsplits", "nfolds", "k"],
        ["--validation"] = ["val", "valid", "dev", "valfile", "valdata", "validationfile", "validationdata", "evalfile"],
        ["--test"] = ["testfile", "testdata", "testset"],
        ["--group"] = ["groups", "groupby", "groupcolumn"],
        ["--target"] = ["y", "label", "targetcolumn", "labelcolumn", "predictcolumn"],
        ["--top"] = ["k", "topk", "n", "topn", "best"],
        ["--json"] = ["jsonl", "machine", "porcelain", "format"],
        ["--help"] = ["h", "usage", "man"],
        ["--version"] = ["v", "ver"],
    };

    private static readonly Dictionary<string, string[]> s_arguments = new()
    {
        ["DATA"] = ["data", "datadir", "dataset", "datapath", "datafolder", "input", "inputdir", "i", "images", "imagedir", "folder", "path",
            "traindir", "source"],
        ["FILE"] = ["file", "files", "image", "images", "img", "input", "i", "source", "path"],
        ["RUN"] = ["run", "model", "m", "weights", "checkpoint", "ckpt", "network", "load"],
    };

    private static readonly Dictionary<string, string[]> s_commands = new()
    {
        ["train"] = ["fit", "learn", "start", "resume", "continue"],
        ["test"] = ["eval", "evaluate", "evaluation", "validate", "val", "score", "measure", "check"],
        ["predict"] = ["infer", "inference", "classify", "recognise", "recognize", "guess", "label", "detect"],
        ["summary"] = ["info", "show", "describe", "model", "layers", "inspect", "summarize", "summarise"],
        ["profile"] = ["bench", "benchmark", "speed", "time", "timing", "memory", "trace", "perf", "cost"],
        ["data"] = ["look", "explore", "eda", "dataset", "datainfo", "stats", "statistics"],
        ["lr-find"] = ["lrfind", "lrfinder", "findlr", "findrate", "ratefind", "lrrange", "rangetest", "lr"],
        ["batch-find"] = ["batchfind", "findbatch", "batchfinder", "scalebatchsize", "scalebatch", "batchsize", "batch"],
        ["runs"] = ["list", "ls", "history", "experiments", "log", "logs", "jobs", "status"],
        ["compare"] = ["diff", "versus", "vs"],
        ["tasks"] = ["problems", "kinds"],
        ["help"] = ["man", "usage"],
    };

    /// <summary>"; did you mean …?" with the option of this command that is called otherwise elsewhere, or is near enough; or nothing.</summary>
    public static string ForOption(string typed, IReadOnlyList<string> options, IReadOnlyList<string> arguments)
    {
        string plain = Plain(typed);
        if (Find(s_options, plain, options) is { } option) return $"; did you mean {option}?";
        // What is an option elsewhere is an argument here: it stands by itself.
        if (Find(s_arguments, plain, arguments) is { } argument) return $"; {argument} is given by itself, without an option before it";
        return Nearest.Suggestion(typed, options);
    }

    /// <summary>The same for a command.</summary>
    public static string ForCommand(string typed, IReadOnlyList<string> commands) => Plain(typed) switch
    {
        "resume" or "continue" => "; did you mean train --resume?",
        var plain when Find(s_commands, plain, commands) is { } command => $"; did you mean {command}?",
        _ => Nearest.Suggestion(typed, commands),
    };

    private static string? Find(Dictionary<string, string[]> synonyms, string plain, IReadOnlyList<string> names) =>
        names.FirstOrDefault(name => synonyms.TryGetValue(name, out string[]? others) && others.Contains(plain));

    private static string Plain(string typed) => typed.TrimStart('-').Replace("-", "").Replace("_", "").ToLowerInvariant();
}
