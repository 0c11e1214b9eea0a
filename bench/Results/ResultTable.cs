using static Lamina.Results.Goal;

namespace Lamina.Results;

/// <summary>All rows, in the order of the page; adding one is a line here.</summary>
internal static class ResultTable
{
    private static readonly string[] s_class = ["accuracy", "f1"], s_number = ["r2", "rmse"], s_folds = ["--folds", "5"];

    /// <summary>The rows.</summary>
    public static IReadOnlyList<ResultRow> All { get; } =
    [
        new TrainingRow("wine", "tables/wine.csv", "wine, 178 rows", s_class, [AtLeast("accuracy", 0.965)], s_folds),
        new TrainingRow("iris", "tables/iris.csv", "iris, 150 rows", s_class, [AtLeast("accuracy", 0.95)], s_folds),
        new TrainingRow("breast-cancer", "tables/breast-cancer-wisconsin.csv", "breast cancer, 699 rows", s_class, [AtLeast("accuracy", 0.96)], s_folds),
        new TrainingRow("diabetes", "tables/pima-indians-diabetes.csv", "diabetes, 768 rows", s_class, [AtLeast("accuracy", 0.76)], s_folds),
        new TrainingRow("california", "tables/california-housing.csv", "California housing, 20,640 rows", s_number,
            [AtLeast("r2", 0.82), AtMost(TrainingRow.SecondsOfFold, 120)], ["--target", "median_house_value", .. s_folds]),
        new TrainingRow("boston", "tables/boston-housing.csv", "Boston housing, 506 rows", s_number, [AtLeast("r2", 0.84)], s_folds),
        new TrainingRow("sms-spam", "text/sms-spam.tsv", "SMS spam, 5,574 messages", s_class,
            [AtLeast("accuracy", 0.98), AtLeast("f1", 0.93), AtMost(TrainingRow.SecondsOfFold, 60)], s_folds),
        // What is tested on doesn't validate: with x-dev as the test, a tenth of x-train validates, although x-dev lies beside it.
        new TrainingRow("sst2", "text/sst2-train.tsv", "SST-2, 6,920 sentences to train, tested on 872 of dev", s_class, [AtLeast("accuracy", 0.80)],
            "--test", TrainingRow.DataFolder + "text/sst2-dev.tsv"),
        new TrainingRow("houses", null, "built-in synthetic houses, 3,000 rows", s_number, [], "--task", "tables"),
        new TrainingRow("messages", null, "built-in synthetic messages", s_class, [], "--task", "text"),
        new TrainingRow("digits", null, "built-in digits, drawn by the program", ["accuracy"], []),
        new TrainingRow("mnist", "images/mnist", "MNIST, 60,000 and 10,000 images", ["accuracy"], []),
        new TrainingRow("cifar10", "images/cifar10.zip", "CIFAR-10 in JPEG, 50,000 and 10,000 images", ["accuracy"], []),
        new TrainingRow("spoken-digits", "audio/spoken-digits.zip", "spoken digits, 2,500 recordings", s_class, [AtLeast("accuracy", 0.97)], s_folds),
        new TrainingRow("spoken-digits-speakers", "audio/spoken-digits.zip", "spoken digits, each of five speakers never heard in training", s_class,
            [AtLeast("accuracy", 0.85)], ["--group", "speaker", .. s_folds]),
        new TrainingRow("control-charts", null, "built-in control charts, 600 series of six kinds", s_class, [AtLeast("accuracy", 0.98)],
            ["--task", "series", .. s_folds]),
        new TrainingRow("spoken-envelopes", "audio/spoken-digits.zip", "spoken digits as series, their envelopes in eight bands", s_class,
            [AtLeast("accuracy", 0.80)], ["--task", "series", .. s_folds]),
        new TrainingRow("sounds", null, "built-in synthetic sounds, 960 of eight kinds", s_class, [], "--task", "sound"),
        new CsvRow(),
        new StartRow(),
    ];
}
