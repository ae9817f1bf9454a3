{{/* What applications send to. Input: plan; feature; collector; to, the consumer. */}}
{{- define "invar.features.applicationObservability.receivers" -}}
{{- $settings := .feature.settings -}}
{{- $otlp := $settings.receivers.otlp -}}
{{- $jaeger := $settings.receivers.jaeger -}}
{{- $zipkin := $settings.receivers.zipkin -}}
{{- if or $otlp.grpc.enabled $otlp.http.enabled }}

otelcol.receiver.otlp "receiver" {
  {{- with $otlp.grpc }}
  {{- if .enabled }}
  grpc {
    endpoint = {{ printf "0.0.0.0:%d" (int .port) | toRawJson }}
    include_metadata = {{ .includeMetadata }}
    max_recv_msg_size = {{ .maxReceivedMessageSize | toRawJson }}
    {{- if .maxConcurrentStreams }}
    max_concurrent_streams = {{ .maxConcurrentStreams | int }}
    {{- end }}
    read_buffer_size = {{ .readBufferSize | toRawJson }}
    write_buffer_size = {{ .writeBufferSize | toRawJson }}
    {{- include "invar.features.applicationObservability.keepalive" .keepalive }}
  }
  {{- end }}
  {{- end }}
  {{- with $otlp.http }}
  {{- if .enabled }}
  http {
    endpoint = {{ printf "0.0.0.0:%d" (int .port) | toRawJson }}
    include_metadata = {{ .includeMetadata }}
    max_request_body_size = {{ .maxRequestBodySize | toRawJson }}
  }
  {{- end }}
  {{- end }}
  debug_metrics {
    disable_high_cardinality_metrics = {{ not $otlp.includeDebugMetrics }}
  }
  {{- include "invar.features.applicationObservability.output" (dict "settings" $settings "to" .to) }}
}
{{- end }}
{{- if or $jaeger.grpc.enabled $jaeger.thriftBinary.enabled $jaeger.thriftCompact.enabled $jaeger.thriftHttp.enabled }}

otelcol.receiver.jaeger "receiver" {
  protocols {
    {{- range $protocol := list (list "grpc" $jaeger.grpc) (list "thrift_binary" $jaeger.thriftBinary) (list "thrift_compact" $jaeger.thriftCompact) (list "thrift_http" $jaeger.thriftHttp) }}
    {{- if (last $protocol).enabled }}
    {{ first $protocol }} {
      endpoint = {{ printf "0.0.0.0:%d" (int (last $protocol).port) | toRawJson }}
    }
    {{- end }}
    {{- end }}
  }
  debug_metrics {
    disable_high_cardinality_metrics = {{ not $jaeger.includeDebugMetrics }}
  }
  output {
    traces = [{{ .to }}]
  }
}
{{- end }}
{{- if $zipkin.enabled }}

otelcol.receiver.zipkin "receiver" {
  endpoint = {{ printf "0.0.0.0:%d" (int $zipkin.port) | toRawJson }}
  debug_metrics {
    disable_high_cardinality_metrics = {{ not $zipkin.includeDebugMetrics }}
  }
  output {
    traces = [{{ .to }}]
  }
}
{{- end }}
{{- end -}}

{{/* How connections are watched, where anything is set. Input: the settings of keepalive. */}}
{{- define "invar.features.applicationObservability.keepalive" -}}
{{- $server := .serverParameters -}}
{{- $clients := .enforcementPolicy -}}
{{- $hasServer := or $server.maxConnectionAge $server.maxConnectionAgeGrace $server.maxConnectionIdle $server.time $server.timeout -}}
{{- $hasClients := or $clients.minTime $clients.permitWithoutStream -}}
{{- if or $hasServer $hasClients }}
keepalive {
  {{- if $hasServer }}
  server_parameters {
    {{- include "invar.config.optional" (list "max_connection_age" $server.maxConnectionAge) }}
    {{- include "invar.config.optional" (list "max_connection_age_grace" $server.maxConnectionAgeGrace) }}
    {{- include "invar.config.optional" (list "max_connection_idle" $server.maxConnectionIdle) }}
    {{- include "invar.config.optional" (list "time" $server.time) }}
    {{- include "invar.config.optional" (list "timeout" $server.timeout) }}
  }
  {{- end }}
  {{- if $hasClients }}
  enforcement_policy {
    {{- include "invar.config.optional" (list "min_time" $clients.minTime) }}
    {{- if $clients.permitWithoutStream }}
    permit_without_stream = true
    {{- end }}
  }
  {{- end }}
}
{{- end }}
{{- end -}}
