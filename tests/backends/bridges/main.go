// Reads cases in JSON from standard input and writes what the OpenTelemetry Collector's own translators make of them.
package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/grafana/loki/pkg/push"
	lokitranslator "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/loki"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/prometheus"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/prometheusremotewrite"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/prompb"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

type name struct {
	Name, Unit, Kind string
}

type line struct {
	Labels   map[string]string
	Seconds  int64
	Nanos    int64
	Line     string
	Metadata [][2]string
}

type input struct {
	Names   []name
	Labels  []string
	Units   []string
	Logs    []json.RawMessage
	Lines   []line
	Metrics []json.RawMessage
}

type output struct {
	Names   [][2]string `json:"names"`
	Labels  []string    `json:"labels"`
	Units   []string    `json:"units"`
	Logs    [][]string  `json:"logs"`
	Lines   []string    `json:"lines"`
	Metrics [][]string  `json:"metrics"`
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Println("bridges")
		return
	}
	var in input
	must(json.NewDecoder(os.Stdin).Decode(&in))
	var out output
	for _, each := range in.Names {
		metric := pmetric.NewMetric()
		metric.SetName(each.Name)
		metric.SetUnit(each.Unit)
		switch each.Kind {
		case "gauge":
			metric.SetEmptyGauge()
		case "counter":
			metric.SetEmptySum().SetIsMonotonic(true)
		default:
			metric.SetEmptyHistogram()
		}
		out.Names = append(out.Names, [2]string{
			prometheus.BuildCompliantName(metric, "", true),
			prometheus.BuildCompliantName(metric, "", false),
		})
	}
	for _, each := range in.Labels {
		out.Labels = append(out.Labels, prometheus.NormalizeLabel(each))
	}
	for _, each := range in.Units {
		out.Units = append(out.Units, prometheus.UnitWordToUCUM(each))
	}
	for _, each := range in.Logs {
		out.Logs = append(out.Logs, linesOf(each))
	}
	for _, each := range in.Lines {
		out.Lines = append(out.Lines, recordOf(each))
	}
	for _, each := range in.Metrics {
		out.Metrics = append(out.Metrics, samplesOf(each))
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	must(encoder.Encode(out))
}

func linesOf(request json.RawMessage) []string {
	unmarshaler := plog.JSONUnmarshaler{}
	logs, err := unmarshaler.UnmarshalLogs(request)
	must(err)
	lines := []string{}
	for _, resource := range logs.ResourceLogs().All() {
		for _, scope := range resource.ScopeLogs().All() {
			for _, record := range scope.LogRecords().All() {
				entry, err := lokitranslator.LogToLokiEntry(record, resource.Resource(), scope.Scope(), nil)
				if err != nil {
					lines = append(lines, "failed")
					continue
				}
				labels := map[string]string{}
				for name, value := range entry.Labels {
					if value != "" {
						labels[string(name)] = string(value)
					}
				}
				lines = append(lines, fmt.Sprintf("%s %d.%d %s", sorted(labels), entry.Entry.Timestamp.Unix(), entry.Entry.Timestamp.Nanosecond(), entry.Entry.Line))
			}
		}
	}
	return lines
}

func recordOf(in line) string {
	labels := model.LabelSet{}
	for name, value := range in.Labels {
		labels[model.LabelName(name)] = model.LabelValue(value)
	}
	entry := push.Entry{Timestamp: time.Unix(in.Seconds, in.Nanos), Line: in.Line}
	for _, pair := range in.Metadata {
		entry.StructuredMetadata = append(entry.StructuredMetadata, push.LabelAdapter{Name: pair[0], Value: pair[1]})
	}
	record := plog.NewLogRecord()
	lokitranslator.ConvertEntryToLogRecord(&entry, &record, labels, true)
	attributes := map[string]string{}
	for name, value := range record.Attributes().All() {
		attributes[name] = value.AsString()
	}
	return fmt.Sprintf("%s %d %s", sorted(attributes), uint64(record.Timestamp()), record.Body().AsString())
}

func samplesOf(request json.RawMessage) []string {
	unmarshaler := pmetric.JSONUnmarshaler{}
	metrics, err := unmarshaler.UnmarshalMetrics(request)
	must(err)
	// What can't be converted is an error beside what can.
	series, _ := prometheusremotewrite.FromMetrics(metrics, prometheusremotewrite.Settings{AddMetricSuffixes: true, DisableTargetInfo: true})
	lines := []string{}
	for _, each := range series {
		labels := map[string]string{}
		for _, label := range each.Labels {
			labels[label.Name] = label.Value
		}
		for _, sample := range each.Samples {
			text := "stale"
			if !value.IsStaleNaN(sample.Value) {
				text = fmt.Sprint(sample.Value)
			}
			lines = append(lines, fmt.Sprintf("%s %s@%d", sorted(labels), text, sample.Timestamp))
		}
		for _, each := range each.Histograms {
			lines = append(lines, fmt.Sprintf("%s %s", sorted(labels), histogramText(each)))
		}
	}
	sort.Strings(lines)
	return lines
}

func histogramText(h prompb.Histogram) string {
	side := func(spans []prompb.BucketSpan, deltas []int64) string {
		var parts []string
		for _, span := range spans {
			parts = append(parts, fmt.Sprintf("%d:%d", span.Offset, span.Length))
		}
		counts := []string{}
		total := int64(0)
		for _, delta := range deltas {
			total += delta
			counts = append(counts, fmt.Sprint(total))
		}
		return strings.Join(parts, ",") + "[" + strings.Join(counts, " ") + "]"
	}
	if math.Float64bits(h.Sum) == value.StaleNaN {
		return fmt.Sprintf("stale@%d", h.Timestamp)
	}
	return fmt.Sprintf("schema=%d count=%d sum=%v zero=%d +%s -%s@%d", h.Schema, h.GetCountInt(), h.Sum, h.GetZeroCountInt(),
		side(h.PositiveSpans, h.PositiveDeltas), side(h.NegativeSpans, h.NegativeDeltas), h.Timestamp)
}

func sorted(labels map[string]string) string {
	names := make([]string, 0, len(labels))
	for name := range labels {
		names = append(names, name)
	}
	sort.Strings(names)
	parts := make([]string, 0, len(names))
	for _, name := range names {
		encoded, err := json.Marshal(labels[name])
		must(err)
		parts = append(parts, name+"="+string(encoded))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
