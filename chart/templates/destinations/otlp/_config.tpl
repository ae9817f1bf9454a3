{{/*
What speaks OpenTelemetry's protocol takes every signal that is not switched off; what was scraped or read for Prometheus and Loki is
translated. All passes: attributes → transform → filter → batch → memory limiter → exporter, the last four where they are enabled.
*/}}
{{- define "invar.destinations.otlp.signals" -}}
{{- $signals := list -}}
{{- range list "metrics" "logs" "traces" -}}
{{- if (get $.settings .).enabled -}}{{- $signals = append $signals . -}}{{- end -}}
{{- end -}}
{{- join " " $signals -}}
{{- end -}}
{{- define "invar.destinations.otlp.protocol" -}}otlp{{- end -}}
{{- define "invar.destinations.otlp.target" -}}
{{- if eq .protocol "otlp" -}}
otelcol.processor.attributes.{{ .destination.label }}.input
{{- else -}}
otelcol.receiver.{{ .protocol }}.{{ .destination.label }}.receiver
{{- end -}}
{{- end -}}

{{/* Input: plan; destination; collector; speaks. */}}
{{- define "invar.destinations.otlp.config" -}}
{{- $settings := .destination.settings -}}
{{- $processors := $settings.processors -}}
{{- $name := .destination.label -}}
{{- $stages := list (printf "otelcol.exporter.%s.%s" (ternary "otlp" "otlphttp" (eq $settings.protocol "grpc")) $name) -}}
{{- if $processors.memoryLimiter.enabled -}}{{- $stages = prepend $stages (printf "otelcol.processor.memory_limiter.%s" $name) -}}{{- end -}}
{{- if $processors.batch.enabled -}}{{- $stages = prepend $stages (printf "otelcol.processor.batch.%s" $name) -}}{{- end -}}
{{- if $processors.filters.enabled -}}{{- $stages = prepend $stages (printf "otelcol.processor.filter.%s" $name) -}}{{- end -}}
{{- $call := merge (dict "signals" (include "invar.destinations.otlp.signals" .destination | splitList " ")) . -}}
{{- include "invar.destinations.otlp.translation" . }}
otelcol.processor.attributes {{ $name | toRawJson }} {
  {{- range $processors.attributes.actions }}
  action {
    key = {{ .key | toRawJson }}
    action = {{ .action | toRawJson }}
    {{- if hasKey . "value" }}
    value = {{ .value | toRawJson }}
    {{- else if .valueFrom }}
    value = {{ .valueFrom }}
    {{- end }}
    {{- include "invar.config.optional" (list "pattern" .pattern) }}
    {{- include "invar.config.optional" (list "from_attribute" .fromAttribute) }}
    {{- include "invar.config.optional" (list "from_context" .fromContext) }}
    {{- include "invar.config.optional" (list "converted_type" .convertedType) }}
  }
  {{- end }}
  {{- include "invar.destinations.otlp.output" (merge (dict "to" (printf "otelcol.processor.transform.%s" $name)) $call) }}
}

otelcol.processor.transform {{ $name | toRawJson }} {
  error_mode = {{ $processors.transform.errorMode | toRawJson }}
  {{- include "invar.destinations.otlp.statements" $call }}
  {{- include "invar.destinations.otlp.output" (merge (dict "to" (first $stages)) $call) }}
}
{{- if $processors.filters.enabled }}
{{- $stages = rest $stages }}

otelcol.processor.filter {{ $name | toRawJson }} {
  error_mode = {{ $processors.filters.errorMode | toRawJson }}
  {{- include "invar.destinations.otlp.filters" $call }}
  {{- include "invar.destinations.otlp.output" (merge (dict "to" (first $stages)) $call) }}
}
{{- end }}
{{- if $processors.batch.enabled }}
{{- $stages = rest $stages }}

otelcol.processor.batch {{ $name | toRawJson }} {
  timeout = {{ $processors.batch.timeout | toRawJson }}
  send_batch_size = {{ int $processors.batch.size }}
  send_batch_max_size = {{ int $processors.batch.maxSize }}
  {{- include "invar.destinations.otlp.output" (merge (dict "to" (first $stages)) $call) }}
}
{{- end }}
{{- if $processors.memoryLimiter.enabled }}
{{- $stages = rest $stages }}

otelcol.processor.memory_limiter {{ $name | toRawJson }} {
  check_interval = {{ $processors.memoryLimiter.checkInterval | toRawJson }}
  limit = {{ $processors.memoryLimiter.limit | toRawJson }}
  {{- include "invar.destinations.otlp.output" (merge (dict "to" (first $stages)) $call) }}
}
{{- end }}
{{ include "invar.destinations.otlp.exporter" . }}
{{- end -}}

{{/* The block `output`, the same consumer for each signal. Input: signals; to, a component. */}}
{{- define "invar.destinations.otlp.output" }}
output {
  {{- range .signals }}
  {{ . }} = [{{ $.to }}.input]
  {{- end }}
}
{{- end -}}

{{/* The components that translate Prometheus' samples and Loki's lines, where any come. Input: destination; speaks. */}}
{{- define "invar.destinations.otlp.translation" -}}
{{- $name := .destination.label -}}
{{- if has "prometheus/metrics" .speaks }}
otelcol.receiver.prometheus {{ $name | toRawJson }} {
  output {
    metrics = [otelcol.processor.transform.{{ $name }}_scrape_normalize.input]
  }
}

// A scraped target's own word about its service stands before what the translation makes of its job.
otelcol.processor.transform {{ printf "%s_scrape_normalize" $name | toRawJson }} {
  error_mode = {{ .destination.settings.processors.transform.errorMode | toRawJson }}
  metric_statements {
    context = "resource"
    statements = [
      `set(attributes["service.name"], attributes["service_name"]) where attributes["service_name"] != nil and attributes["service_name"] != ""`,
      `delete_key(attributes, "service_name") where attributes["service_name"] == attributes["service.name"]`,
      {{- range list (list "service_namespace" "service.namespace") (list "deployment_environment" "deployment.environment") (list "deployment_environment_name" "deployment.environment.name") }}
      `set(attributes["{{ last . }}"], attributes["{{ first . }}"]) where (attributes["{{ last . }}"] == nil or attributes["{{ last . }}"] == "") and attributes["{{ first . }}"] != nil and attributes["{{ first . }}"] != ""`,
      `delete_key(attributes, "{{ first . }}") where attributes["{{ first . }}"] == attributes["{{ last . }}"]`,
      {{- end }}
    ]
  }
  metric_statements {
    context = "datapoint"
    statements = [
      `set(resource.attributes["service.name"], attributes["service_name"]) where attributes["service_name"] != nil and attributes["service_name"] != ""`,
    ]
  }
  output {
    metrics = [otelcol.processor.attributes.{{ $name }}.input]
  }
}
{{ end }}
{{- if has "loki/logs" .speaks }}
otelcol.receiver.loki {{ $name | toRawJson }} {
  output {
    logs = [otelcol.processor.attributes.{{ $name }}.input]
  }
}
{{ end }}
{{- end -}}
