{{/* Loki takes logs, by its own push protocol; OpenTelemetry's logs are translated. */}}
{{- define "invar.destinations.loki.signals" -}}logs{{- end -}}
{{- define "invar.destinations.loki.protocol" -}}loki{{- end -}}
{{- define "invar.destinations.loki.target" -}}
{{- if eq .protocol "otlp" -}}
otelcol.exporter.loki.{{ .destination.label }}.input
{{- else -}}
loki.{{ ternary "process" "write" (ne .destination.settings.logProcessingStages "") }}.{{ .destination.label }}.receiver
{{- end -}}
{{- end -}}

{{- define "invar.destinations.loki.check" -}}
{{- include "invar.destinations.checkURL" (merge (dict "example" "https://loki.example.com/loki/api/v1/push") .) -}}
{{- include "invar.destinations.checkAuth" . -}}
{{- end -}}

{{- define "invar.destinations.loki.config" -}}
{{- $settings := .destination.settings -}}
{{- $label := .destination.label | toRawJson -}}
{{- $call := dict "plan" .plan "collector" .collector "holder" .destination -}}
{{- if has "otlp/logs" .speaks }}
otelcol.exporter.loki {{ $label }} {
  forward_to = [{{ include "invar.destinations.loki.target" (dict "destination" .destination "protocol" "loki") }}]
}
{{- end }}
{{ if $settings.logProcessingStages }}
loki.process {{ $label }} {
  {{ $settings.logProcessingStages }}
  forward_to = [loki.write.{{ .destination.label }}.receiver]
}
{{ end }}
loki.write {{ $label }} {
  endpoint {
    url = {{ $settings.urlFrom | default ($settings.url | toRawJson) }}
    {{- include "invar.config.optional" (list "remote_timeout" $settings.timeout) }}
    {{- if not $settings.retryOnHttp429 }}
    retry_on_http_429 = false
    {{- end }}
    {{- include "invar.config.optional" (list "batch_size" $settings.batchSize) }}
    {{- include "invar.config.optional" (list "batch_wait" $settings.batchWait) }}
    {{- with include "invar.secrets.read" (merge (dict "path" "tenantId" "open" true) $call) }}
    tenant_id = {{ . }}
    {{- end }}
    {{- include "invar.config.table" (dict "name" "headers" "entries" $settings.extraHeaders "expressions" $settings.extraHeadersFrom) }}
    min_backoff_period = {{ $settings.minBackoffPeriod | toRawJson }}
    max_backoff_period = {{ $settings.maxBackoffPeriod | toRawJson }}
    max_backoff_retries = {{ $settings.maxBackoffRetries | int }}
    {{- include "invar.config.httpClient" $call }}
  }
  {{- include "invar.config.externalLabels" (dict "plan" .plan "settings" $settings) }}
  {{- if $settings.writeAheadLog.enabled }}
  wal {
    enabled = true
    {{- include "invar.config.changed" (dict "settings" (omit $settings.writeAheadLog "enabled") "defaults" .plan.defaults.destinations.loki.writeAheadLog) }}
  }
  {{- end }}
}
{{- end -}}
