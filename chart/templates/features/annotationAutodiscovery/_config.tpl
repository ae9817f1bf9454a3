{{/* Input of all here: plan; feature; collector. */}}
{{- define "invar.features.annotationAutodiscovery.config" -}}
{{- $settings := .feature.settings -}}
{{- $kinds := list -}}
{{- range list "pods" "services" -}}{{- if (get $settings .).enabled -}}{{- $kinds = append $kinds . -}}{{- end -}}{{- end -}}
{{- $labelled := list -}}
{{- range $kinds -}}
{{- if or (get $settings .).staticLabels (get $settings .).staticLabelsFrom -}}{{- $labelled = append $labelled . -}}{{- end -}}
{{- end -}}
{{- $changes := or $settings.metricsTuning.includeMetrics $settings.metricsTuning.excludeMetrics $settings.extraMetricProcessingRules $labelled -}}
{{- $targets := list -}}
{{- range $kinds -}}{{- $targets = append $targets (printf "discovery.relabel.annotation_autodiscovery_%s.output" .) -}}{{- end -}}
declare "annotation_autodiscovery" {
  argument "metrics_destinations" {
    comment = "The receivers to which metrics go."
  }
  {{- range $kinds }}
  {{ include "invar.features.annotationAutodiscovery.discovery" (merge (dict "kind" .) $) }}
  {{ include "invar.features.annotationAutodiscovery.rules" (merge (dict "kind" . "role" (trimSuffix "s" .) "marks" $labelled) $) }}
  {{- end }}
  {{- range $scheme, $action := dict "http" "drop" "https" "keep" }}

  discovery.relabel {{ printf "annotation_autodiscovery_%s" $scheme | toRawJson }} {
    targets = array.concat({{ join ", " $targets }})
    rule {
      source_labels = ["__scheme__"]
      regex = "https"
      action = {{ $action | toRawJson }}
    }
  }
  {{- end }}
  {{- range $scheme := list "http" "https" }}

  prometheus.scrape {{ printf "annotation_autodiscovery_%s" $scheme | toRawJson }} {
    targets = discovery.relabel.annotation_autodiscovery_{{ $scheme }}.output
    honor_labels = true
    {{- if $settings.bearerToken.enabled }}
    bearer_token_file = {{ $settings.bearerToken.token | toRawJson }}
    {{- end }}
    {{- include "invar.config.formats" $.plan }}
    forward_to = {{ ternary "[prometheus.relabel.annotation_autodiscovery.receiver]" "argument.metrics_destinations.value" (not (empty $changes)) }}
    {{- if eq $scheme "https" }}
    tls_config {
      insecure_skip_verify = true
    }
    {{- end }}
    {{- include "invar.config.clustering" nil }}
  }
  {{- end }}
  {{- if $changes }}

  prometheus.relabel "annotation_autodiscovery" {
    {{- include "invar.config.cacheSize" (dict "plan" .plan "settings" $settings) }}
    {{- include "invar.config.chooseMetrics" (dict "include" $settings.metricsTuning.includeMetrics "exclude" $settings.metricsTuning.excludeMetrics) }}
    {{- range $kind := $labelled }}
    {{- $labels := dict }}
    {{- range $label, $value := (get $settings $kind).staticLabels }}{{ $_ := set $labels $label ($value | toString | toRawJson) }}{{ end }}
    {{- range $label, $value := merge (dict) (get $settings $kind).staticLabelsFrom $labels }}
    rule {
      source_labels = ["temp_source"]
      regex = {{ trimSuffix "s" $kind | toRawJson }}
      target_label = {{ $label | toRawJson }}
      replacement = {{ $value }}
    }
    {{- end }}
    {{- end }}
    {{- if $labelled }}
    rule {
      action = "labeldrop"
      regex = "temp_source"
    }
    {{- end }}
    {{ $settings.extraMetricProcessingRules }}
    forward_to = argument.metrics_destinations.value
  }
  {{- end }}
}

