{{/* The detectors that are on, in alphabetical order, as a list in YAML. Input: the feature's settings. */}}
{{- define "invar.features.applicationObservability.detectors" -}}
{{- $names := list -}}
{{- range $name, $detector := .processors.resourceDetection -}}
{{- if kindIs "map" $detector -}}
{{- if $detector.enabled -}}{{- $names = append $names $name -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml $names -}}
{{- end -}}

{{/* Attributes of the place. Input: plan; feature; collector; detectors; to, the consumer. */}}
{{- define "invar.features.applicationObservability.resourceDetection" -}}
{{- $settings := .feature.settings.processors.resourceDetection -}}
{{- $arguments := dict "hostnameSources" "hostname_sources" "authType" "auth_type" "nodeFromEnvVar" "node_from_env_var" "address" "address" "datacenter" "datacenter" "token" "token" "namespace" "namespace" "meta" "meta" "tags" "tags" -}}
{{- $names := list -}}
{{- range .detectors -}}{{- $names = append $names (ternary "kubernetes_node" . (eq . "kubernetesNode")) -}}{{- end }}

otelcol.processor.resourcedetection "default" {
  detectors = {{ include "invar.config.strings" $names }}
  override = {{ $settings.override }}
  {{- range $detector := .detectors }}
  {{- $of := get $settings $detector }}
  {{- if ne $detector "env" }}
  {{ ternary "kubernetes_node" $detector (eq $detector "kubernetesNode") }} {
    {{- range $key, $argument := $arguments }}
    {{- with get $of $key }}
    {{ $argument }} = {{ if kindIs "slice" . }}{{ include "invar.config.strings" . }}{{ else }}{{ . | toRawJson }}{{ end }}
    {{- end }}
    {{- end }}
    {{- with $of.resourceAttributes }}
    resource_attributes {
      {{- range $name, $attribute := . }}
      {{ $name }} {
        enabled = {{ $attribute.enabled | default false }}
      }
      {{- end }}
    }
    {{- end }}
  }
  {{- end }}
  {{- end }}
  {{- include "invar.features.applicationObservability.output" (dict "settings" .feature.settings "to" .to) }}
}
{{- end -}}

{{/* Attributes of the pod. Input: plan; feature; collector; to, the consumer; traces, more consumers of traces. */}}
{{- define "invar.features.applicationObservability.k8sattributes" -}}
{{- $settings := .feature.settings.processors.k8sattributes -}}
{{- $filters := $settings.filters -}}
{{- $aligns := .feature.settings.alignServiceNameWithOTelSemConv }}

otelcol.processor.k8sattributes "default" {
  passthrough = {{ $settings.passthrough }}
  {{- if or $filters.byNode $filters.ownNode $filters.byNamespace $filters.byLabel $filters.byField }}
  filter {
    {{- if $filters.byNode }}
    node = {{ $filters.byNode | toRawJson }}
    {{- else if $filters.ownNode }}
    node = sys.env("HOSTNAME")
    {{- end }}
    {{- include "invar.config.optional" (list "namespace" $filters.byNamespace) }}
    {{- range $block, $conditions := dict "label" $filters.byLabel "field" $filters.byField }}
    {{- range $conditions }}
    {{ $block }} {
      key = {{ .key | toRawJson }}
      value = {{ .value | default "" | toRawJson }}
      {{- include "invar.config.optional" (list "op" .op) }}
    }
    {{- end }}
    {{- end }}
  }
  {{- end }}
  extract {
    {{- if or $settings.otelAnnotations $aligns }}
    otel_annotations = true
    {{- end }}
    {{- with $settings.metadata }}
    metadata = {{ include "invar.config.strings" . }}
    {{- end }}
    {{- if $aligns }}
    // Taken for the service's name only; the transform removes them.
    {{- range $tag, $key := dict "instance" "app.kubernetes.io/instance" "name" "app.kubernetes.io/name" }}
    label {
      tag_name = {{ printf "k8s_monitoring.tmp.%s" $tag | toRawJson }}
      key = {{ $key | toRawJson }}
      from = "pod"
    }
    {{- end }}
    {{- end }}
    {{- range $block, $extractions := dict "label" $settings.labels "annotation" $settings.annotations }}
    {{- range $extraction := $extractions }}
    {{ $block }} {
      {{- range $key := list "tag_name" "key" "key_regex" "regex" "from" }}
      {{- include "invar.config.optional" (list $key (get $extraction $key)) }}
      {{- end }}
    }
    {{- end }}
    {{- end }}
  }
  {{- range $settings.podAssociation }}
  pod_association {
    source {
      from = {{ .from | toRawJson }}
      {{- include "invar.config.optional" (list "name" .name) }}
    }
  }
  {{- end }}
  {{- include "invar.features.applicationObservability.output" (dict "settings" .feature.settings "to" .to "traces" .traces) }}
}
{{- end -}}
