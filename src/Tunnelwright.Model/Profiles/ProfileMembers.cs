using System.Text.Json;

namespace Tunnelwright.Model;

/// <summary>The members of a JSON object of a profile, read strictly: none missing, none unknown, none of another kind.</summary>
internal sealed class ProfileMembers(JsonElement element, string path)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>Reads an object's members and refuses those that nobody asked for.</summary>
    public T All<T>(Func<T> read)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Wrong(path, "must be an object");
        var value = read();
        foreach (var member in element.EnumerateObject())
        {
            if (!_read.Contains(member.Name)) throw Wrong(PathOf(member.Name), "is not known");
        }

        return value;
    }

    public T Section<T>(string name, Func<ProfileMembers, T> read)
    {
        var members = new ProfileMembers(Member(name), PathOf(name));
        return members.All(() => read(members));
    }

    public string Text(string name) => Text(Member(name), PathOf(name));

    public int Number(string name) => Number(Member(name), PathOf(name));

    public bool Flag(string name) => Member(name).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(PathOf(name), "must be true or false"),
    };

    public string[] Texts(string name) => Items(name, Text);

    public int[] Numbers(string name) => Items(name, Number);

    private T[] Items<T>(string name, Func<JsonElement, string, T> read)
    {
        var list = Member(name);
        if (list.ValueKind != JsonValueKind.Array) throw Wrong(PathOf(name), "must be a list");
        var items = new T[list.GetArrayLength()];
        var index = 0;
        foreach (var item in list.EnumerateArray()) items[index++] = read(item, PathOf(name));
        return items;
    }

    private static string Text(JsonElement value, string where) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong(where, "must be a text");

    private static int Number(JsonElement value, string where) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : throw Wrong(where, "must be a whole number");

    private JsonElement Member(string name)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out var member)) throw Wrong(PathOf(name), "is missing");
        _read.Add(name);
        return member;
    }

    private string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static ProfileException Wrong(string where, string what) => new($"The requirement profile is not of a profile's shape: {(where.Length == 0 ? "it" : where)} {what}.");
}
