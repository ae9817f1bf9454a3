{{/* Log lines made of spans. Input: plan; feature; collector; to, the consumer. */}}
{{- define "invar.features.applicationObservability.spanLogs" -}}
{{- $settings := .feature.settings.connectors.spanLogs }}

otelcol.connector.spanlogs "default" {
  {{- range $argument, $isOn := dict "spans" $settings.spans "roots" $settings.roots "processes" $settings.process }}
  {{- if $isOn }}
  {{ $argument }} = true
  {{- end }}
  {{- end }}
  {{- range $argument, $names := dict "span_attributes" $settings.spanAttributes "process_attributes" $settings.processAttributes "labels" $settings.labels }}
  {{- with $names }}
  {{ $argument }} = {{ include "invar.config.strings" . }}
  {{- end }}
  {{- end }}
  {{- with $settings.overrides }}
  overrides {
    {{- range $key, $value := . }}
    {{- include "invar.config.optional" (list $key $value) }}
    {{- end }}
  }
  {{- end }}
  output {
    logs = [{{ .to }}]
  }
}
{{- end -}}

{{/* Metrics made of spans. Input: plan; feature; collector; to, the consumer. */}}
{{- define "invar.features.applicationObservability.spanMetrics" -}}
{{- $settings := .feature.settings.connectors.spanMetrics -}}
{{- $skipped := list -}}
{{- if $settings.skipBeyla -}}
{{- $skipped = append $skipped "resource.attributes[\"span.metrics.skip\"] != nil or attributes[\"span.metrics.skip\"] != nil" -}}
{{- end -}}
{{- if $settings.skipInternal -}}
{{- $skipped = append $skipped "kind == 1" -}}
{{- end }}

otelcol.processor.filter "span_metrics_prefilter" {
  error_mode = "silent"
  {{- with $skipped }}
  traces {
    {{- include "invar.config.stringList" (dict "name" "span" "strings" .) }}
  }
  {{- end }}
  output {
    traces = [otelcol.connector.spanmetrics.default.input]
  }
}

otelcol.connector.spanmetrics "default" {
  {{- range $settings.dimensions }}
  dimension {
    name = {{ .name | toRawJson }}
    {{- include "invar.config.optional" (list "default" .default) }}
  }
  {{- end }}
  {{- with $settings.excludeDimensions }}
  exclude_dimensions = {{ include "invar.config.strings" . }}
  {{- end }}
  aggregation_cardinality_limit = {{ $settings.aggregationCardinalityLimit | int }}
  namespace = {{ $settings.namespace | toRawJson }}
  {{- include "invar.config.optional" (list "metrics_expiration" $settings.metricsExpiration) }}
  {{- include "invar.config.optional" (list "series_expiration" $settings.seriesExpiration) }}
  {{- if $settings.events.enabled }}
  events {
    enabled = true
  }
  {{- end }}
  {{- if $settings.exemplars.enabled }}
  exemplars {
    enabled = true
    {{- if $settings.exemplars.maxPerDataPoint }}
    max_per_data_point = {{ $settings.exemplars.maxPerDataPoint | int }}
    {{- end }}
  }
  {{- end }}
  histogram {
    disable = {{ not $settings.histogram.enabled }}
    unit = {{ $settings.histogram.unit | toRawJson }}
    {{- if eq $settings.histogram.type "explicit" }}
    explicit {
      buckets = {{ include "invar.config.strings" $settings.histogram.explicit.buckets }}
    }
    {{- else }}
    exponential {
      max_size = {{ $settings.histogram.exponential.maxSize | int }}
    }
    {{- end }}
  }
  output {
    metrics = [otelcol.processor.transform.span_metrics_transform.input]
  }
}

otelcol.processor.transform "span_metrics_transform" {
  {{- include "invar.config.statements" (list "metric" "resource" $settings.transforms.resource) }}
  {{- include "invar.config.statements" (list "metric" "metric" $settings.transforms.metric) }}
  metric_statements {
    context = "datapoint"
    // The collector's own name keeps apart the series that several of them count; an instance is named after its pod.
    statements = [
      `set(attributes["collector.id"], "` + constants.hostname + `")`,
      {{- range list "k8s.pod.name" "k8s.pod.uid" }}
      `set(resource.attributes["service.instance.id"], resource.attributes["{{ . }}"]) where resource.attributes["service.instance.id"] == nil and resource.attributes["{{ . }}"] != nil`,
      {{- end }}
      {{- range $settings.transforms.datapoint }}
      {{ include "invar.config.rawString" . }},
      {{- end }}
    ]
  }
  metric_statements {
    context = "scope"
    statements = [
      `set(resource.attributes["source"], "spanmetrics") where name == "spanmetricsconnector"`,
    ]
  }
  output {
    metrics = [{{ .to }}]
  }
}
{{- end -}}
