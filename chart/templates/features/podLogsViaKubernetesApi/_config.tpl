{{/* Input: plan; feature; collector. */}}
{{- define "invar.features.podLogsViaKubernetesApi.config" -}}
declare "pod_logs_via_kubernetes_api" {
  argument "logs_destinations" {
    comment = "The receivers to which the lines go."
  }
  {{ include "invar.podLogs.discovery" . }}
  {{ include "invar.podLogs.rules" . }}

  loki.source.kubernetes "pod_logs" {
    targets = discovery.relabel.filtered_pods.output
    forward_to = [loki.process.pod_logs.receiver]
    {{- include "invar.config.clustering" nil }}
  }
  {{ include "invar.podLogs.processing" . }}
  {{ include "invar.podLogs.secretFilter" . }}
}

pod_logs_via_kubernetes_api "feature" {
  logs_destinations = [
    {{ include "invar.destinations.targets" (merge (dict "signal" "logs" "protocol" "loki") .) }}
  ]
}
{{- end -}}
