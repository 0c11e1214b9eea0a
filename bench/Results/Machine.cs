using System.Globalization;
using System.Runtime.InteropServices;

namespace Lamina.Results;

/// <summary>The machine that is measured on.</summary>
internal static class Machine
{
    /// <summary>Processor and number of cores, such as <c>AMD EPYC 9B14, 2 cores</c>.</summary>
    public static string Name
    {
        get
        {
            const string Key = "model name";
            string? line = OperatingSystem.IsLinux() ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith(Key, StringComparison.Ordinal)) : null;
            string processor = line?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
            int cores = Environment.ProcessorCount;
            return $"{processor}, {cores} {(cores == 1 ? "core" : "cores")}";
        }
    }

    /// <summary>The most resident memory that a process has had so far, in bytes; null once it has ended.</summary>
    public static long? PeakMemory(System.Diagnostics.Process process)
    {
        const string Key = "VmHWM:"; // peak resident set, in KiB
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                process.Refresh();
                return process.PeakWorkingSet64;
            }
            string? line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/status"))
                .FirstOrDefault(l => l.StartsWith(Key, StringComparison.Ordinal));
            return line is null ? null : 1024 * long.Parse(line[Key.Length..].Replace("kB", "", StringComparison.Ordinal),
                NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
