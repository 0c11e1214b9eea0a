using System.Globalization;

namespace Lamina.Tasks.Reports;

/// <summary>Numbers as people read them, as on the terminal.</summary>
internal static class Wordings
{
    private static readonly CultureInfo s_invariant = CultureInfo.InvariantCulture;

    /// <summary>12,000</summary>
    public static string Count(long count) => count.ToString("N0", s_invariant);

    /// <summary>97.85 %, with a space that no line is broken at, or – for NaN</summary>
    public static string Percent(double share) => double.IsFinite(share) ? $"{Fixed(100 * share, "F2")}\u00A0%" : "–";

    /// <summary>Four digits after the point, or five that count; – for NaN.</summary>
    public static string Number(double value) =>
        double.IsNaN(value) ? "–" : value.ToString(Math.Abs(value) is < 1000 and >= 0.001 or 0 ? "F4" : "G5", s_invariant);

    /// <summary>A value by its kind: scores have four digits after the point.</summary>
    public static string Figure(double value, FigureKind kind) =>
        kind == FigureKind.Share ? Percent(value) : kind == FigureKind.Score && Math.Abs(value) < 1000 ? Fixed(value, "F4") : Number(value);

    /// <summary>97.31 % to 98.20 %, or nothing.</summary>
    public static string Interval(Figure figure) => figure.Interval is { } i ? $"{Figure(i.Low, figure.Kind)} to {Figure(i.High, figure.Kind)}" : "";

    // Without the sign of what is rounded to 0.
    private static string Fixed(double value, string format)
    {
        string text = value.ToString(format, s_invariant);
        return text.StartsWith('-') && text.All(c => c is '-' or '0' or '.') ? text[1..] : text;
    }

    /// <summary>A figure's name in the field's words.</summary>
    public static string Name(string figure) => figure switch
    {
        "accuracy" => "Accuracy",
        "balancedAccuracy" => "Balanced accuracy",
        "sequenceAccuracy" => "Accuracy by sequence",
        "f1" => "F1",
        "auc" => "ROC AUC",
        "prAuc" => "PR AUC",
        "precision" => "Precision",
        "recall" => "Recall",
        "exactMatch" => "Exact match",
        "r2" => "R²",
        "mae" => "MAE",
        "mse" => "MSE",
        "mase" => "MASE",
        "flagged" => "Steps above the threshold",
        "coverage" => "Coverage of the band",
        "rmse" => "RMSE",
        "medianError" => "Median error",
        "loss" => "Loss",
        "bleu" => "BLEU",
        "perplexity" => "Perplexity",
        "asAsked" => "Read as asked",
        "frechet" => "Fréchet distance",
        "frechetReal" => "Fréchet distance of real to real",
        "diversity" => "Diversity (real images: 1)",
        "novelty" => "Distance to the nearest training image (test images: 1)",
        "judgeAccuracy" => "Accuracy of the classifier on real images",
        _ when figure.StartsWith("r2.", StringComparison.Ordinal) => $"R² of {figure[3..]}",
        _ when figure.StartsWith("mae.", StringComparison.Ordinal) => $"MAE of {figure[4..]}",
        _ => figure,
    };

    /// <summary>204 KiB</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} B",
        < 1000 * 1024 => $"{(bytes / 1024.0).ToString("G3", s_invariant)} KiB",
        < 1000L * 1024 * 1024 => $"{(bytes / (1024.0 * 1024)).ToString("G3", s_invariant)} MiB",
        _ => $"{(bytes / (1024.0 * 1024 * 1024)).ToString("G3", s_invariant)} GiB",
    };

    /// <summary>12.3 s, or 2 min 5 s</summary>
    public static string Seconds(double seconds) => seconds < 60 ? $"{seconds.ToString("F1", s_invariant)} s"
        : $"{Count((long)seconds / 60)} min {(long)seconds % 60} s";
}
