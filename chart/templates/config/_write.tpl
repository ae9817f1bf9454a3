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

{{/* An attribute that holds an object of lists of strings, where it has entries. Input: name; entries, key → text or list of texts. */}}
{{- define "invar.config.tableOfLists" -}}
{{- if .entries }}
{{ .name }} = {
{{- range $key, $value := .entries }}
  {{ $key | toRawJson }} = {{ include "invar.config.strings" (ternary $value (list $value) (kindIs "slice" $value)) }},
{{- end }}
}
{{- end }}
{{- end -}}

{{/*
A string as one reads it best: raw, so that quotes inside it stay as they are, unless it has a backtick. Input: a text.
*/}}
{{- define "invar.config.rawString" -}}
{{- if or (contains "`" .) (contains "\n" .) -}}{{- . | toRawJson -}}{{- else -}}`{{ . }}`{{- end -}}
{{- end -}}

{{/*
An attribute that holds a list of strings, one a line, where there are any.
Input: name; strings; expressions of the language (optional).
*/}}
{{- define "invar.config.stringList" -}}
{{- if or .strings .expressions }}
{{ .name }} = [
{{- range .strings }}
  {{ include "invar.config.rawString" . }},
{{- end }}
{{- range .expressions }}
  {{ . }},
{{- end }}
]
{{- end }}
{{- end -}}

{{/*
The string attributes whose values are not the defaults: those of which the collector says that they have no effect are left out unless the
user chose them. Input: settings; defaults.
*/}}
{{- define "invar.config.changed" -}}
{{- range $key, $value := .settings }}
{{- if ne $value (get $.defaults $key) }}
{{ snakecase $key }} = {{ $value | toRawJson }}
{{- end }}
{{- end }}
{{- end -}}

{{/* A string attribute, where it is set. Input: a list of its name and its value. */}}
{{- define "invar.config.optional" -}}
{{- if last . }}
{{ first . }} = {{ last . | toString | toRawJson }}
{{- end }}
{{- end -}}

{{/*
The attribute external_labels: those that name the cluster, and what the user adds.
Input: plan; settings: clusterLabels, extraLabels, extraLabelsFrom.
*/}}
{{- define "invar.config.externalLabels" -}}
{{- $expressions := dict -}}
{{- range .settings.clusterLabels -}}
{{- $_ := set $expressions (include "invar.labelName" .) (include "invar.config.clusterName" $.plan) -}}
{{- end -}}
{{- range $name, $value := .settings.extraLabels -}}
{{- $_ := set $expressions $name ($value | toString | toRawJson) -}}
{{- end -}}
{{- include "invar.config.table" (dict "name" "external_labels" "expressions" (merge (dict) .settings.extraLabelsFrom $expressions)) -}}
{{- end -}}

{{/* The expression that gives the cluster's name. Input: the plan. */}}
{{- define "invar.config.clusterName" -}}
{{- .values.cluster.nameFrom | default (.values.cluster.name | toRawJson) -}}
{{- end -}}
