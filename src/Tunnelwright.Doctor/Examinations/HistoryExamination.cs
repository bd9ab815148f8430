using System.Globalization;

namespace Tunnelwright.Doctor;

/// <summary>Tells what happened lately and is over: a tunnel that came back, a daemon that was started anew.</summary>
internal sealed class HistoryExamination() : Examination("history")
{
    private const int Shown = 6;
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(10);

    public override Task LookAsync(Scene scene, ExaminationResult result, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        var told = scene.History
            .Where(happened => now - happened.At < Lately && happened.Cause is not null && (scene.Request.Only is not { } only || happened.Connection is null || happened.Connection == only))
            .GroupBy(happened => (happened.Tunnel, happened.Kind, happened.Cause))
            .Select(same => (Last: same.Last(), Count: same.Count()))
            .OrderBy(item => item.Last.At).TakeLast(Shown);
        foreach (var (last, count) in told)
        {
            var who = last.Tunnel is { } number ? $"tunnel {number}" : "the gateway";
            var age = (now - last.At).TotalSeconds;
            result.Pass(Name, string.Create(CultureInfo.InvariantCulture, $"{who}, {age:0} s ago{(count > 1 ? $", {count} times" : "")}: {last.Kind}, {last.Message} [{last.Cause}]"));
        }

        return Task.CompletedTask;
    }
}
