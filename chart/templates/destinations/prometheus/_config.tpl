{{/* Prometheus takes metrics, by remote write; OpenTelemetry's metrics are translated. */}}
{{- define "invar.destinations.prometheus.signals" -}}metrics{{- end -}}
{{- define "invar.destinations.prometheus.protocol" -}}prometheus{{- end -}}
{{- define "invar.destinations.prometheus.target" -}}
{{- $enrichment := .destination.settings.metricEnrichment -}}
{{- if eq .protocol "otlp" -}}
otelcol.exporter.prometheus.{{ .destination.label }}.input
{{- else -}}
prometheus.{{ ternary "relabel" "remote_write" (or $enrichment.namespaceLabels $enrichment.podLabels | empty | not) }}.{{ .destination.label }}.receiver
{{- end -}}
{{- end -}}

{{- define "invar.destinations.prometheus.check" -}}
{{- include "invar.destinations.checkURL" (merge (dict "example" "https://prometheus.example.com/api/v1/write") .) -}}
{{- include "invar.destinations.checkAuth" . -}}
{{- if .destination.settings.rules.enabled -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.rules.enabled is true; rules for Mimir's ruler are not there yet." .destination.where) "set" (list "destinations:" (printf "  %s:" .destination.name) "    rules:" "      enabled: false")) -}}
{{- end -}}
{{- end -}}

{{- define "invar.destinations.prometheus.config" -}}
{{- $settings := .destination.settings -}}
{{- $label := .destination.label | toRawJson -}}
{{- $conversion := $settings.openTelemetryConversion -}}
{{- $call := dict "plan" .plan "collector" .collector "holder" .destination -}}
{{- if has "otlp/metrics" .speaks }}
otelcol.exporter.prometheus {{ $label }} {
  add_metric_suffixes = {{ $conversion.addMetricSuffixes }}
  resource_to_telemetry_conversion = {{ $conversion.resourceToTelemetryConversion }}
  keep_identifying_resource_attributes = {{ $conversion.keepIdentifyingResourceAttributes }}
  forward_to = [{{ include "invar.destinations.prometheus.target" (dict "destination" .destination "protocol" "prometheus") }}]
}
{{ end }}
{{- include "invar.destinations.prometheus.enrichment" . }}
prometheus.remote_write {{ $label }} {
  endpoint {
    url = {{ $settings.urlFrom | default ($settings.url | toRawJson) }}
    {{- if $settings.protobufMessage }}
    protobuf_message = {{ $settings.protobufMessage | toRawJson }}
    {{- else if eq (int $settings.remoteWriteProtocol) 2 }}
    protobuf_message = "io.prometheus.write.v2.Request"
    {{- end }}
    {{- $tenant := include "invar.secrets.read" (merge (dict "path" "tenantId" "open" true) $call) }}
    {{- $expressions := $settings.extraHeadersFrom }}
    {{- if and $tenant (ne (include "invar.destinations.authType" $settings) "sigv4") }}
    {{- $expressions = merge (dict "X-Scope-OrgID" $tenant) $expressions }}
    {{- end }}
    {{- include "invar.config.table" (dict "name" "headers" "entries" $settings.extraHeaders "expressions" $expressions) }}
    {{- if $settings.sendNativeHistograms }}
    send_native_histograms = true
    {{- end }}
    {{- include "invar.config.httpClient" $call }}
    queue_config {
      capacity = {{ int $settings.queueConfig.capacity }}
      min_shards = {{ int $settings.queueConfig.minShards }}
      max_shards = {{ int $settings.queueConfig.maxShards }}
      max_samples_per_send = {{ int $settings.queueConfig.maxSamplesPerSend }}
      batch_send_deadline = {{ $settings.queueConfig.batchSendDeadline | toRawJson }}
      min_backoff = {{ $settings.queueConfig.minBackoff | toRawJson }}
      max_backoff = {{ $settings.queueConfig.maxBackoff | toRawJson }}
      retry_on_http_429 = {{ $settings.queueConfig.retryOnHttp429 }}
      sample_age_limit = {{ $settings.queueConfig.sampleAgeLimit | toRawJson }}
    }
    {{- if $settings.metricEnrichment.podLabels }}
    write_relabel_config {
      regex = "__meta_kubernetes_namespace_pod"
      action = "labeldrop"
    }
    {{- end }}
    {{ $settings.metricProcessingRules }}
  }
  {{- with include "invar.config.changed" (dict "settings" $settings.writeAheadLog "defaults" .plan.defaults.destinations.prometheus.writeAheadLog) }}
  wal {
    {{- . }}
  }
  {{- end }}
  {{- include "invar.config.externalLabels" (dict "plan" .plan "settings" $settings) }}
}
{{- end -}}

{{/*
Copies labels of namespaces and pods to the series that name them. Input: plan; destination; collector.
*/}}
{{- define "invar.destinations.prometheus.enrichment" -}}
{{- $enrichment := .destination.settings.metricEnrichment -}}
{{- $name := .destination.label -}}
{{- if or $enrichment.namespaceLabels $enrichment.podLabels }}
discovery.kubernetes {{ $name | toRawJson }} {
  role = "pod"
  {{- if $enrichment.namespaceLabels }}
  attach_metadata {
    namespace = true
  }
  {{- else }}
  selectors {
    role = "pod"
    label = {{ join "," $enrichment.podLabels | toRawJson }}
  }
  {{- end }}
}

discovery.relabel {{ $name | toRawJson }} {
  targets = discovery.kubernetes.{{ $name }}.targets
  {{- if $enrichment.podLabels }}
  rule {
    source_labels = ["__meta_kubernetes_namespace", "__meta_kubernetes_pod_name"]
    regex = "(.+;.+)"
    target_label = "__meta_kubernetes_namespace_pod"
  }
  {{- end }}
  {{- range $enrichment.podLabels }}
  rule {
    source_labels = [{{ include "invar.podLabel" . | toRawJson }}]
    target_label = {{ . | toRawJson }}
  }
  {{- end }}
  {{- range $enrichment.namespaceLabels }}
  rule {
    source_labels = [{{ printf "__meta_kubernetes_namespace_label_%s" (include "invar.labelName" .) | toRawJson }}]
    target_label = {{ . | toRawJson }}
  }
  {{- end }}
}

prometheus.relabel {{ $name | toRawJson }} {
  rule {
    source_labels = ["namespace", "pod"]
    regex = "(.+;.+)"
    target_label = "__meta_kubernetes_namespace_pod"
  }
  forward_to = [prometheus.enrich.{{ $name }}_{{ ternary "ns" "pod" (not (empty $enrichment.namespaceLabels)) }}.receiver]
}
{{- if $enrichment.namespaceLabels }}

prometheus.enrich {{ printf "%s_ns" $name | toRawJson }} {
  targets = discovery.relabel.{{ $name }}.output
  target_match_label = "__meta_kubernetes_namespace"
  metrics_match_label = "namespace"
  labels_to_copy = {{ include "invar.config.strings" $enrichment.namespaceLabels }}
  forward_to = [{{ ternary "prometheus.remote_write" "prometheus.enrich" (empty $enrichment.podLabels) }}.{{ $name }}{{ ternary "" "_pod" (empty $enrichment.podLabels) }}.receiver]
}
{{- end }}
{{- if $enrichment.podLabels }}

prometheus.enrich {{ printf "%s_pod" $name | toRawJson }} {
  targets = discovery.relabel.{{ $name }}.output
  target_match_label = "__meta_kubernetes_namespace_pod"
  labels_to_copy = {{ include "invar.config.strings" $enrichment.podLabels }}
  forward_to = [prometheus.remote_write.{{ $name }}.receiver]
}
{{- end }}
{{ end }}
{{- end -}}
