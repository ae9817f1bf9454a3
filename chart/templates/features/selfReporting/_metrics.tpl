{{/* Metrics about the release, in the text format: its version, its features, its collectors. Input: the plan. */}}
{{- define "invar.features.selfReporting.metrics" -}}
{{- $version := .root.Chart.Version -}}
# HELP grafana_kubernetes_monitoring_build_info The version of the chart.
# TYPE grafana_kubernetes_monitoring_build_info gauge
{{- $build := dict "version" $version "namespace" (include "invar.namespace" .) }}
{{- with .values.global.platform }}{{ $_ := set $build "platform" . }}{{ end }}
grafana_kubernetes_monitoring_build_info{{ include "invar.features.selfReporting.labels" $build }} 1
# HELP grafana_kubernetes_monitoring_feature_info A feature that is enabled.
# TYPE grafana_kubernetes_monitoring_feature_info gauge
{{- range $feature := .features }}
{{- if not $feature.isExtra }}
{{- $labels := dict "feature" ($feature.part | default $feature.key) "version" $version }}
{{- with $feature.settings.source }}{{ $_ := set $labels "source" . }}{{ end }}
{{- with $feature.tells }}{{ $_ := set $labels (first .) (include "invar.features.selfReporting.on" (list $feature.settings (rest .))) }}{{ end }}
grafana_kubernetes_monitoring_feature_info{{ include "invar.features.selfReporting.labels" $labels }} 1
{{- end }}
{{- end }}
# HELP grafana_kubernetes_monitoring_collector_info A collector that runs.
# TYPE grafana_kubernetes_monitoring_collector_info gauge
{{- range $name, $collector := .collectors }}
{{- $labels := dict "name" $name "type" "alloy" "kind" $collector.kind "presets" (join "," $collector.settings.presets) }}
{{- if ne $collector.kind "daemonset" }}{{ $_ := set $labels "replicas" (int $collector.settings.controller.replicas | toString) }}{{ end }}
grafana_kubernetes_monitoring_collector_info{{ include "invar.features.selfReporting.labels" $labels }} 1
{{- end }}
# EOF
{{ end -}}

{{/* The names of what is on, joined by commas. Input: a list of the settings, and of names or {name, at}. */}}
{{- define "invar.features.selfReporting.on" -}}
{{- $names := list -}}
{{- $settings := first . -}}
{{- range last . -}}
{{- $name := . -}}
{{- $at := . -}}
{{- if kindIs "map" . -}}{{- $name = .name -}}{{- $at = .at -}}{{- end -}}
{{- if include "invar.features.isOn" (list $settings (printf "%s.enabled" $at)) -}}{{- $names = append $names $name -}}{{- end -}}
{{- end -}}
{{- join "," $names -}}
{{- end -}}

{{/* The labels of a metric. Input: name → value. */}}
{{- define "invar.features.selfReporting.labels" -}}
{{- $labels := list -}}
{{- range $name, $value := . -}}{{- $labels = append $labels (printf "%s=%s" $name ($value | toString | toRawJson)) -}}{{- end -}}
{ {{- join ", " $labels -}} }
{{- end -}}
