{{/* Takes every signal in every protocol, and drops it: components that pass nothing on. */}}
{{- define "invar.destinations.nop.signals" -}}
{{- $signals := list -}}
{{- range list "metrics" "logs" "traces" -}}
{{- if (get $.settings .).enabled -}}{{- $signals = append $signals . -}}{{- end -}}
{{- end -}}
{{- join " " $signals -}}
{{- end -}}
{{- define "invar.destinations.nop.protocol" -}}nop{{- end -}}
{{- define "invar.destinations.nop.check" -}}{{- end -}}
{{- define "invar.destinations.nop.target" -}}
{{- $components := dict
  "prometheus/metrics" "prometheus.relabel.%s.receiver"
  "otlp/metrics" "otelcol.exporter.prometheus.%s.input"
  "loki/logs" "loki.relabel.%s.receiver"
  "otlp/logs" "otelcol.exporter.loki.%s.input"
  "otlp/traces" "otelcol.connector.spanlogs.%s.input" -}}
{{- printf (get $components (printf "%s/%s" .protocol .signal)) .destination.label -}}
{{- end -}}

{{- define "invar.destinations.nop.config" -}}
{{- $label := .destination.label | toRawJson -}}
{{- $components := dict
  "prometheus/metrics" "prometheus.relabel"
  "otlp/metrics" "otelcol.exporter.prometheus"
  "loki/logs" "loki.relabel"
  "otlp/logs" "otelcol.exporter.loki" -}}
{{- range $spoken, $component := $components }}
{{- if has $spoken $.speaks }}
{{ $component }} {{ $label }} {
  forward_to = []
}
{{ end }}
{{- end }}
{{- if has "otlp/traces" .speaks }}
otelcol.connector.spanlogs {{ $label }} {
  output { }
}
{{ end }}
{{- end -}}
