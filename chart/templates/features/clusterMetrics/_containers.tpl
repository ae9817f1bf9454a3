{{/* Rules for the metrics of containers. Input: the settings of metricsTuning. */}}
{{- define "invar.features.clusterMetrics.containerRules" -}}
{{- if .dropEmptyContainerLabels }}
// Sums over a pod's containers, which have no name.
rule {
  source_labels = ["__name__", "container"]
  separator = "@"
  regex = "(container_cpu_.*|container_fs_.*|container_memory_.*|container_pressure_.*)@"
  action = "drop"
}
{{- end }}
{{- if .dropEmptyImageLabels }}
// Control groups that are no container.
rule {
  source_labels = ["__name__", "image"]
  separator = "@"
  regex = "(container_cpu_.*|container_fs_.*|container_memory_.*|container_network_.*|container_pressure_.*)@"
  action = "drop"
}
{{- end }}
{{- range $metric := .normalizeUnnecessaryLabels }}
{{- range $label := $metric.labels }}
rule {
  source_labels = ["__name__", {{ $label | toRawJson }}]
  separator = "@"
  regex = {{ printf "%s@.*" $metric.metric | toRawJson }}
  target_label = {{ $label | toRawJson }}
  replacement = "NA"
}
{{- end }}
{{- end }}
{{- with .keepPhysicalFilesystemDevices }}
{{- include "invar.features.clusterMetrics.keepDevices" (dict "metrics" "container_fs_.*" "label" "device" "pattern" (printf "(/dev/)?(%s)" (join "|" .))) }}
{{- end }}
{{- with .keepPhysicalNetworkDevices }}
{{- include "invar.features.clusterMetrics.keepDevices" (dict "metrics" "container_network_.*" "label" "interface" "pattern" (printf "(%s)" (join "|" .))) }}
{{- end }}
{{- with .includeNamespaces }}
rule {
  source_labels = ["namespace"]
  regex = {{ append . "" | join "|" | toRawJson }}
  action = "keep"
}
{{- end }}
{{- with .excludeNamespaces }}
rule {
  source_labels = ["namespace"]
  regex = {{ join "|" . | toRawJson }}
  action = "drop"
}
{{- end }}
{{- end -}}

{{/*
Of some metrics keeps those of certain devices, by a mark that is taken off again.
Input: metrics, a pattern of names; label, which names the device; pattern, of the devices.
*/}}
{{- define "invar.features.clusterMetrics.keepDevices" }}
rule {
  source_labels = ["__name__", {{ .label | toRawJson }}]
  separator = "@"
  regex = {{ printf "%s@%s" .metrics .pattern | toRawJson }}
  target_label = "__keepme"
  replacement = "1"
}
rule {
  source_labels = ["__name__", "__keepme"]
  separator = "@"
  regex = {{ printf "%s@" .metrics | toRawJson }}
  action = "drop"
}
rule {
  source_labels = ["__name__"]
  regex = {{ .metrics | toRawJson }}
  target_label = "__keepme"
  replacement = ""
}
{{- end -}}
