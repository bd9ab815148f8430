using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Tunnelwright.Gateway;

/// <summary>Writes a meter's observable instruments in Prometheus's text format 0.0.4 (prometheus.io, "Exposition formats").</summary>
internal static class PrometheusPage
{
    /// <summary>The page's media type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>The page now, ordered by name.</summary>
    public static string Write(Meter meter)
    {
        var series = new SortedDictionary<string, (Instrument Instrument, List<(string Labels, double Value)> Values)>(StringComparer.Ordinal);
        using (var listener = new MeterListener())
        {
            listener.InstrumentPublished = (instrument, collector) =>
            {
                if (ReferenceEquals(instrument.Meter, meter) && instrument.IsObservable) collector.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
            listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
            listener.Start();
            listener.RecordObservableInstruments();
        }

        var page = new StringBuilder();
        foreach (var (name, (instrument, values)) in series)
        {
            page.Append("# HELP ").Append(name).Append(' ').Append(instrument.Description?.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
            page.Append("# TYPE ").Append(name).Append(IsCounter(instrument) ? " counter\n" : " gauge\n");
            foreach (var (labels, value) in values) page.Append(name).Append(labels).Append(' ').Append(Number(value)).Append('\n');
        }

        return page.ToString();

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (!series.TryGetValue(instrument.Name, out var known)) series[instrument.Name] = known = (instrument, []);
            known.Values.Add((Labels(tags), value));
        }
    }

    private static bool IsCounter(Instrument instrument) => instrument is ObservableCounter<long> or ObservableCounter<double>;

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length == 0) return "";
        var text = new StringBuilder("{");
        foreach (var (name, value) in tags)
        {
            if (text.Length > 1) text.Append(',');
            var escaped = Convert.ToString(value, CultureInfo.InvariantCulture)?.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append(name).Append("=\"").Append(escaped).Append('"');
        }

        return text.Append('}').ToString();
    }

    private static string Number(double value) =>
        double.IsNaN(value) ? "NaN" : double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);
}
