{{/*
Parts of the features that gather the logs of pods for Loki. Input of all here: plan; feature; collector.
*/}}

{{/* The pods. Input besides: isOfNode, whether only those of the collector's own node. */}}
{{- define "invar.podLogs.discovery" -}}
{{- $settings := .feature.settings -}}
discovery.kubernetes "pods" {
  role = "pod"
  {{- $labels := include "invar.config.selector" $settings.labelSelectors }}
  {{- if or $labels .isOfNode }}
  selectors {
    role = "pod"
    {{- if .isOfNode }}
    field = "spec.nodeName=" + sys.env("HOSTNAME")
    {{- end }}
    {{- with $labels }}
    label = {{ . }}
    {{- end }}
  }
  {{- end }}
  {{- with include "invar.config.selector" $settings.nodeSelectors }}
  selectors {
    role = "node"
    label = {{ . }}
  }
  {{- end }}
  {{- if and $settings.namespaces (not (include "invar.config.hasPattern" $settings.namespaces)) }}
  namespaces {
    names = {{ include "invar.config.strings" $settings.namespaces }}
  }
  {{- end }}
  {{- include "invar.config.attachMetadata" (dict "namespace" $settings.attachNamespaceMetadata "node" (or $settings.nodeSelectors (include "invar.config.nodeLabelRules" $settings.nodeLabels))) }}
}
{{- end -}}

{{/* Which pods are read, and which labels their lines get. Input besides: files, rules that say where their files lie (optional). */}}
{{- define "invar.podLogs.rules" -}}
{{- $settings := .feature.settings -}}
{{- $annotation := include "invar.podAnnotation" $settings.annotationSelector | toRawJson -}}
discovery.relabel "filtered_pods" {
  targets = discovery.kubernetes.pods.targets
  {{ include "invar.config.copyLabel" (list "__meta_kubernetes_namespace" "namespace") }}
  {{- if and $settings.namespaces (include "invar.config.hasPattern" $settings.namespaces) }}
  rule {
    source_labels = ["namespace"]
    regex = {{ join "|" $settings.namespaces | toRawJson }}
    action = "keep"
  }
  {{- end }}
  {{- with $settings.excludeNamespaces }}
  rule {
    source_labels = ["namespace"]
    regex = {{ join "|" . | toRawJson }}
    action = "drop"
  }
  {{- end }}
  {{- if eq $settings.discoveryMethod "annotation" }}
  // Only pods that ask for it.
  rule {
    source_labels = [{{ $annotation }}]
    regex = ".+"
    action = "keep"
  }
  {{- end }}
  // No pod that refuses it.
  rule {
    source_labels = [{{ $annotation }}]
    regex = "(false|no|skip)"
    action = "drop"
  }
  {{ include "invar.config.copyLabel" (list "__meta_kubernetes_pod_name" "pod") }}
  {{ include "invar.config.copyLabel" (list "__meta_kubernetes_pod_container_name" "container") }}
  rule {
    source_labels = ["__meta_kubernetes_namespace", "__meta_kubernetes_pod_container_name"]
    separator = "/"
    target_label = "job"
  }
  // Tells which format the files have; dropped once they are read.
  rule {
    source_labels = ["__meta_kubernetes_pod_container_id"]
    regex = "^(\\S+):\\/\\/.+$"
    replacement = "$1"
    target_label = "tmp_container_runtime"
  }
  {{ include "invar.config.serviceLabels" (dict "alignWithOTel" $settings.alignServiceNameWithOTelSemConv) }}
  {{- range $label, $name := $settings.annotations }}
  {{ include "invar.config.copyLabel" (list (include "invar.podAnnotation" $name) $label) }}
  {{- end }}
  {{- range $label, $name := $settings.labels }}
  {{ include "invar.config.copyLabel" (list (include "invar.podLabel" $name) $label) }}
  {{- end }}
  {{- .files }}
  {{- include "invar.config.nodeLabelRules" $settings.nodeLabels }}
  {{ $settings.extraDiscoveryRules }}
}
{{- end -}}

