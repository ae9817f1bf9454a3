{{/* The collector's own output takes logs, to look at them. */}}
{{- define "invar.destinations.loki-stdout.signals" -}}logs{{- end -}}
{{- define "invar.destinations.loki-stdout.protocol" -}}loki{{- end -}}
{{- define "invar.destinations.loki-stdout.check" -}}{{- end -}}
{{- define "invar.destinations.loki-stdout.target" -}}
{{- if eq .protocol "otlp" -}}
otelcol.exporter.loki.{{ .destination.label }}.input
{{- else -}}
loki.{{ ternary "relabel" (ternary "process" "echo" (ne .destination.settings.logProcessingStages "")) (ne .destination.settings.logProcessingRules "") }}.{{ .destination.label }}.receiver
{{- end -}}
{{- end -}}

{{- define "invar.destinations.loki-stdout.config" -}}
{{- $label := .destination.label | toRawJson -}}
{{- if has "otlp/logs" .speaks }}
otelcol.exporter.loki {{ $label }} {
  forward_to = [{{ include "invar.destinations.loki-stdout.target" (dict "destination" .destination "protocol" "loki") }}]
}
{{ end }}
{{- with .destination.settings.logProcessingRules }}
loki.relabel {{ $label }} {
  {{ . }}
  forward_to = [loki.{{ ternary "process" "echo" (ne $.destination.settings.logProcessingStages "") }}.{{ $.destination.label }}.receiver]
}
{{ end }}
{{- with .destination.settings.logProcessingStages }}
loki.process {{ $label }} {
  {{ . }}
  forward_to = [loki.echo.{{ $.destination.label }}.receiver]
}
{{ end }}
loki.echo {{ $label }} { }
{{- end -}}
