{{/* What the container sees, as a JSON list. Input: plan; collector. */}}
{{- define "invar.workloads.mounts" -}}
{{- $settings := .collector.settings -}}
{{- $mounts := list (dict "name" "config" "mountPath" "/etc/alloy" "readOnly" true) -}}
{{- if eq (include "invar.workloads.ownsStorage" .) "true" -}}
{{- $mounts = append $mounts (dict "name" "storage" "mountPath" $settings.alloy.storagePath) -}}
{{- end -}}
{{- if $settings.alloy.mounts.varlog -}}
{{- $mounts = append $mounts (dict "name" "varlog" "mountPath" "/var/log" "readOnly" true) -}}
{{- end -}}
{{- if $settings.alloy.mounts.dockercontainers -}}
{{- $mounts = append $mounts (dict "name" "dockercontainers" "mountPath" "/var/lib/docker/containers" "readOnly" true) -}}
{{- end -}}
{{- range $name, $_ := .collector.secrets -}}
{{- $mounts = append $mounts (dict "name" (include "invar.workloads.secretVolume" $name) "mountPath" (printf "%s/%s" $.plan.defaults.secretsFolder $name) "readOnly" true) -}}
{{- end -}}
{{- concat $mounts $settings.alloy.mounts.extra | toJson -}}
{{- end -}}

{{/* The pod's volumes, as a JSON list. Input: plan; collector. */}}
{{- define "invar.workloads.volumes" -}}
{{- $settings := .collector.settings -}}
{{- $config := ternary (dict "name" "config" "secret" (dict "secretName" .collector.fullname)) (dict "name" "config" "configMap" (dict "name" .collector.fullname)) .collector.embeds -}}
{{- $volumes := list $config -}}
{{- if eq (include "invar.workloads.ownsStorage" .) "true" -}}
{{- if eq $settings.storage.kind "node" -}}
{{- $path := $settings.storage.path | default (printf "/var/lib/invar/%s/%s" (include "invar.namespace" .plan) .collector.fullname) -}}
{{- $volumes = append $volumes (dict "name" "storage" "hostPath" (dict "path" $path "type" "DirectoryOrCreate")) -}}
{{- else if eq $settings.storage.kind "ephemeral" -}}
{{- $limit := ternary (dict "sizeLimit" $settings.storage.sizeLimit) dict (ne $settings.storage.sizeLimit "") -}}
{{- $volumes = append $volumes (dict "name" "storage" "emptyDir" $limit) -}}
{{- else if eq .collector.kind "deployment" -}}
{{- $volumes = append $volumes (dict "name" "storage" "persistentVolumeClaim" (dict "claimName" (printf "%s-storage" .collector.fullname))) -}}
{{- end -}}
{{- end -}}
{{- if $settings.alloy.mounts.varlog -}}
{{- $volumes = append $volumes (dict "name" "varlog" "hostPath" (dict "path" "/var/log")) -}}
{{- end -}}
{{- if $settings.alloy.mounts.dockercontainers -}}
{{- $volumes = append $volumes (dict "name" "dockercontainers" "hostPath" (dict "path" "/var/lib/docker/containers")) -}}
{{- end -}}
{{- range $name, $_ := .collector.secrets -}}
{{- $volumes = append $volumes (dict "name" (include "invar.workloads.secretVolume" $name) "secret" (dict "secretName" $name)) -}}
{{- end -}}
{{- concat $volumes $settings.controller.volumes.extra | toJson -}}
{{- end -}}

{{/* "true" where this chart mounts what the storage path names, and not the user. Input: plan; collector. */}}
{{- define "invar.workloads.ownsStorage" -}}
{{- $isTaken := false -}}
{{- range .collector.settings.alloy.mounts.extra -}}
{{- if eq (trimSuffix "/" .mountPath) (trimSuffix "/" $.collector.settings.alloy.storagePath) -}}{{- $isTaken = true -}}{{- end -}}
{{- end -}}
{{- not $isTaken -}}
{{- end -}}

{{/* The name of the volume of a Secret. Names of Secrets may have dots, those of volumes may not. Input: the Secret's name. */}}
{{- define "invar.workloads.secretVolume" -}}
{{- $name := include "invar.kubernetesName" (printf "secret-%s" .) -}}
{{- if eq $name (printf "secret-%s" .) -}}
{{- $name -}}
{{- else -}}
{{- printf "%s-%s" (trunc 54 $name) (sha256sum . | trunc 8) -}}
{{- end -}}
{{- end -}}

{{/* The claim on a volume for a collector's storage: its spec, as YAML. Input: collector. */}}
{{- define "invar.workloads.claim" -}}
{{- $storage := .collector.settings.storage -}}
accessModes:
  {{- toYaml $storage.accessModes | nindent 2 }}
{{- with $storage.storageClass }}
storageClassName: {{ . | quote }}
{{- end }}
{{- with $storage.selector }}
selector:
  {{- toYaml . | nindent 2 }}
{{- end }}
resources:
  requests:
    storage: {{ $storage.size | quote }}
{{- end -}}
