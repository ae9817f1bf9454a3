{{/* The metrics lie in a file that the collector mounts. Sets: mounts and volumes of the collector; plan.releaseInfo, the file's ConfigMap. */}}
{{- define "invar.features.selfReporting.check" -}}
{{- $name := printf "%s-release-info" (include "invar.name" .plan) -}}
{{- $_ := set .plan "releaseInfo" $name -}}
{{- $settings := .collector.settings -}}
{{- $_ := set $settings.alloy.mounts "extra" (append $settings.alloy.mounts.extra (dict "name" "release-info" "mountPath" "/etc/release-info" "readOnly" true)) -}}
{{- $_ := set $settings.controller.volumes "extra" (append $settings.controller.volumes.extra (dict "name" "release-info" "configMap" (dict "name" $name))) -}}
{{- end -}}
