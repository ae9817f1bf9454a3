{{/* Parts of configuration text. What a user wrote is put in as a string of the language, so that nothing in it can end it. */}}

{{/* A list of strings. Input: the list. */}}
{{- define "invar.config.strings" -}}
{{- $strings := list -}}
{{- range . -}}{{- $strings = append $strings (. | toString | toRawJson) -}}{{- end -}}
[{{ join ", " $strings }}]
{{- end -}}

{{/*
An attribute that holds an object, where it has entries.
Input: name; entries, key → text (optional); expressions, key → expression of the language (optional).
*/}}
{{- define "invar.config.table" -}}
{{- if or .entries .expressions }}
{{ .name }} = {
{{- range $key, $value := .entries }}
  {{ $key | toRawJson }} = {{ $value | toString | toRawJson }},
{{- end }}
{{- range $key, $value := .expressions }}
  {{ $key | toRawJson }} = {{ $value }},
{{- end }}
}
{{- end }}
{{- end -}}

{{/* A string attribute, where it is set. Input: a list of its name and its value. */}}
{{- define "invar.config.optional" -}}
{{- if last . }}
{{ first . }} = {{ last . | toString | toRawJson }}
{{- end }}
{{- end -}}

{{/* The labels that name the cluster. Prints an object's entries. Input: plan; labels, their names. */}}
{{- define "invar.config.clusterLabels" -}}
{{- range .labels }}
{{ include "invar.labelName" . | toRawJson }} = {{ $.plan.values.cluster.nameFrom | default ($.plan.values.cluster.name | toRawJson) }},
{{- end }}
{{- end -}}
