{{/* Works out each enabled collector's settings and names. Input: the plan. */}}
{{- define "invar.collectors.plan" -}}
{{- $collectors := dict -}}
{{- $owners := dict -}}
{{- range $name, $given := .values.collectors -}}
{{- if dig "enabled" true $given -}}
{{- $collector := dict "name" $name "where" (printf "%scollectors.%s" $.place $name) "features" list "destinations" list "secrets" dict "remoteSecrets" dict "embeds" false "spoken" dict "ports" list "rules" list -}}
{{- include "invar.collectors.settings" (dict "plan" $ "collector" $collector "given" $given) -}}
{{- $_ := set $collector "fullname" (include "invar.collectors.fullname" (dict "plan" $ "collector" $collector)) -}}
{{- include "invar.collectors.check" (dict "plan" $ "collector" $collector) -}}
{{- if hasKey $owners $collector.fullname -}}
{{- include "invar.problem" (dict "plan" $ "message" (printf "The objects of %s and %s would have the same name, %q. Rename one of them." (get $owners $collector.fullname) $collector.where $collector.fullname)) -}}
{{- end -}}
{{- $_ := set $owners $collector.fullname $collector.where -}}
{{- $_ := set $collectors $name $collector -}}
{{- end -}}
{{- end -}}
{{- $_ := set . "collectors" $collectors -}}
{{- end -}}

{{/*
The settings of a collector. Later wins: the defaults, its presets (the earlier preset wins over the later, and lists of ports,
mounts, volumes and init containers add up), what is set for all collectors, what is set for this one.
Input: plan; collector; given, what the user set for it. Sets: collector.settings, collector.kind.
*/}}
{{- define "invar.collectors.settings" -}}
{{- $presets := dict -}}
{{- range $preset := .given.presets -}}
{{- if hasKey $.plan.defaults.presets $preset -}}
{{- $incoming := deepCopy (get $.plan.defaults.presets $preset) -}}
{{- include "invar.collectors.addLists" (dict "lists" $.plan.defaults.addingLists "to" $presets "from" $incoming) -}}
{{- $presets = merge $presets $incoming -}}
{{- else if hasKey $.plan.defaults.absentPresets $preset -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "%s.presets has %q, which is not there: %s." $.collector.where $preset (get $.plan.defaults.absentPresets $preset))) -}}
{{- else -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "%s.presets has %q; a preset can be %s." $.collector.where $preset (keys $.plan.defaults.presets | sortAlpha | join ", "))) -}}
{{- end -}}
{{- end -}}
{{- $settings := mergeOverwrite (deepCopy .plan.defaults.collector) $presets (deepCopy .plan.values.collectorCommon.alloy) (deepCopy .given) -}}
{{- $_ := set .collector "settings" $settings -}}
{{- $_ := set .collector "kind" $settings.controller.type -}}
{{- end -}}

{{/*
Puts the lists of one map before the same lists of another, where both have them. Input: lists, the path of each; to, the map that has the
first elements, and whose lists grow; from.
*/}}
{{- define "invar.collectors.addLists" -}}
{{- range $path := .lists -}}
{{- $parent := $.to -}}
{{- $other := $.from -}}
{{- range initial $path -}}
{{- $parent = get $parent . | default dict -}}
{{- $other = get $other . | default dict -}}
{{- end -}}
{{- if and (get $parent (last $path)) (get $other (last $path)) -}}
{{- $_ := set $parent (last $path) (concat (get $parent (last $path)) (get $other (last $path))) -}}
{{- end -}}
{{- end -}}
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
app.kubernetes.io/name: {{ include "invar.kubernetesName" .collector.name | quote }}
app.kubernetes.io/instance: {{ .collector.fullname | quote }}
{{- end -}}

{{/* The labels of a collector's objects. Input: plan; collector; component, what kind of object it is (optional). */}}
{{- define "invar.collectors.labels" -}}
{{ include "invar.labels" .plan }}
{{ include "invar.collectors.selector" . }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{/* The service account of a collector's pods. Input: collector. */}}
{{- define "invar.collectors.serviceAccount" -}}
{{- .collector.settings.serviceAccount.name | default (ternary .collector.fullname "default" .collector.settings.serviceAccount.create) -}}
{{- end -}}

{{/* Whether something else than replicas decides how many pods there are. Input: collector. */}}
{{- define "invar.collectors.isScaled" -}}
{{- $autoscaling := .collector.settings.controller.autoscaling -}}
{{- if or $autoscaling.enabled $autoscaling.horizontal.enabled $autoscaling.horizontal.externalHPA -}}true{{- end -}}
{{- end -}}

{{/* The YAML that gives a collector one more preset, as a list of lines. Input: collector; preset. */}}
{{- define "invar.collectors.presetExample" -}}
- "collectors:"
- {{ printf "  %s:" .collector.name | quote }}
- {{ printf "    presets: [%s]" (append (.collector.settings.presets | default list) .preset | join ", ") | quote }}
{{- end -}}
