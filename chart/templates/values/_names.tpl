{{/* The name of the release's objects that belong to no collector. Input: the plan. */}}
{{- define "invar.name" -}}
{{- $name := .root.Chart.Name -}}
{{- if contains $name .root.Release.Name -}}
{{- .root.Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .root.Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Where the objects go. Input: the plan. */}}
{{- define "invar.namespace" -}}
{{- .values.global.namespaceOverride | default .root.Release.Namespace -}}
{{- end -}}

{{/* The labels of every object. Input: the plan. */}}
{{- define "invar.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: alloy
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
{{- end -}}

{{/* A name as Kubernetes takes it. Input: a text. */}}
{{- define "invar.kubernetesName" -}}
{{- regexReplaceAll "[^a-z0-9-]+" (lower .) "-" | trimAll "-" | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* A name as the label of a component takes it. Input: a text. */}}
{{- define "invar.componentName" -}}
{{- regexReplaceAll "[^a-z0-9_]" (lower .) "_" -}}
{{- end -}}

{{/* The label that discovery.kubernetes gives for a pod's label or annotation. Input: its name. */}}
{{- define "invar.podLabel" -}}__meta_kubernetes_pod_label_{{ include "invar.labelName" . }}{{- end -}}
{{- define "invar.podAnnotation" -}}__meta_kubernetes_pod_annotation_{{ include "invar.labelName" . }}{{- end -}}

{{/* A name as a label of metrics and logs takes it. Input: a text. */}}
{{- define "invar.labelName" -}}
{{- regexReplaceAll "[^A-Za-z0-9_]" . "_" -}}
{{- end -}}

{{/* What a user wrote as a text or a number, as text: a number without an exponent. Input: the value. */}}
{{- define "invar.text" -}}
{{- if kindIs "float64" . -}}{{- toJson . -}}{{- else -}}{{- toString . -}}{{- end -}}
{{- end -}}
