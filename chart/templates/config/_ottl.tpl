{{/*
A statement in OTTL that gives an attribute, where it is missing or empty, the value of another that is neither.
Input: a list of the map, such as "resource.attributes", and both names.
*/}}
{{- define "invar.config.fallBack" -}}
{{- $to := printf "%s[%q]" (first .) (index . 1) -}}
{{- $from := printf "%s[%q]" (first .) (last .) -}}
{{- printf "set(%s, %s) where (%s == nil or %s == \"\") and %s != nil and %s != \"\"" $to $from $to $to $from $from -}}
{{- end -}}

{{/* A block of statements, where there are any. Input: a list of the signal, the context and the statements. */}}
{{- define "invar.config.statements" -}}
{{- if last . }}
{{ first . }}_statements {
  context = {{ index . 1 | toRawJson }}
  {{- include "invar.config.stringList" (dict "name" "statements" "strings" (last .)) }}
}
{{- end }}
{{- end -}}
