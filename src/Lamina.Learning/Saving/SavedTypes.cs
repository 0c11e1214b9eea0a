namespace Lamina.Learning.Saving;

/// <summary>The classes that files of models may name, in this process. Generated code fills it when the first file is saved or opened.</summary>
public static class SavedTypes
{
    private static readonly Lock s_lock = new();
    private static readonly List<Action> s_sources = [];
    private static readonly Dictionary<string, SavedType> s_byName = new(StringComparer.Ordinal);
    private static readonly Dictionary<Type, string> s_byType = [];

    /// <summary>Notes a method that registers an assembly's classes; it runs when they are needed.</summary>
    public static void Source(Action register)
    {
        lock (s_lock) s_sources.Add(register);
    }

    /// <summary>Registers a class under its own name. Where another class has that name, the first one keeps it.</summary>
    public static void Add<T>() where T : class, ISaved<T> => _ = Add<T>(T.SavedName);

    /// <summary>Registers a class under a name: files that are saved from now on call it that, and files that call it that are opened.</summary>
    /// <exception cref="ArgumentException">The name is empty, or another class has it.</exception>
    internal static void Register<T>(string name) where T : class, ISaved<T>
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        lock (s_lock)
        {
            Fill();
            if (!Add<T>(name)) throw new ArgumentException($"the name '{name}' is {s_byName[name].Type.FullName}'s; give {typeof(T).FullName} another", nameof(name));
            s_byType[typeof(T)] = name;
        }
    }

    /// <summary>The class of a name; null where there is none.</summary>
    internal static SavedType? Find(string name)
    {
        lock (s_lock)
        {
            Fill();
            return s_byName.GetValueOrDefault(name);
        }
    }

    /// <summary>The name of a class in files; null where it isn't registered, or another class has its name.</summary>
    internal static string? NameOf(Type type)
    {
        lock (s_lock)
        {
            Fill();
            return s_byType.TryGetValue(type, out string? name) && s_byName[name].Type == type ? name : null;
        }
    }

    /// <summary>The class that has the name that another one would be saved under; null where that isn't why it can't be.</summary>
    internal static Type? Rival(Type type)
    {
        lock (s_lock) return s_byType.TryGetValue(type, out string? name) && s_byName[name].Type != type ? s_byName[name].Type : null;
    }

    /// <summary>The names of registered classes of a kind.</summary>
    internal static IReadOnlyList<string> Names(Type kind)
    {
        lock (s_lock)
        {
            Fill();
            return [.. s_byName.Where(t => kind.IsAssignableFrom(t.Value.Type)).Select(t => t.Key)];
        }
    }

    private static bool Add<T>(string name) where T : class, ISaved<T>
    {
        lock (s_lock)
        {
            s_byType.TryAdd(typeof(T), name);
            return s_byName.TryAdd(name, new(typeof(T), static from => T.Create(from))) || s_byName[name].Type == typeof(T);
        }
    }

    // A source may be noted while another one runs.
    private static void Fill()
    {
        while (s_sources.Count > 0)
        {
            Action register = s_sources[0];
            s_sources.RemoveAt(0);
            register();
        }
    }

    /// <summary>A class, and what makes one from its options.</summary>
    internal sealed record SavedType(Type Type, Func<OptionReader, object> Create);
}
