using System.Text.Json;
using Lamina.Tasks;
using Lamina.Tasks.Runs;

namespace Lamina.Cli.Rendering;

/// <summary>What was seen in data, for programs.</summary>
internal static class DataJson
{
    public static void Write(Utf8JsonWriter json, DataLook x, string? file)
    {
        json.WriteString("task", x.Task);
        json.WriteString("source", x.Source);
        json.WriteString("input", x.Input);
        json.WriteString("output", x.Output.Text);
        json.WriteStartObject("parts");
        foreach (DataPart part in x.Parts) Part(json, part, (x.Output as ClassOutput)?.Names);
        json.WriteEndObject();
        json.WriteStartArray("findings");
        foreach (DataFinding finding in x.Findings)
        {
            json.WriteStartObject();
            json.WriteString("name", finding.Name);
            json.WriteBoolean("warning", finding.IsWarning);
            json.WriteString("text", finding.Text);
            if (finding.Count is { } count) json.WriteNumber("count", count);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (x.Columns.Count > 0)
        {
            json.WriteStartArray("columns");
            foreach (DataColumn column in x.Columns) Column(json, column);
            json.WriteEndArray();
        }
        if (file is not null) json.WriteString("file", file);
    }

    private static void Part(Utf8JsonWriter json, DataPart part, IReadOnlyList<string>? names)
    {
        json.WriteStartObject(part.Name);
        json.WriteNumber("count", part.Count);
        if (part.Classes is { } classes && names is not null)
        {
            json.WriteStartObject("classes");
            for (int c = 0; c < names.Count; c++) json.WriteNumber(names[c], classes[c]);
            json.WriteEndObject();
        }
        if (part.Numbers is { } numbers)
        {
            json.WriteStartArray("numbers");
            foreach (NumberRange range in numbers) Range(json, null, range);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void Column(Utf8JsonWriter json, DataColumn column)
    {
        json.WriteStartObject();
        json.WriteString("name", column.Name);
        json.WriteString("kind", column.Kind);
        json.WriteNumber("missing", column.Missing);
        json.WriteNumber("different", column.Different);
        if (column.Role is { } role) json.WriteString("role", role);
        if (column.Range is { } range) Range(json, "range", range);
        json.WriteStartArray("frequent");
        foreach ((string value, long count) in column.Frequent)
        {
            json.WriteStartObject();
            json.WriteString("value", value);
            json.WriteNumber("count", count);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Range(Utf8JsonWriter json, string? name, NumberRange range)
    {
        if (name is null) json.WriteStartObject();
        else json.WriteStartObject(name);
        if (name is null) json.WriteString("name", range.Name);
        EventJson.Number(json, "least", range.Least);
        EventJson.Number(json, "greatest", range.Greatest);
        EventJson.Number(json, "mean", range.Mean);
        EventJson.Number(json, "deviation", range.Deviation);
        json.WriteEndObject();
    }
}
