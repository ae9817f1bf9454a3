{{/* The features, in the order of their sections in a configuration, and the signal and protocol in which each of them gathers. */}}
{{- define "invar.features.list" -}}
- {key: podLogsViaLoki, title: "Logs of pods", gathers: [{signal: logs, protocol: loki}]}
{{- end -}}

{{/* Finds each enabled feature's collector and destinations, and lets it look at them. Input: the plan. */}}
{{- define "invar.features.plan" -}}
{{- $features := list -}}
{{- range $feature := include "invar.features.list" . | fromYamlArray -}}
{{- $settings := get $.values $feature.key -}}
{{- if $settings.enabled -}}
{{- $_ := set $feature "settings" $settings -}}
{{- $_ := set $feature "where" (printf "%s%s" $.place $feature.key) -}}
{{- include "invar.features.assign" (dict "plan" $ "feature" $feature) -}}
{{- include "invar.features.findDestinations" (dict "plan" $ "feature" $feature) -}}
{{- if $feature.collector -}}
{{- include (printf "invar.features.%s.check" $feature.key) (dict "plan" $ "feature" $feature "collector" $feature.collector) -}}
{{- end -}}
{{- $features = append $features $feature -}}
{{- end -}}
{{- end -}}
{{- $_ := set . "features" $features -}}
{{- end -}}

{{/*
Gives a feature to the collector that is named for it, else to the only one that is enabled.
Input: plan; feature. Sets: feature.collector, and the feature among the collector's features.
*/}}
{{- define "invar.features.assign" -}}
{{- $enabled := keys .plan.collectors | sortAlpha -}}
{{- $name := .feature.settings.collector | default (ternary (first $enabled | default "") "" (eq (len $enabled) 1)) -}}
{{- if hasKey .plan.collectors $name -}}
{{- $collector := get .plan.collectors $name -}}
{{- $_ := set .feature "collector" $collector -}}
{{- $_ := set $collector "features" (append $collector.features .feature) -}}
{{- else if $name -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.collector is %q, which is no enabled collector%s." .feature.where $name (ternary (printf " (enabled: %s)" (join ", " $enabled)) "" (not (empty $enabled)))) "set" (include "invar.features.collectorExample" (dict "plan" .plan "name" $name) | fromYamlArray)) -}}
{{- else -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s is enabled and no collector gathers it." .feature.where) "set" (include "invar.features.collectorExample" (dict "plan" .plan "name" (first $enabled | default "alloy") "feature" .feature) | fromYamlArray)) -}}
{{- end -}}
{{- end -}}

{{/* The YAML that enables a collector, as a list of lines. Input: plan; name; feature, which shall name it (optional). */}}
{{- define "invar.features.collectorExample" -}}
{{- if .feature }}
- {{ printf "%s:" .feature.key | quote }}
- {{ printf "  collector: %s" .name | quote }}
{{- end }}
{{- if not (hasKey .plan.collectors .name) }}
- "collectors:"
- {{ printf "  %s:" .name | quote }}
- "    enabled: true"
{{- end }}
{{- end -}}

{{/*
Finds the destinations of each signal that a feature gathers.
Input: plan; feature. Sets: feature.targets, signal → names; and the names among the collector's destinations.
*/}}
{{- define "invar.features.findDestinations" -}}
{{- $targets := dict -}}
{{- range $name := .feature.settings.destinations -}}
{{- if not (hasKey $.plan.values.destinations $name) -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "%s.destinations has %q, which is no destination (there are: %s)." $.feature.where $name (keys $.plan.values.destinations | sortAlpha | join ", " | default "none"))) -}}
{{- end -}}
{{- end -}}
{{- range $gathered := .feature.gathers -}}
{{- $choice := dict "plan" $.plan "signal" $gathered.signal "protocol" $gathered.protocol "named" $.feature.settings.destinations -}}
{{- include "invar.destinations.choose" $choice -}}
{{- if empty $choice.result -}}
{{- include "invar.destinations.missing" (dict "plan" $.plan "feature" $.feature "gathered" $gathered) -}}
{{- end -}}
{{- $_ := set $targets $gathered.signal $choice.result -}}
{{- if $.feature.collector -}}
{{- $_ := set $.feature.collector "destinations" (concat $.feature.collector.destinations $choice.result | uniq) -}}
{{- end -}}
{{- end -}}
{{- $_ := set .feature "targets" $targets -}}
{{- end -}}

{{/* Notes that a feature's signal goes nowhere. Input: plan; feature; gathered. */}}
{{- define "invar.destinations.missing" -}}
{{- $lines := list "destinations:" (printf "  %s:" .gathered.protocol) (printf "    type: %s" .gathered.protocol) "    url: …" -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s gathers %s, and no destination takes them." .feature.where .gathered.signal) "set" $lines) -}}
{{- end -}}
