using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Tunnelwright.Cloud;

/// <summary>Refuses null among the items of lists in bodies, which the serializer by itself lets through.</summary>
internal static class NoEmptyItems
{
    public static void Modify(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object) return;
        var lists = type.Properties.Where(property => property.Get is not null && property.PropertyType != typeof(string) && typeof(IEnumerable).IsAssignableFrom(property.PropertyType)).ToArray();
        if (lists.Length == 0) return;
        type.OnDeserialized = body =>
        {
            foreach (var list in lists)
            {
                if (list.Get!(body) is IEnumerable items && items.Cast<object?>().Contains(null)) throw new JsonException("An item of a list is null.", $"$.{list.Name}", null, null);
            }
        };
    }
}
