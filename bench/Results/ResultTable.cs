using static Lamina.Results.Goal;

namespace Lamina.Results;

/// <summary>All rows, in the order of the page; adding one is a line here.</summary>
internal static class ResultTable
{
    private static readonly string[] s_class = ["accuracy", "f1"], s_number = ["r2", "rmse"], s_rating = ["rmse", "mae"], s_folds = ["--folds", "5"], s_seed = ["--seed", "1"],
        s_series = ["mse", "mae", "mase", "coverage"], s_tokens = ["loss", "bitsPerCharacter"];

    private const string Shakespeare = "text/tiny-shakespeare.txt";

    /// <summary>The rows.</summary>
    public static IReadOnlyList<ResultRow> All { get; } =
    [
        new TrainingRow("wine", "tables/wine.csv", "wine, 178 rows", s_class, [AtLeast("accuracy", 0.965)], s_folds),
        new TrainingRow("iris", "tables/iris.csv", "iris, 150 rows", s_class, [AtLeast("accuracy", 0.95)], s_folds),
        new TrainingRow("breast-cancer", "tables/breast-cancer-wisconsin.csv", "breast cancer, 699 rows", s_class, [AtLeast("accuracy", 0.96)],
            s_folds),
        new TrainingRow("diabetes", "tables/pima-indians-diabetes.csv", "diabetes, 768 rows", s_class, [AtLeast("accuracy", 0.76)], s_folds),
        new TrainingRow("california", "tables/california-housing.csv", "California housing, 20,640 rows", s_number,
            [AtLeast("r2", 0.82), AtMost(TrainingRow.SecondsOfFold, 120)], ["--target", "median_house_value", .. s_folds]),
        new TrainingRow("boston", "tables/boston-housing.csv", "Boston housing, 506 rows", s_number, [AtLeast("r2", 0.84)], s_folds),
        new TrainingRow("sms-spam", "text/sms-spam.tsv", "SMS spam, 5,574 messages", s_class,
            [AtLeast("accuracy", 0.98), AtLeast("f1", 0.93), AtMost(TrainingRow.SecondsOfFold, 60)], s_folds),
        // What is tested on doesn't validate: with x-dev as the test, a tenth of x-train validates, although x-dev lies beside it.
        new TrainingRow("sst2", "text/sst2-train.tsv", "SST-2, 6,920 sentences to train, tested on 872 of dev", s_class, [AtLeast("accuracy", 0.80)],
            "--test", TrainingRow.DataFolder + "text/sst2-dev.tsv"),
        new TrainingRow("movielens-random", "tables/movielens-100k.tsv", "MovieLens, 100,000 ratings, a random tenth", s_rating, [AtMost("rmse", 0.93)]),
        new TrainingRow("movielens-time", "tables/movielens-100k.tsv", "MovieLens, the latest tenth, each from what was known before it", s_rating,
            [AtMost("rmse", 0.96)], "--time", "timestamp"),
        new SeedsRow(new("protein", "text/protein-secondary-structure.train", "protein secondary structure, 111 and 17 proteins", ["accuracy", "f1"],
            [AtLeast("accuracy", 0.63)]), 5),
        new TrainingRow("houses", null, "built-in synthetic houses, 3,000 rows", s_number, [], "--task", "tables"),
        new TrainingRow("messages", null, "built-in synthetic messages", s_class, [], "--task", "text"),
        new TrainingRow("ratings", null, "built-in synthetic ratings", s_rating, [], "--task", "recommend"),
        new TrainingRow("states", null, "built-in synthetic machine states", s_class, [], "--task", "sequences"),
        new RareRow("payments", null, "", "built-in synthetic payments, 40,000 rows", 0.01, "--task", "fraud"),
        new RareRow("breast-cancer-rare", "tables/breast-cancer-wisconsin.csv", ",4", "breast cancer, malign cases thinned to 9 of 467 rows", 0.02, "--folds", "3"),
        new TrainingRow("digits", null, "built-in digits, drawn by the program", ["accuracy"], []),
        new TrainingRow("mnist", "images/mnist", "MNIST, 60,000 and 10,000 images", ["accuracy"], []),
        new TrainingRow("mnist-drawing", "images/mnist", "MNIST, drawn by a flow", ["asAsked", "frechet", "frechetReal", "diversity"],
            [AtLeast("asAsked", 0.95), AtLeast("diversity", 0.7), AtMost(TrainingRow.Seconds, 1800)], "--task", "drawing", "--seed", "1"),
        new TrainingRow("mnist-vae", "images/mnist", "MNIST, drawn by a variational autoencoder", ["asAsked", "frechet", "frechetReal", "diversity"],
            [AtLeast("asAsked", 0.85), AtMost(TrainingRow.Seconds, 180)], "--task", "drawing", "--model", "vae", "--seed", "1"),
        new TrainingRow("mnist-gan", "images/mnist", "MNIST, drawn by a GAN", ["asAsked", "frechet", "frechetReal", "diversity"],
            [AtLeast("asAsked", 0.85), AtMost(TrainingRow.Seconds, 720)], "--task", "drawing", "--model", "gan", "--seed", "1"),
        new TrainingRow("drawing", null, "built-in digits, drawn by the program, learned by a flow", ["asAsked", "frechet", "frechetReal", "diversity"], [], "--task", "drawing"),
        new TrainingRow("cifar10", "images/cifar10.zip", "CIFAR-10 in JPEG, 50,000 and 10,000 images", ["accuracy"],
            [AtLeast("accuracy", 0.80), AtMost(TrainingRow.Seconds, 240)]),
        new TrainingRow("cifar10-resnet20", "images/cifar10.zip", "CIFAR-10 in JPEG, ResNet-20 in 30 epochs", ["accuracy"],
            [AtLeast("accuracy", 0.90), AtMost(TrainingRow.Seconds, 1500)], "--model", "resnet20"),
        new TrainingRow("etth1", "series/ETTh1.csv", "ETTh1, 7 columns, 96 hours ahead, 2,785 windows", s_series,
            [AtMost("mse", 0.39), AtLeast("coverage", 0.75), AtMost("coverage", 0.85)], "--horizon", "96", "--parts", "8640,2880,2880"),
        new TrainingRow("airline", "series/airline-passengers.csv", "airline passengers, 144 months", s_series, [AtMost("mase", 1)]),
        new TrainingRow("temperatures", "series/daily-min-temperatures.csv", "daily minimum temperatures, 3,650 days", s_series,
            [AtMost("mase", 1), AtLeast("coverage", 0.75), AtMost("coverage", 0.85)]),
        new TrainingRow("sunspots", "series/monthly-sunspots.csv", "monthly sunspots, 2,820 months", s_series, [AtMost("mase", 1)]),
        new TrainingRow("demand", null, "built-in synthetic demand of electricity", s_series, [], "--task", "forecast"),
        new TrainingRow("pneumonia", "images/pneumonia-mnist.npz", "PneumoniaMNIST, a part: 3,882, 524 and 624 X-rays", ["auc", "accuracy"],
            [AtLeast("auc", 0.94)]),
        new AnomalyRow(),
        new TrainingRow("machine", null, "built-in synthetic sensors of a machine, planted faults", ["auc", "prAuc"], [], "--task", "anomalies"),
        new TrainingRow("spoken-digits", "audio/spoken-digits.zip", "spoken digits, 2,500 recordings", s_class, [AtLeast("accuracy", 0.97)], s_folds),
        new TrainingRow("spoken-digits-speakers", "audio/spoken-digits.zip", "spoken digits, each of five speakers never heard in training", s_class,
            [AtLeast("accuracy", 0.85)], ["--group", "speaker", .. s_folds]),
        new TrainingRow("control-charts", null, "built-in synthetic control charts, 600 series of six kinds", s_class, [AtLeast("accuracy", 0.98)],
            ["--task", "series", .. s_folds]),
        new TrainingRow("spoken-envelopes", "audio/spoken-digits.zip", "spoken digits as series, their envelopes in eight bands", s_class,
            [AtLeast("accuracy", 0.80)], ["--task", "series", .. s_folds]),
        new TrainingRow("sounds", null, "built-in synthetic sounds, 960 of eight kinds", s_class, [], "--task", "sound"),
        new WritingRow(new("shakespeare", Shakespeare, "tiny Shakespeare, loss over the whole last tenth", s_tokens, [], s_seed),
            AtMost("loss", 1.90), AtMost(TrainingRow.Seconds, 180), AtLeast(WritingRow.Rate, 1000)),
        new WritingRow(new("shakespeare-lstm", Shakespeare, "tiny Shakespeare, an LSTM of like size", s_tokens, [], ["--model", "lstm", .. s_seed]),
            AtMost("loss", 2.00), AtLeast(WritingRow.Rate, 1000)),
        new WritingRow(new("shakespeare-longer", Shakespeare, "tiny Shakespeare, ten minutes", s_tokens, [], ["--minutes", "10", .. s_seed]), AtMost("loss", 1.80)),
        // 2.824 is the loss of letters drawn one by one: a name below it has an order that the list taught.
        new NamesRow(new("names", "text/names.txt", "names, 32,032, a held-out tenth", s_tokens, [], s_seed),
            AtMost("loss", 2.10), AtLeast(NamesRow.New, 0.90), AtMost(NamesRow.Oddest, 2.82)),
        new TrainingRow("verses", null, "built-in synthetic verses", s_tokens, [], "--task", "writing"),
        // What is tested on doesn't validate: with val as the test, a tenth of train validates.
        new TrainingRow("multi30k", "translation/multi30k-train.en.gz", "Multi30k, English into German, 29,000 pairs, tested on 1,014 of val", ["bleu", "loss"],
            [AtLeast("bleu", 25), AtMost(TrainingRow.Seconds, 1800)], "--into", "de", "--test", TrainingRow.DataFolder + "translation/multi30k-val.en.gz", "--seed", "1"),
        new TrainingRow("sentences", null, "built-in synthetic sentences in two languages", ["bleu", "loss"], [], "--task", "translate"),
        new CsvRow(),
        new StartRow(),
    ];
}
