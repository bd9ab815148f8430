using System.Globalization;

namespace Tunnelwright.Model.Rules;

/// <summary>Lists as messages show them.</summary>
internal static class Text
{
    /// <summary>"a, b or c".</summary>
    public static string Or(IEnumerable<string> items)
    {
        var list = items.ToList();
        return list.Count < 2 ? string.Concat(list) : $"{string.Join(", ", list.Take(list.Count - 1))} or {list[^1]}";
    }

    /// <summary>"group 2 or 14–24": runs are drawn together.</summary>
    public static string Groups(IEnumerable<DhGroup> groups)
    {
        var runs = new List<(int First, int Last)>();
        foreach (var number in groups.Select(group => group.Number).Order())
        {
            if (runs.Count > 0 && runs[^1].Last + 1 == number) runs[^1] = (runs[^1].First, number);
            else runs.Add((number, number));
        }

        return $"group {Or(runs.Select(run => run.First == run.Last ? run.First.ToString(CultureInfo.InvariantCulture) : $"{run.First}–{run.Last}"))}";
    }
}