annotation_autodiscovery "feature" {
  metrics_destinations = [
    {{ include "invar.destinations.targets" (merge (dict "signal" "metrics" "protocol" "prometheus") .) }}
  ]
}
{{- end -}}

{{/* The objects. Input besides: kind, "pods" or "services". */}}
{{- define "invar.features.annotationAutodiscovery.discovery" -}}
{{- $settings := .feature.settings -}}
{{- $role := trimSuffix "s" .kind | toRawJson }}

discovery.kubernetes {{ .kind | toRawJson }} {
  role = {{ $role }}
  {{- if and $settings.namespaces (not (include "invar.config.hasPattern" $settings.namespaces)) }}
  namespaces {
    names = {{ include "invar.config.strings" $settings.namespaces }}
  }
  {{- end }}
  {{- with include "invar.config.selector" (merge (dict) (get $settings .kind).labelSelectors $settings.labelSelectors) }}
  selectors {
    role = {{ $role }}
    label = {{ . }}
  }
  {{- end }}
  {{- include "invar.config.attachMetadata" (dict "namespace" $settings.attachNamespaceMetadata "node" (and (eq .kind "pods") (include "invar.config.nodeLabelRules" $settings.nodeLabels))) }}
}
{{- end -}}

{{/*
Which of them are scraped, where and as what.
Input besides: kind; role, "pod" or "service"; marks, the kinds that have labels of their own.
*/}}
{{- define "invar.features.annotationAutodiscovery.rules" -}}
{{- $settings := .feature.settings -}}
{{- $annotations := dict -}}
{{- range $key, $name := $settings.annotations -}}
{{- $_ := set $annotations $key (printf "__meta_kubernetes_%s_annotation_%s" $.role (include "invar.labelName" $name)) -}}
{{- end -}}
{{- $label := printf "__meta_kubernetes_%s_label_" .role -}}
{{- $self := ternary "container" "service" (eq .role "pod") }}

