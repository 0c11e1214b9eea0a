using Microsoft.CodeAnalysis;

namespace Lamina.Generators;

/// <summary>How values of a type are written to a saved model and read from it: as C# text.</summary>
internal abstract record SavedKind
{
    /// <summary>A statement that writes the value of an expression; <paramref name="depth"/> numbers its variables.</summary>
    public abstract string Write(string value, int depth);

    /// <summary>An expression that reads a value from an expression of type OptionValue, which may be read more than once.</summary>
    public abstract string Read(string from, int depth);
}

/// <summary>What the writer and the reader have a method for: numbers, texts, truth values, enums, texts that are parsed, modules.</summary>
internal sealed record PlainKind(string Writer, string Reader) : SavedKind
{
    public override string Write(string value, int depth) => $"__to.{Writer}({value});";

    public override string Read(string from, int depth) => $"{from}.{Reader}()";
}

/// <summary>A value or null.</summary>
internal sealed record NullableKind(SavedKind Inner, string Type) : SavedKind
{
    public override string Write(string value, int depth) => $"if ({value} is {{ }} __n{depth}) {{ {Inner.Write($"__n{depth}", depth + 1)} }} else __to.Null();";

    public override string Read(string from, int depth) => $"({from}.IsNull ? ({Type}?)null : {Inner.Read(from, depth)})";
}

/// <summary>A list or array; <paramref name="Target"/> is a format in which {0} is an array.</summary>
internal sealed record ListKind(SavedKind Inner, string Element, string Source, string Target) : SavedKind
{
    public override string Write(string value, int depth) =>
        $"__to.StartList(); foreach (var __e{depth} in {string.Format(Source, value)}) {{ {Inner.Write($"__e{depth}", depth + 1)} }} __to.EndList();";

    public override string Read(string from, int depth) => string.Format(Target, $"{from}.List<{Element}>(static __e{depth} => {Inner.Read($"__e{depth}", depth + 1)})");
}

/// <summary>A dictionary with string keys.</summary>
internal sealed record DictionaryKind(SavedKind Inner, string Element) : SavedKind
{
    public override string Write(string value, int depth) =>
        $"__to.StartObject(); foreach (var __e{depth} in {value}) {{ __to.Name(__e{depth}.Key); {Inner.Write($"__e{depth}.Value", depth + 1)} }} __to.EndObject();";

    public override string Read(string from, int depth) => $"{from}.Dictionary<{Element}>(static __e{depth} => {Inner.Read($"__e{depth}", depth + 1)})";
}

/// <summary>A record of options: its constructor's parameters and its other properties.</summary>
internal sealed record RecordKind(string Type, bool HasWith, EquatableList<RecordPart> Parts) : SavedKind
{
    public override string Write(string value, int depth) =>
        $"{{ var __r{depth} = {value}; __to.StartObject(); {string.Concat(Parts.Select(p => $"__to.Name(\"{p.Name}\"); {{ {p.Kind.Write($"__r{depth}.{p.Member}", depth + 1)} }} "))}__to.EndObject(); }}";

    public override string Read(string from, int depth)
    {
        string reader = $"__r{depth}", made = $"__d{depth}";
        int count = 0;
        string Take(RecordPart part) => part.Kind.Read($"{reader}.Take(\"{part.Name}\")", depth + 1);
        string Optional(RecordPart part, string otherwise)
        {
            string variable = $"__q{depth}_{count++}";
            return $"({reader}.Get(\"{part.Name}\", out var {variable}) ? {part.Kind.Read(variable, depth + 1)} : {otherwise})";
        }

        string arguments = string.Join(", ", Parts.Where(p => p.Place == RecordPlace.Argument).Select(p => $"{p.Argument}: {(p.Default is null ? Take(p) : Optional(p, p.Default))}"));
        string initial = string.Join(", ", Parts.Where(p => p.Place == RecordPlace.Initial || p.Place == RecordPlace.Init && !HasWith).Select(p => $"{p.Member} = {Take(p)}"));
        string text = $"{from}.Record<{Type}>(static {reader} => {{ var {made} = new {Type}({arguments}){(initial.Length > 0 ? $" {{ {initial} }}" : "")}; ";
        foreach (RecordPart part in Parts)
            if (part.Place == RecordPlace.Init && HasWith) text += $"{made} = {made} with {{ {part.Member} = {Optional(part, $"{made}.{part.Member}")} }}; ";
            else if (part.Place == RecordPlace.Set) text += $"{made}.{part.Member} = {Optional(part, $"{made}.{part.Member}")}; ";
        return text + $"return {made}; }})";
    }
}

/// <summary>Where a part of a record goes when it is made again.</summary>
internal enum RecordPlace
{
    /// <summary>An argument of the constructor.</summary>
    Argument,

    /// <summary>A required property.</summary>
    Initial,

    /// <summary>A property that only an initialiser sets.</summary>
    Init,

    /// <summary>A property that can be set.</summary>
    Set,
}

/// <summary>A part of a record: its name in the file, the member that holds it, and how it is made again.</summary>
internal sealed record RecordPart(string Name, string Member, string? Argument, string? Default, RecordPlace Place, SavedKind Kind);
