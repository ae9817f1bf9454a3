{{/*
Writes the configuration of each collector: its features in the order of the list, what the user adds, its destinations in the order of
their names. Input: the plan. Sets: config in each collector.
*/}}
{{- define "invar.config.plan" -}}
{{- if not .problems -}}
{{- range $name, $collector := .collectors -}}
{{- $text := include "invar.config.text" (dict "plan" $ "collector" $collector) -}}
{{- $secrets := include "invar.secrets.config" (dict "plan" $ "collector" $collector "text" $text) -}}
{{- $_ := set $collector "config" (include "invar.config.format" (printf "%s\n%s" $text $secrets)) -}}
{{- end -}}
{{- include "invar.config.replace" . -}}
{{- end -}}
{{- end -}}

{{/* The configuration of a collector before it is formatted. Input: plan; collector. */}}
{{- define "invar.config.text" -}}
{{ include "invar.config.process" . }}
{{ range $feature := .collector.features }}
// {{ $feature.title }}
{{ include (printf "invar.features.%s.config" $feature.key) (dict "plan" $.plan "feature" $feature "collector" $.collector) }}
{{ end }}
{{- with .collector.settings.extraConfig }}
// Added by {{ $.collector.where }}.extraConfig
{{ tpl . $.plan.root }}
{{ end }}
{{- range $name := concat .collector.destinations .collector.settings.includeDestinations | uniq | sortAlpha }}
{{- $destination := get $.plan.destinations $name }}
// Destination {{ $name }}
{{ include (printf "invar.destinations.%s.config" $destination.type) (dict "plan" $.plan "destination" $destination "collector" $.collector "speaks" (include "invar.config.spoken" (dict "collector" $.collector "name" $name) | splitList " ")) | trim }}
{{ end }}
{{- end -}}

{{/*
In which protocols and signals a destination is spoken to, such as "otlp/logs": a destination that the user includes is ready for all.
Input: collector; name.
*/}}
{{- define "invar.config.spoken" -}}
{{- if has .name .collector.settings.includeDestinations -}}
otlp/metrics otlp/logs otlp/traces prometheus/metrics loki/logs
{{- else -}}
{{- get .collector.spoken .name | default list | join " " -}}
{{- end -}}
{{- end -}}

{{/* What concerns the process itself. Input: plan; collector. */}}
{{- define "invar.config.process" -}}
logging {
  level = {{ .collector.settings.logging.level | toRawJson }}
  format = {{ .collector.settings.logging.format | toRawJson }}
}
{{- if .collector.settings.liveDebugging.enabled }}
livedebugging {
  enabled = true
}
{{- end }}
{{- if .collector.settings.remoteConfig.enabled }}
{{ include "invar.collectors.remoteConfig" . }}
{{- end }}
{{- end -}}