discovery.relabel {{ printf "annotation_autodiscovery_%s" .kind | toRawJson }} {
  targets = discovery.kubernetes.{{ .kind }}.targets
  {{- if and $settings.namespaces (include "invar.config.hasPattern" $settings.namespaces) }}
  rule {
    source_labels = ["__meta_kubernetes_namespace"]
    regex = {{ join "|" $settings.namespaces | toRawJson }}
    action = "keep"
  }
  {{- end }}
  {{- with $settings.excludeNamespaces }}
  rule {
    source_labels = ["__meta_kubernetes_namespace"]
    regex = {{ join "|" . | toRawJson }}
    action = "drop"
  }
  {{- end }}
  rule {
    source_labels = [{{ $annotations.scrape | toRawJson }}]
    regex = "true"
    action = "keep"
  }
  {{- if eq .role "pod" }}
  rule {
    source_labels = ["__meta_kubernetes_pod_phase", "__meta_kubernetes_pod_ready", "__meta_kubernetes_pod_container_init"]
    regex = "Running;true;false"
    action = "keep"
  }
  {{ include "invar.config.copyLabel" (list "__meta_kubernetes_pod_name" "pod") }}
  {{ include "invar.config.copyLabel" (list "__meta_kubernetes_pod_container_name" "container") }}
  {{- else }}
  {{ include "invar.config.copyLabel" (list "__meta_kubernetes_service_name" "service") }}
  {{- end }}
  {{ include "invar.config.copyLabel" (list "__meta_kubernetes_namespace" "namespace") }}
  // The job: as annotated, else by a label, else by its own name.
  {{ include "invar.config.copyLabel" (list $annotations.job "job") }}
  {{- range list (printf "%sapp_kubernetes_io_name" $label) (printf "%sapp" $label) $self }}
  rule {
    source_labels = ["job", {{ . | toRawJson }}]
    regex = ";(.+)"
    target_label = "job"
  }
  {{- end }}
  {{ include "invar.config.copyLabel" (list $annotations.instance "instance") }}
  {{- if eq .role "pod" }}
  {{- include "invar.features.annotationAutodiscovery.keepNamed" (list "container" $annotations.metricsContainer) }}
  {{- end }}
  {{ include "invar.config.copyLabel" (list $annotations.metricsPath "__metrics_path__") }}
  rule {
    action = "labelmap"
    regex = {{ printf "%s_(.+)" $annotations.metricsParam | toRawJson }}
    replacement = "__param_$1"
  }
  {{- if eq .role "pod" }}
  {{- include "invar.features.annotationAutodiscovery.keepNamed" (list "__meta_kubernetes_pod_container_port_name" $annotations.metricsPortName) }}
  // A port by its number need not be among those that the pod declares.
  rule {
    source_labels = [{{ $annotations.metricsPortNumber | toRawJson }}, "__meta_kubernetes_pod_ip"]
    regex = "(\\d+);(([A-Fa-f0-9]{1,4}::?){1,7}[A-Fa-f0-9]{1,4})"
    replacement = "[$2]:$1"
    target_label = "__address__"
  }
  rule {
    source_labels = [{{ $annotations.metricsPortNumber | toRawJson }}, "__meta_kubernetes_pod_ip"]
    regex = "(\\d+);((([0-9]+?)(\\.|$)){4})"
    replacement = "$2:$1"
    target_label = "__address__"
  }
  {{- else }}
  {{- include "invar.features.annotationAutodiscovery.keepNamed" (list "__meta_kubernetes_service_port_name" $annotations.metricsPortName) }}
  {{- include "invar.features.annotationAutodiscovery.keepNamed" (list "__meta_kubernetes_service_port_number" $annotations.metricsPortNumber) }}
  {{- end }}
  {{ include "invar.config.copyLabel" (list $annotations.metricsScheme "__scheme__") }}
  {{- range $target, $of := dict "__scrape_interval__" (list $annotations.metricsScrapeInterval $settings.scrapeInterval .plan.values.global.scrapeInterval) "__scrape_timeout__" (list $annotations.metricsScrapeTimeout $settings.scrapeTimeout .plan.values.global.scrapeTimeout) }}
  {{ include "invar.config.copyLabel" (list (first $of) $target) }}
  rule {
    source_labels = [{{ $target | toRawJson }}]
    regex = ""
    replacement = {{ index $of 1 | default (last $of) | toRawJson }}
    target_label = {{ $target | toRawJson }}
  }
  {{- end }}
  {{- range $name, $of := (get $settings .kind).labels }}
  {{ include "invar.config.copyLabel" (list (printf "%s%s" $label (include "invar.labelName" $of)) $name) }}
  {{- end }}
  {{- if .marks }}
  {{- include "invar.config.setLabel" (list "temp_source" (toRawJson .role)) }}
  {{- end }}
  {{- if eq .role "pod" }}
  {{- include "invar.config.nodeLabelRules" $settings.nodeLabels }}
  {{- end }}
  {{ $settings.extraDiscoveryRules }}
}
{{- end -}}

{{/* Of an object's targets keeps those whose label equals an annotation, where there is one. Input: a list of both. */}}
{{- define "invar.features.annotationAutodiscovery.keepNamed" -}}
{{- $kept := ternary "__tmp_container" "__tmp_port" (eq (first .) "container") }}
rule {
  source_labels = [{{ first . | toRawJson }}]
  target_label = {{ $kept | toRawJson }}
}
{{ include "invar.config.copyLabel" (list (last .) $kept) }}
rule {
  source_labels = [{{ first . | toRawJson }}]
  action = "keepequal"
  target_label = {{ $kept | toRawJson }}
}
rule {
  action = "labeldrop"
  regex = {{ $kept | toRawJson }}
}
{{- end -}}
