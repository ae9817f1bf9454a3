{{/* Works out each enabled collector's settings and names. Input: the plan. */}}
{{- define "invar.collectors.plan" -}}
{{- $collectors := dict -}}
{{- range $name, $given := .values.collectors -}}
{{- if dig "enabled" true $given -}}
{{- $collector := dict "name" $name "where" (printf "%scollectors.%s" $.place $name) "features" list "destinations" list "secrets" dict "remoteSecrets" dict "embeds" false "spoken" dict -}}
{{- include "invar.collectors.settings" (dict "plan" $ "collector" $collector "given" $given) -}}
{{- $_ := set $collector "fullname" (include "invar.collectors.fullname" (dict "plan" $ "collector" $collector)) -}}
{{- $_ := set $collectors $name $collector -}}
{{- end -}}
{{- end -}}
{{- $_ := set . "collectors" $collectors -}}
{{- end -}}

{{/*
The settings of a collector. Later wins: the defaults, its presets (the earlier preset wins over the later, and lists of ports,
mounts, volumes and init containers add up), what is set for all collectors, what is set for this one.
Input: plan; collector; given, what the user set for it. Sets: collector.settings.
*/}}
{{- define "invar.collectors.settings" -}}
{{- $presets := dict -}}
{{- range $preset := .given.presets -}}
{{- if hasKey $.plan.defaults.presets $preset -}}
{{- $incoming := deepCopy (get $.plan.defaults.presets $preset) -}}
{{- range $path := $.plan.defaults.addingLists -}}
{{- $before := dig (first $path) (last $path) list $presets -}}
{{- $added := dig (first $path) (last $path) list $incoming -}}
{{- if and $before $added -}}
{{- $_ := set (get $presets (first $path)) (last $path) (concat $before $added) -}}
{{- end -}}
{{- end -}}
{{- $presets = merge $presets $incoming -}}
{{- else -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "%s.presets has %q; a preset can be %s." $.collector.where $preset (keys $.plan.defaults.presets | sortAlpha | join ", "))) -}}
{{- end -}}
{{- end -}}
{{- $settings := mergeOverwrite (deepCopy .plan.defaults.collector) $presets (deepCopy .plan.values.collectorCommon.alloy) (deepCopy .given) -}}
{{- $_ := set .collector "settings" $settings -}}
{{- $_ := set .collector "kind" $settings.controller.type -}}
{{- end -}}

{{/* The name of a collector's objects. Input: plan, collector. */}}
{{- define "invar.collectors.fullname" -}}
{{- if .collector.settings.fullnameOverride -}}
{{- .collector.settings.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "invar.kubernetesName" (.plan.values.nameOverride | default .collector.name) -}}
{{- if contains $name .plan.root.Release.Name -}}
{{- .plan.root.Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .plan.root.Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* By what a collector's pods are found. Input: collector. */}}
{{- define "invar.collectors.selector" -}}
app.kubernetes.io/name: {{ include "invar.kubernetesName" .collector.name }}
app.kubernetes.io/instance: {{ .collector.fullname }}
{{- end -}}

{{/* The YAML that gives a collector one more preset, as a list of lines. Input: collector; preset. */}}
{{- define "invar.collectors.presetExample" -}}
- "collectors:"
- {{ printf "  %s:" .collector.name | quote }}
- {{ printf "    presets: [%s]" (append (.collector.settings.presets | default list) .preset | join ", ") | quote }}
{{- end -}}
