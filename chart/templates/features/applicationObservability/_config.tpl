{{/*
Receivers → memory limiter → attributes of the place → attributes of the pod → transforms → filters → batches → destinations. Connectors
make metrics and logs of the traces on their way.
Input of all here: plan; feature; collector.
*/}}
{{- define "invar.features.applicationObservability.config" -}}
{{- $settings := .feature.settings -}}
{{- $detectors := include "invar.features.applicationObservability.detectors" $settings | fromYamlArray -}}
{{- $hasFilter := include "invar.features.applicationObservability.hasFilter" $settings -}}
{{- $makesHosts := and $settings.connectors.grafanaCloudMetrics.enabled $settings.metrics.enabled $settings.traces.enabled -}}
{{- $pod := "otelcol.processor.k8sattributes.default.input" -}}
{{- $place := ternary "otelcol.processor.resourcedetection.default.input" $pod (not (empty $detectors)) -}}
{{- $door := ternary "otelcol.processor.memory_limiter.default.input" $place $settings.processors.memoryLimiter.enabled -}}
{{- $transform := "otelcol.processor.transform.default.input" -}}
{{- $batch := "otelcol.processor.batch.default.input" -}}
{{- $filter := ternary "otelcol.processor.filter.default.input" $batch (eq $hasFilter "true") -}}
declare "application_observability" {
  argument "metrics_destinations" {
    comment = "The consumers to which metrics go."
  }
  argument "logs_destinations" {
    comment = "The consumers to which logs go."
  }
  argument "traces_destinations" {
    comment = "The consumers to which traces go."
  }
  {{ include "invar.features.applicationObservability.receivers" (merge (dict "to" $door) .) }}
  {{- if $settings.processors.memoryLimiter.enabled }}

  otelcol.processor.memory_limiter "default" {
    check_interval = {{ $settings.processors.memoryLimiter.checkInterval | toRawJson }}
    limit = {{ $settings.processors.memoryLimiter.limit | toRawJson }}
    {{- include "invar.features.applicationObservability.output" (dict "settings" $settings "to" $place) }}
  }
  {{- end }}
  {{- if $detectors }}
  {{ include "invar.features.applicationObservability.resourceDetection" (merge (dict "detectors" $detectors "to" $pod) .) }}
  {{- end }}
  {{ include "invar.features.applicationObservability.k8sattributes" (merge (dict "to" $transform "traces" (ternary (list "otelcol.connector.host_info.default.input") list $makesHosts)) .) }}
  {{- if $makesHosts }}

  // A metric that names the hosts of traces.
  otelcol.connector.host_info "default" {
    host_identifiers = ["k8s.node.name"]
    output {
      metrics = [{{ $batch }}]
    }
  }
  {{- end }}
  {{- $made := list -}}
  {{- if $settings.connectors.spanLogs.enabled -}}{{- $made = append $made "otelcol.connector.spanlogs.default.input" -}}{{- end -}}
  {{- if $settings.connectors.spanMetrics.enabled -}}{{- $made = append $made "otelcol.processor.filter.span_metrics_prefilter.input" -}}{{- end }}
  {{ include "invar.features.applicationObservability.transform" (merge (dict "to" $filter "traces" $made) .) }}
  {{- if $settings.connectors.spanLogs.enabled }}
  {{ include "invar.features.applicationObservability.spanLogs" (merge (dict "to" $filter) .) }}
  {{- end }}
  {{- if $settings.connectors.spanMetrics.enabled }}
  {{ include "invar.features.applicationObservability.spanMetrics" (merge (dict "to" $filter) .) }}
  {{- end }}
  {{- if $hasFilter }}
  {{ include "invar.features.applicationObservability.filter" (merge (dict "to" $batch) .) }}
  {{- end }}

  otelcol.processor.batch "default" {
    send_batch_size = {{ $settings.processors.batch.size | int }}
    send_batch_max_size = {{ $settings.processors.batch.maxSize | int }}
    timeout = {{ $settings.processors.batch.timeout | toRawJson }}
    output {
      {{- if $settings.metrics.enabled }}
      metrics = {{ ternary "[otelcol.processor.interval.default.input]" "argument.metrics_destinations.value" $settings.processors.interval.enabled }}
      {{- end }}
      {{- if $settings.logs.enabled }}
      logs = argument.logs_destinations.value
      {{- end }}
      {{- if $settings.traces.enabled }}
      traces = argument.traces_destinations.value
      {{- end }}
    }
  }
  {{- if and $settings.processors.interval.enabled $settings.metrics.enabled }}

  otelcol.processor.interval "default" {
    interval = {{ $settings.processors.interval.interval | toRawJson }}
    passthrough {
      gauge = {{ $settings.processors.interval.passthrough.gauge }}
      summary = {{ $settings.processors.interval.passthrough.summary }}
    }
    output {
      metrics = argument.metrics_destinations.value
    }
  }
  {{- end }}
}

application_observability "feature" {
  {{- range $signal := list "metrics" "logs" "traces" }}
  {{- if (get $settings $signal).enabled }}
  {{- $targets := include "invar.destinations.targets" (merge (dict "signal" $signal "protocol" "otlp") $) | trim }}
  {{- if $targets }}
  {{ $signal }}_destinations = [
    {{ $targets }}
  ]
  {{- else }}
  {{ $signal }}_destinations = []
  {{- end }}
  {{- else }}
  {{ $signal }}_destinations = []
  {{- end }}
  {{- end }}
}
{{- end -}}

{{/* The block that says where each signal goes. Input: settings; to, a consumer; traces, more consumers of those (optional). */}}
{{- define "invar.features.applicationObservability.output" }}
output {
  {{- range $signal := list "metrics" "logs" "traces" }}
  {{- if (get $.settings $signal).enabled }}
  {{ $signal }} = [{{ join ", " (append (ternary ($.traces | default list) list (eq $signal "traces")) $.to) }}]
  {{- end }}
  {{- end }}
}
{{- end -}}
