{{/* How pods are replaced, as JSON. A Deployment has the new pod ready before the old one goes, unless they share a claim. Input: collector. */}}
{{- define "invar.workloads.strategy" -}}
{{- $settings := .collector.settings -}}
{{- if $settings.controller.updateStrategy -}}
{{- $settings.controller.updateStrategy | toJson -}}
{{- else if ne .collector.kind "deployment" -}}
{}
{{- else if eq $settings.storage.kind "claim" -}}
{"type": "Recreate"}
{{- else -}}
{"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
{{- end -}}
{{- end -}}

{{/* How the number of pods follows the load, as JSON; empty where it does not. Input: collector. */}}
{{- define "invar.workloads.horizontal" -}}
{{- $autoscaling := .collector.settings.controller.autoscaling -}}
{{- if $autoscaling.horizontal.enabled -}}
{{- $autoscaling.horizontal | toJson -}}
{{- else if $autoscaling.enabled -}}
{{- omit $autoscaling "horizontal" "vertical" | toJson -}}
{{- else -}}
{}
{{- end -}}
{{- end -}}

{{/* What an autoscaler may do in one direction. Input: scaleDown or scaleUp. */}}
{{- define "invar.workloads.scalingRules" -}}
{{- with .policies -}}
policies:
  {{- toYaml . | nindent 2 }}
selectPolicy: {{ $.selectPolicy }}
{{ end -}}
stabilizationWindowSeconds: {{ .stabilizationWindowSeconds | int }}
{{- end -}}
