{{/*
The image of a collector's containers. One program, one image: whatever pod this chart makes runs it.
Input: plan; collector (optional).
*/}}
{{- define "invar.workloads.image" -}}
{{- $image := (.collector | default dict).settings | default .plan.defaults.collector | dig "image" dict -}}
{{- $own := (.collector | default dict).settings | default dict | dig "global" "image" "registry" "" -}}
{{- $global := .plan.values.global -}}
{{- $registry := coalesce $own $global.image.registry $global.imageRegistry $image.registry "docker.io" -}}
{{- $reference := printf ":%s" ($image.tag | default .plan.root.Chart.AppVersion) -}}
{{- if $image.digest -}}
{{- $reference = printf "@sha256:%s" (trimPrefix "sha256:" $image.digest) -}}
{{- end -}}
{{- printf "%s/%s%s" (trimSuffix "/" $registry) $image.repository $reference | quote -}}
{{- end -}}

{{/* When it is pulled. Input: plan; collector (optional). */}}
{{- define "invar.workloads.pullPolicy" -}}
{{- $settings := (.collector | default dict).settings | default .plan.defaults.collector -}}
{{- $global := .plan.values.global -}}
{{- coalesce $settings.global.image.pullPolicy $global.image.pullPolicy $global.imagePullPolicy $settings.image.pullPolicy "IfNotPresent" -}}
{{- end -}}

{{/* The Secrets to pull it with, as `imagePullSecrets:` with its list, or nothing. Input: plan; collector (optional). */}}
{{- define "invar.workloads.pullSecrets" -}}
{{- $settings := (.collector | default dict).settings | default .plan.defaults.collector -}}
{{- $global := .plan.values.global -}}
{{- $given := list -}}
{{- range list $settings.image.pullSecrets $settings.global.image.pullSecrets $global.image.pullSecrets $global.imagePullSecrets -}}
{{- if and . (not $given) -}}{{- $given = . -}}{{- end -}}
{{- end -}}
{{- if $given -}}
imagePullSecrets:
{{- range $given }}
{{- if kindIs "map" . }}
  - name: {{ tpl .name $.plan.root | quote }}
{{- else }}
  - name: {{ tpl . $.plan.root | quote }}
{{- end }}
{{- end }}
{{- end -}}
{{- end -}}
