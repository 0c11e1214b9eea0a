using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Lamina.Tasks.Rows;

/// <summary>A table, or the result of a query, of an SQLite database that is opened read-only.</summary>
internal static class SqliteRows
{
    private const int Busy = 5, Locked = 6, PatienceSeconds = 2;

    /// <summary>Whether a file begins as databases do.</summary>
    public static bool Is(ReadOnlySpan<byte> head) => head.StartsWith("SQLite format 3\0"u8);

    /// <summary>Opens a table or a query.</summary>
    /// <exception cref="DataException">The database is locked or damaged, has no such table, or the query is wrong or writes.</exception>
    public static RowSource Open(RowInput input, RowOptions options)
    {
        if (input.Path is null || input.IsPacked)
            throw new DataException(input.Name, "is an SQLite database, which can't be read through a pipe or packed", "the file itself");
        if (options is { Table: not null, Query: not null })
            throw new DataException(input.Name, "is to be read by a table and a query at once", "one of the two");
        try
        {
            using SqliteConnection connection = Connect(input.Path);
            string query = options.Query ?? $"SELECT * FROM {Quote(Table(connection, input.Name, options.Table))}";
            string[] columns = Columns(connection, input.Name, query);
            return new DataReaderRows(input.Name, columns, () => Read(input, query), e => e is SqliteException or FormatException);
        }
        catch (SqliteException e)
        {
            throw Fault(input.Name, e, options.Query);
        }
    }

    private static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = PatienceSeconds,
        }.ToString());
        connection.Open();
        return connection;
    }

    private static SqliteDataReader Read(RowInput input, string query)
    {
        SqliteConnection connection = Connect(input.Path!);
        try
        {
            // Not disposed here, which would close the reader: its connection takes it along.
            SqliteCommand command = connection.CreateCommand();
            command.CommandText = query;
            return command.ExecuteReader(System.Data.CommandBehavior.CloseConnection);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw Fault(input.Name, e, query);
        }
    }

    private static string Table(SqliteConnection connection, string name, string? table)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') "
            + "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name";
        var names = new List<string>();
        int tables = 0;
        using (SqliteDataReader reader = command.ExecuteReader())
        {
            for (; reader.Read(); names.Add(reader.GetString(0)))
                if (reader.GetString(1) == "table") tables++;
        }
        if (names.Count == 0) throw new DataException(name, "is a database without tables", "a database with a table in it");
        if (table is null) return tables == 1 || names.Count == 1
            ? names[0]
            : throw new DataException(name, $"has several tables: {Wording.Names(names)}", "naming one of them, or a query");
        // As SQLite compares names.
        return names.FirstOrDefault(n => n.Equals(table, StringComparison.OrdinalIgnoreCase))
            ?? throw new DataException(name, $"has no table '{table}', only {Wording.Names(names)}",
                NearName.Find(table, names) is { } near ? $"'{near}'" : "one of these");
    }

    // Compiles the query without running it: it must be one statement that reads.
    private static string[] Columns(SqliteConnection connection, string name, string query)
    {
        int code = raw.sqlite3_prepare_v2(connection.Handle, query, out sqlite3_stmt statement, out string rest);
        SqliteException.ThrowExceptionForRC(code, connection.Handle);
        using (statement)
        {
            if (statement.IsInvalid) throw new DataException(name, "can't be read by an empty query", "a SELECT");
            if (raw.sqlite3_stmt_readonly(statement) == 0) throw new DataException(name, "is opened read-only, and the query writes", "a SELECT");
            if (!IsBlank(connection, rest)) throw new DataException(name, "takes one statement, and the query has several", "the SELECT alone");
            int count = raw.sqlite3_column_count(statement);
            if (count == 0) throw new DataException(name, "is read by a query that has no result", "a SELECT");
            return [.. Enumerable.Range(0, count).Select(i => raw.sqlite3_column_name(statement, i).utf8_to_string())];
        }
    }

    // Blanks and comments compile to nothing.
    private static bool IsBlank(SqliteConnection connection, string sql)
    {
        if (string.IsNullOrWhiteSpace(sql)) return true;
        if (raw.sqlite3_prepare_v2(connection.Handle, sql, out sqlite3_stmt statement, out string rest) != raw.SQLITE_OK) return false;
        using (statement) return statement.IsInvalid && (rest.Length == 0 || rest.Length < sql.Length && IsBlank(connection, rest));
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static DataException Fault(string name, SqliteException e, string? query)
    {
        string what = e.Message.Split('\n')[0];
        return e.SqliteErrorCode switch
        {
            Busy or Locked => new(name, "is locked by another program that writes to it", "again when that is done, or a copy of the file", e),
            raw.SQLITE_ERROR when query is not null => new(name, $"can't answer the query: {what}", "mending the query", e),
            raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN => new(name, $"can't be opened read-only: {what}",
                "a copy of the file, with the -wal file beside it where there is one", e),
            _ => new(name, $"can't be read as an SQLite database: {what}", "a file that is whole", e),
        };
    }
}
