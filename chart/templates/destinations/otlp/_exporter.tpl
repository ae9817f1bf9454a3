{{/* The exporter, and the component that authenticates it. Input: plan; destination; collector. */}}
{{- define "invar.destinations.otlp.exporter" -}}
{{- $settings := .destination.settings -}}
{{- $isHTTP := eq $settings.protocol "http" -}}
{{- $name := .destination.label -}}
{{- $call := dict "plan" .plan "collector" .collector "holder" .destination -}}
{{- $auth := get (dict "basic" "basic" "bearerToken" "bearer" "oauth2" "oauth2") (include "invar.destinations.authType" $settings) -}}
{{- $endpoint := $settings.urlFrom | default ($settings.url | toRawJson) }}

otelcol.exporter.{{ ternary "otlphttp" "otlp" $isHTTP }} {{ $name | toRawJson }} {
  {{- if $isHTTP }}
  {{- range list "metrics" "logs" "traces" }}
  {{- $signal := get $settings . }}
  {{- if and $signal.enabled $signal.path }}
  {{ . }}_endpoint = {{ ternary (printf "%s + %s" $endpoint (printf "/%s" (trimPrefix "/" $signal.path) | toRawJson)) (printf "%s/%s" (trimSuffix "/" $settings.url) (trimPrefix "/" $signal.path) | toRawJson) (ne $settings.urlFrom "") }}
  {{- end }}
  {{- end }}
  {{- else }}
  {{- include "invar.config.optional" (list "timeout" $settings.timeout) }}
  {{- end }}
  client {
    {{- if $isHTTP }}
    {{- include "invar.config.optional" (list "timeout" $settings.timeout) }}
    {{- include "invar.config.optional" (list "proxy_url" $settings.proxyURL) }}
    {{- end }}
    endpoint = {{ $endpoint }}
    {{- with $auth }}
    auth = otelcol.auth.{{ . }}.{{ $name }}.handler
    {{- end }}
    {{- include "invar.config.optional" (list "read_buffer_size" $settings.readBufferSize) }}
    {{- include "invar.config.optional" (list "write_buffer_size" $settings.writeBufferSize) }}
    {{- $expressions := $settings.extraHeadersFrom }}
    {{- with include "invar.secrets.read" (merge (dict "path" "tenantId" "open" true) $call) }}
    {{- $expressions = merge (dict "X-Scope-OrgID" .) $expressions }}
    {{- end }}
    {{- include "invar.config.table" (dict "name" "headers" "entries" $settings.extraHeaders "expressions" $expressions) }}
    {{- include "invar.config.tls" (merge (dict "path" "tls" "tls" $settings.tls "block" "tls") $call) }}
  }
  {{- include "invar.destinations.otlp.retry" $settings.retryOnFailure }}
  {{- include "invar.destinations.otlp.queue" $settings.sendingQueue }}
}
{{- if eq ($auth | default "") "basic" }}

otelcol.auth.basic {{ $name | toRawJson }} {
  username = {{ include "invar.secrets.read" (merge (dict "path" "auth.username" "open" true) $call) }}
  password = {{ include "invar.secrets.read" (merge (dict "path" "auth.password") $call) }}
}
{{- else if eq ($auth | default "") "bearer" }}

otelcol.auth.bearer {{ $name | toRawJson }} {
  {{- if $settings.auth.bearerTokenFile }}
  token = local.file.{{ $name }}_bearer_token_file.content
  {{- else }}
  token = {{ include "invar.secrets.read" (merge (dict "path" "auth.bearerToken") $call) }}
  {{- end }}
}
{{- with $settings.auth.bearerTokenFile }}

local.file {{ printf "%s_bearer_token_file" $name | toRawJson }} {
  filename = {{ . | toRawJson }}
  is_secret = true
}
{{- end }}
{{- else if eq ($auth | default "") "oauth2" }}
{{- $oauth2 := $settings.auth.oauth2 }}

otelcol.auth.oauth2 {{ $name | toRawJson }} {
  client_id = {{ include "invar.secrets.read" (merge (dict "path" "auth.oauth2.clientId" "open" true) $call) }}
  {{- if $oauth2.clientSecretFile }}
  client_secret_file = {{ $oauth2.clientSecretFile | toRawJson }}
  {{- else }}
  client_secret = {{ include "invar.secrets.read" (merge (dict "path" "auth.oauth2.clientSecret") $call) }}
  {{- end }}
  token_url = {{ $oauth2.tokenURL | toRawJson }}
  {{- include "invar.config.tableOfLists" (dict "name" "endpoint_params" "entries" $oauth2.endpointParams) }}
  {{- with $oauth2.scopes }}
  scopes = {{ include "invar.config.strings" . }}
  {{- end }}
  {{- include "invar.config.tls" (merge (dict "path" "auth.oauth2.tls" "tls" $oauth2.tls "block" "tls") $call) }}
}
{{- end }}
{{- end -}}

{{/* How requests are repeated. Input: retryOnFailure. */}}
{{- define "invar.destinations.otlp.retry" }}
retry_on_failure {
  enabled = {{ .enabled }}
  initial_interval = {{ .initialInterval | toRawJson }}
  max_interval = {{ .maxInterval | toRawJson }}
  max_elapsed_time = {{ .maxElapsedTime | toRawJson }}
}
{{- end -}}

{{/* The queue before the exporter, as far as it is set. Input: sendingQueue. */}}
{{- define "invar.destinations.otlp.queue" -}}
{{- $numbers := dict "num_consumers" .numConsumers "queue_size" .queueSize }}
sending_queue {
  enabled = {{ .enabled }}
  {{- if .enabled }}
  {{- range $name, $number := $numbers }}
  {{- if not (kindIs "invalid" $number) }}
  {{ $name }} = {{ int64 $number }}
  {{- end }}
  {{- end }}
  {{- if hasKey . "blockOnOverflow" }}
  block_on_overflow = {{ .blockOnOverflow }}
  {{- end }}
  {{- if hasKey . "waitForResult" }}
  wait_for_result = {{ .waitForResult }}
  {{- end }}
  {{- include "invar.config.optional" (list "sizer" .sizer) }}
  {{- with .storage }}
  storage = {{ . }}
  {{- end }}
  {{- if .batch.enabled }}
  batch {
    sizer = {{ .batch.sizer | toRawJson }}
    flush_timeout = {{ .batch.flushTimeout | toRawJson }}
    {{- range $name, $number := dict "min_size" .batch.minSize "max_size" .batch.maxSize }}
    {{- if not (kindIs "invalid" $number) }}
    {{ $name }} = {{ int64 $number }}
    {{- end }}
    {{- end }}
  }
  {{- end }}
  {{- end }}
}
{{- end -}}
