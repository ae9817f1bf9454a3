{{/* The files of a node's pods are read on that node. */}}
{{- define "invar.features.podLogsViaLoki.check" -}}
{{- $mounts := .collector.settings.alloy.mounts -}}
{{- if ne .collector.kind "daemonset" -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s reads files of each node, and its collector %q is a %s." .feature.where .collector.name .collector.kind) "set" (include "invar.collectors.presetExample" (dict "collector" .collector "preset" "daemonset") | fromYamlArray)) -}}
{{- end -}}
{{- if not $mounts.varlog -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s reads files below /var/log, which its collector %q does not mount." .feature.where .collector.name) "set" (include "invar.collectors.presetExample" (dict "collector" .collector "preset" "filesystem-log-reader") | fromYamlArray)) -}}
{{- end -}}
{{- end -}}
