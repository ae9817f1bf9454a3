{{/* Each part of the metrics of nodes may have a collector of its own. Input of all here: plan; feature, with its part; collector. */}}
{{- define "invar.features.hostMetrics.config" -}}
{{- $module := get (dict "linuxHosts" "linux_host_metrics" "windowsHosts" "windows_host_metrics" "energyMetrics" "energy_metrics") .feature.part -}}
declare {{ $module | toRawJson }} {
  argument "metrics_destinations" {
    comment = "The receivers to which metrics go."
  }
  {{ include (printf "invar.features.hostMetrics.%s" .feature.part) (dict "plan" .plan "settings" .feature.settings) }}
}

{{ $module }} "feature" {
  metrics_destinations = [
    {{ include "invar.destinations.targets" (merge (dict "signal" "metrics" "protocol" "prometheus") .) }}
  ]
}
{{- end -}}

{{/* Input of the parts: plan; settings. */}}
{{- define "invar.features.hostMetrics.linuxHosts" -}}
{{- $tuning := .settings.metricsTuning -}}
{{- $lists := list -}}
{{- if $tuning.useDefaultAllowList -}}{{- $lists = append $lists "nodeExporter" -}}{{- end -}}
{{- if $tuning.useIntegrationAllowList -}}{{- $lists = append $lists "nodeExporterIntegration" -}}{{- end -}}
{{- $call := merge (dict "label" "node_exporter" "lists" $lists) . -}}
{{- with $tuning.dropMetricsForFilesystem -}}
{{- $_ := set $call "rules" (include "invar.features.hostMetrics.dropFilesystems" .) -}}
{{- end -}}
{{- if eq .settings.source "alloy" }}
{{ include "invar.features.hostMetrics.ownExporter" . }}
{{- $_ := set $call "isAlone" true }}
{{- else }}
{{ include "invar.features.hostMetrics.pods" (merge (dict "pods" "node_exporter" "targets" "node_exporter" "isTold" true) .) }}
{{- $_ := set $call "arguments" (include "invar.features.hostMetrics.access" .settings) }}
{{- $_ := set $call "blocks" (include "invar.features.hostMetrics.tls" .settings) }}
{{- end }}
{{- include "invar.config.scrape" $call }}
{{- end -}}

{{- define "invar.features.hostMetrics.windowsHosts" -}}
{{- $lists := ternary (list "windowsExporter") list .settings.metricsTuning.useDefaultAllowList }}
{{ include "invar.features.hostMetrics.pods" (merge (dict "pods" "windows_exporter_pods" "targets" "windows_exporter") .) }}
{{- $access := include "invar.features.hostMetrics.access" .settings }}
{{- $tls := ternary (include "invar.features.hostMetrics.tls" .settings) "" (eq .settings.scheme "https") }}
{{- include "invar.config.scrape" (merge (dict "label" "windows_exporter" "lists" $lists "arguments" $access "blocks" $tls) .) }}
{{- end -}}

{{- define "invar.features.hostMetrics.energyMetrics" -}}
{{- $lists := ternary (list "kepler") list .settings.metricsTuning.useDefaultAllowList }}
{{ include "invar.features.hostMetrics.pods" (merge (dict "pods" "kepler" "targets" "kepler" "isPlain" true) .) }}
{{- include "invar.config.scrape" (merge (dict "label" "kepler" "lists" $lists "arguments" "\nhonor_labels = true") .) }}
{{- end -}}

{{/* Input: the settings of a part. */}}
{{- define "invar.features.hostMetrics.access" }}
scheme = {{ .scheme | toRawJson }}
{{- include "invar.config.optional" (list "bearer_token_file" .bearerTokenFile) }}
{{- end -}}
{{- define "invar.features.hostMetrics.tls" }}
tls_config {
  insecure_skip_verify = true
}
{{- end -}}

{{/* A rule that drops metrics of filesystems. Input: their types, a list of patterns. */}}
{{- define "invar.features.hostMetrics.dropFilesystems" }}
rule {
  source_labels = ["__name__", "fstype"]
  separator = "@"
  regex = {{ printf "node_filesystem.*@(%s)" (join "|" .) | toRawJson }}
  action = "drop"
}
{{- end -}}

{{/* The collector's own look at the node it runs on. Input: plan; settings. */}}
{{- define "invar.features.hostMetrics.ownExporter" }}
prometheus.exporter.unix "node_exporter" {
  rootfs_path = "/host/root"
  procfs_path = "/host/proc"
  sysfs_path = "/host/sys"
}

discovery.relabel "node_exporter" {
  targets = prometheus.exporter.unix.node_exporter.targets
  {{- include "invar.config.setLabel" (list "instance" "sys.env(\"NODE_NAME\")") }}
  {{- include "invar.config.setLabel" (list "job" (toRawJson .settings.jobLabel)) }}
  {{- include "invar.config.setLabel" (list "source" "\"kubernetes\"") }}
  {{ .settings.extraDiscoveryRules }}
}
{{- end -}}

{{/*
Pods that tell metrics of their nodes. Input: plan; settings; pods and targets, the labels of both components; isTold, whether targets are
labelled with who tells (optional); isPlain, whether pods are taken in any state (optional).
*/}}
{{- define "invar.features.hostMetrics.pods" }}
{{- $nodeRules := include "invar.config.nodeLabelRules" .settings.nodeLabels }}
discovery.kubernetes {{ .pods | toRawJson }} {
  role = "pod"
  selectors {
    role = "pod"
    label = {{ include "invar.config.selector" .settings.labelMatchers }}
  }
  {{- with .settings.namespace }}
  namespaces {
    names = [{{ . | toRawJson }}]
  }
  {{- end }}
  {{- include "invar.config.attachMetadata" (dict "node" $nodeRules) }}
}

discovery.relabel {{ .targets | toRawJson }} {
  targets = discovery.kubernetes.{{ .pods }}.targets
  {{- if not .isPlain }}
  rule {
    source_labels = ["__meta_kubernetes_pod_container_init", "__meta_kubernetes_pod_phase", "__meta_kubernetes_pod_ready"]
    separator = "@"
    regex = "false@Running@true"
    action = "keep"
  }
  {{- end }}
  // The node's metrics, whichever pod tells them.
  rule {
    source_labels = ["__meta_kubernetes_pod_node_name"]
    target_label = "instance"
  }
  {{- if .isTold }}
  {{- include "invar.config.podIdentity" nil }}
  rule {
    source_labels = [
      "__meta_kubernetes_pod_label_app_kubernetes_io_component",
      "__meta_kubernetes_pod_label_k8s_component",
      "__meta_kubernetes_pod_label_component",
    ]
    regex = "^(?:;*)?([^;]+).*$"
    target_label = "component"
  }
  {{- include "invar.config.setLabel" (list "source" "\"kubernetes\"") }}
  {{- end }}
  {{- $nodeRules }}
  {{ .settings.extraDiscoveryRules }}
}
{{- end -}}
