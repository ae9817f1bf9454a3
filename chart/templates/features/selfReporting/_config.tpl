{{/* Input: plan; feature; collector. */}}
{{- define "invar.features.selfReporting.config" -}}
prometheus.exporter.unix "kubernetes_monitoring_telemetry" {
  set_collectors = ["textfile"]
  textfile {
    directory = "/etc/release-info"
  }
}

discovery.relabel "kubernetes_monitoring_telemetry" {
  targets = prometheus.exporter.unix.kubernetes_monitoring_telemetry.targets
  {{- include "invar.config.setLabel" (list "instance" (toRawJson .plan.root.Release.Name)) }}
  {{- include "invar.config.setLabel" (list "job" "\"integrations/kubernetes/kubernetes_monitoring_telemetry\"") }}
}

prometheus.scrape "kubernetes_monitoring_telemetry" {
  job_name = "integrations/kubernetes/kubernetes_monitoring_telemetry"
  targets = discovery.relabel.kubernetes_monitoring_telemetry.output
  scrape_interval = {{ .feature.settings.scrapeInterval | default .plan.values.global.scrapeInterval | toRawJson }}
  forward_to = [prometheus.relabel.kubernetes_monitoring_telemetry.receiver]
  {{- include "invar.config.clustering" nil }}
}

prometheus.relabel "kubernetes_monitoring_telemetry" {
  rule {
    source_labels = ["__name__"]
    regex = "grafana_kubernetes_monitoring_.*"
    action = "keep"
  }
  forward_to = [
    {{ include "invar.destinations.targets" (merge (dict "signal" "metrics" "protocol" "prometheus") .) }}
  ]
}
{{- end -}}
