namespace Lamina.Tasks.Detection;

/// <summary>What is odd about a stretch of a series.</summary>
public enum AnomalyKind
{
    /// <summary>A value far from those around it.</summary>
    Spike,
    /// <summary>A level that leaves what the other columns and the weeks around it say.</summary>
    Drift,
    /// <summary>A value that doesn't change for longer than usual.</summary>
    Frozen,
    /// <summary>Values that aren't there.</summary>
    Missing,
}
