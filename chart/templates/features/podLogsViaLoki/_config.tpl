{{/* Input of all here: plan; feature; collector. */}}
{{- define "invar.features.podLogsViaLoki.config" -}}
declare "pod_logs_via_loki" {
  argument "logs_destinations" {
    comment = "The receivers to which the lines go."
  }
  {{ include "invar.podLogs.discovery" (merge (dict "isOfNode" true) .) }}
  {{ include "invar.podLogs.rules" (merge (dict "files" (include "invar.features.podLogsViaLoki.files" nil)) .) }}

  local.file_match "pod_logs" {
    path_targets = discovery.relabel.filtered_pods.output
  }

  loki.source.file "pod_logs" {
    targets = local.file_match.pod_logs.targets
    tail_from_end = {{ .feature.settings.onlyGatherNewLogLines }}
    forward_to = [loki.process.pod_logs.receiver]
  }
  {{ include "invar.podLogs.processing" . }}
  {{ include "invar.podLogs.secretFilter" . }}
}

pod_logs_via_loki "feature" {
  logs_destinations = [
    {{ include "invar.destinations.targets" (merge (dict "signal" "logs" "protocol" "loki") .) }}
  ]
}
{{- end -}}

{{/* Rules that say where a container's files lie. */}}
{{- define "invar.features.podLogsViaLoki.files" }}
// Where the container runtime writes the container's lines.
rule {
  source_labels = ["__meta_kubernetes_pod_uid", "__meta_kubernetes_pod_container_name"]
  separator = "/"
  replacement = "/var/log/pods/*$1/*.log"
  target_label = "__path__"
}
// The kubelet names the folder of a static pod after the hash in this annotation.
rule {
  source_labels = ["__meta_kubernetes_pod_annotation_kubernetes_io_config_mirror", "__meta_kubernetes_pod_container_name"]
  separator = "/"
  regex = "(.+/.+)"
  replacement = "/var/log/pods/*$1/*.log"
  target_label = "__path__"
}
{{- end -}}
