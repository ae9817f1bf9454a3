{{/* Input of all here: plan; feature; collector. */}}
{{- define "invar.features.prometheusOperatorObjects.config" -}}
{{- $settings := .feature.settings -}}
declare "prometheus_operator_objects" {
  argument "metrics_destinations" {
    comment = "The receivers to which metrics go."
  }
  {{- if $settings.podMonitors.enabled }}
  {{ include "invar.features.prometheusOperatorObjects.kind" (merge (dict "kind" "podmonitors" "label" "pod_monitors" "job" "podMonitor" "settings" $settings.podMonitors) .) }}
  {{- end }}
  {{- if $settings.probes.enabled }}
  {{ include "invar.features.prometheusOperatorObjects.kind" (merge (dict "kind" "probes" "label" "probes" "job" "probe" "settings" $settings.probes) .) }}
  {{- end }}
  {{- if $settings.serviceMonitors.enabled }}
  {{ include "invar.features.prometheusOperatorObjects.kind" (merge (dict "kind" "servicemonitors" "label" "service_monitors" "job" "serviceMonitor" "settings" $settings.serviceMonitors) .) }}
  {{- end }}
}

prometheus_operator_objects "feature" {
  metrics_destinations = [
    {{ include "invar.destinations.targets" (merge (dict "signal" "metrics" "protocol" "prometheus") .) }}
  ]
}
{{- end -}}

{{/*
One kind of objects. Input besides: kind, as the component calls it; label, of the component; job, what job names of its targets begin
with; settings, of this kind.
*/}}
{{- define "invar.features.prometheusOperatorObjects.kind" -}}
{{- $settings := .settings -}}
{{- $changes := or $settings.metricsTuning.includeMetrics $settings.metricsTuning.excludeMetrics $settings.extraMetricProcessingRules }}

prometheus.operator.{{ .kind }} {{ .label | toRawJson }} {
  {{- if eq .kind "servicemonitors" }}
  kubernetes_role = "endpointslice"
  {{- end }}
  {{- with $settings.namespaces }}
  namespaces = {{ include "invar.config.strings" . }}
  {{- end }}
  forward_to = {{ ternary (printf "[prometheus.relabel.%s.receiver]" .kind) "argument.metrics_destinations.value" (not (empty $changes)) }}
  {{- if or $settings.labelSelectors $settings.labelExpressions }}
  selector {
    {{- include "invar.config.table" (dict "name" "match_labels" "entries" $settings.labelSelectors) }}
    {{- range $settings.labelExpressions }}
    match_expression {
      key = {{ .key | toRawJson }}
      operator = {{ .operator | default "In" | toRawJson }}
      {{- with .values }}
      values = {{ include "invar.config.strings" . }}
      {{- end }}
    }
    {{- end }}
  }
  {{- end }}
  {{- include "invar.config.clustering" nil }}
  scrape {
    default_scrape_interval = {{ $settings.scrapeInterval | default .plan.values.global.scrapeInterval | toRawJson }}
    default_scrape_timeout = {{ $settings.scrapeTimeout | default .plan.values.global.scrapeTimeout | toRawJson }}
    scrape_native_histograms = {{ .plan.values.global.scrapeNativeHistograms }}
  }
  {{- with $settings.excludeNamespaces }}
  rule {
    source_labels = ["job"]
    regex = {{ printf "%s/(%s)/.*" $.job (join "|" .) | toRawJson }}
    action = "drop"
  }
  {{- end }}
  {{ $settings.extraDiscoveryRules }}
}
{{- if $changes }}

prometheus.relabel {{ .kind | toRawJson }} {
  {{- include "invar.config.cacheSize" (dict "plan" .plan "settings" $settings) }}
  {{- include "invar.config.chooseMetrics" (dict "include" $settings.metricsTuning.includeMetrics "exclude" $settings.metricsTuning.excludeMetrics) }}
  {{ $settings.extraMetricProcessingRules }}
  forward_to = argument.metrics_destinations.value
}
{{- end }}
{{- end -}}