{{/* Takes the lines out of the runtime's format. */}}
{{- define "invar.podLogs.processing" -}}
{{- $settings := .feature.settings -}}
{{- $cri := "{tmp_container_runtime=~\"containerd|cri-o\"}" -}}
{{- $docker := "{tmp_container_runtime=\"docker\"}" -}}
{{- if eq $settings.defaultLogFormat "cri" -}}
{{- $cri = "{tmp_container_runtime=~\"containerd|cri-o|\"}" -}}
{{- else if eq $settings.defaultLogFormat "docker" -}}
{{- $docker = "{tmp_container_runtime=~\"docker|\"}" -}}
{{- end -}}
loki.process "pod_logs" {
  stage.match {
    selector = {{ $cri | toRawJson }}
    stage.cri {
      {{- if $settings.cri.maxPartialLines }}
      max_partial_lines = {{ $settings.cri.maxPartialLines | int }}
      {{- end }}
    }
    stage.labels {
      values = {
        flags = "",
        stream = "",
      }
    }
  }
  stage.match {
    selector = {{ $docker | toRawJson }}
    stage.docker { }
    stage.labels {
      values = {
        stream = "",
      }
    }
  }
  stage.label_drop {
    values = ["filename", "tmp_container_runtime"]
  }
  {{- if $settings.structuredMetadata }}
  stage.structured_metadata {
    values = {
      {{- range $key, $extracted := $settings.structuredMetadata }}
      {{- if $extracted }}
      {{ include "invar.labelName" $key | toRawJson }} = {{ include "invar.labelName" $extracted | toRawJson }},
      {{- end }}
      {{- end }}
    }
  }
  {{- end }}
  {{- if or $settings.staticLabels $settings.staticLabelsFrom }}
  stage.static_labels {
    {{- include "invar.config.table" (dict "name" "values" "entries" $settings.staticLabels "expressions" $settings.staticLabelsFrom) }}
  }
  {{- end }}
  {{ tpl $settings.extraLogProcessingStages .plan.root }}
  {{- if not $settings.secretFilter.enabled }}
  forward_to = argument.logs_destinations.value
  {{- else if $settings.secretFilter.inclusionSelector }}
  forward_to = [loki.process.secret_filter_prefilter.receiver]
  {{- else }}
  forward_to = [loki.secretfilter.pod_logs.receiver]
  {{- end }}
}
{{- end -}}

{{/* Masks secrets: of every line, or of those that a selector matches, marked by a label on their way. */}}
{{- define "invar.podLogs.secretFilter" -}}
{{- $filter := .feature.settings.secretFilter -}}
{{- if $filter.enabled }}
{{- if $filter.inclusionSelector }}
loki.process "secret_filter_prefilter" {
  stage.static_labels {
    values = {k8s_monitoring_secret_filter_inclusion = "false"}
  }
  stage.match {
    selector = {{ $filter.inclusionSelector | toRawJson }}
    stage.static_labels {
      values = {k8s_monitoring_secret_filter_inclusion = "true"}
    }
  }
  forward_to = [loki.process.secret_filter_inclusion.receiver, loki.process.secret_filter_exclusion.receiver]
}

loki.process "secret_filter_exclusion" {
  stage.match {
    selector = "{k8s_monitoring_secret_filter_inclusion=\"true\"}"
    action = "drop"
  }
  stage.label_drop {
    values = ["k8s_monitoring_secret_filter_inclusion"]
  }
  forward_to = argument.logs_destinations.value
}

loki.process "secret_filter_inclusion" {
  stage.match {
    selector = "{k8s_monitoring_secret_filter_inclusion=\"false\"}"
    action = "drop"
  }
  stage.label_drop {
    values = ["k8s_monitoring_secret_filter_inclusion"]
  }
  forward_to = [loki.secretfilter.pod_logs.receiver]
}
{{- end }}
loki.secretfilter "pod_logs" {
  {{- if $filter.gitleaksConfigPathFrom }}
  gitleaks_config = {{ $filter.gitleaksConfigPathFrom }}
  {{- else }}
  {{- include "invar.config.optional" (list "gitleaks_config" $filter.gitleaksConfigPath) }}
  {{- end }}
  {{- with $filter.allowlist }}
  allowlist = {{ include "invar.config.strings" . }}
  {{- end }}
  {{- if $filter.redactWith }}
  redact_with = {{ $filter.redactWith | toRawJson }}
  {{- else }}
  redact_percent = {{ $filter.redactPercent | int }}
  {{- end }}
  forward_to = argument.logs_destinations.value
}
{{- end }}
{{- end -}}
