{{/* Lays each destination over the defaults of its type, and lets the type look at it. Input: the plan. */}}
{{- define "invar.destinations.plan" -}}
{{- $destinations := dict -}}
{{- $refused := list -}}
{{- range $name, $given := .values.destinations -}}
{{- $where := printf "%sdestinations.%s" $.place $name -}}
{{- if $given.disabled -}}
{{- else if has ($given.type | default "") (list "pyroscope" "router") -}}
{{- $refused = append $refused $name -}}
{{- include "invar.problem" (dict "plan" $ "message" (printf "%s.type is %q, which is not there yet." $where $given.type) "set" (list "destinations:" (printf "  %s:" $name) "    disabled: true")) -}}
{{- else if not (hasKey $.defaults.destinations ($given.type | default "")) -}}
{{- include "invar.problem" (dict "plan" $ "message" (printf "%s.type is %q; it can be %s." $where ($given.type | default "") (keys $.defaults.destinations | sortAlpha | join ", "))) -}}
{{- else -}}
{{- $settings := mergeOverwrite (deepCopy (get $.defaults.destinations $given.type)) $given -}}
{{- $destination := dict "name" $name "type" $given.type "settings" $settings "given" $given "where" $where "label" (include "invar.componentName" $name) -}}
{{- $_ := set $destinations $name $destination -}}
{{- include (printf "invar.destinations.%s.check" $given.type) (dict "plan" $ "destination" $destination) -}}
{{- end -}}
{{- end -}}
{{- $_ := set . "destinations" $destinations -}}
{{- $_ := set . "refusedDestinations" $refused -}}
{{- end -}}

{{/*
The destinations of a signal: those that are named, else all whose own protocol it is, else all that take it.
Input: plan; signal, "metrics", "logs" or "traces"; protocol, "prometheus", "loki" or "otlp"; named, a list (may be empty).
Sets: result, the names in alphabetical order.
*/}}
{{- define "invar.destinations.choose" -}}
{{- $own := list -}}
{{- $others := list -}}
{{- range $name, $destination := .plan.destinations -}}
{{- $takes := include (printf "invar.destinations.%s.signals" $destination.type) $destination | splitList " " -}}
{{- if and (has $.signal $takes) (or (empty $.named) (has $name $.named)) -}}
{{- if or $.named (eq $.protocol (include (printf "invar.destinations.%s.protocol" $destination.type) $destination)) -}}
{{- $own = append $own $name -}}
{{- else -}}
{{- $others = append $others $name -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $_ := set . "result" (ternary $others $own (empty $own)) -}}
{{- end -}}

{{/*
Prints the components that take a feature's signal in a protocol, as the elements of a list, and notes which destinations have to
translate from it.
Input: plan; feature; collector; signal; protocol.
*/}}
{{- define "invar.destinations.targets" -}}
{{- range $name := get .feature.targets .signal | default list -}}
{{- $destination := get $.plan.destinations $name -}}
{{- $_ := set $.collector.spoken $name (append (get $.collector.spoken $name | default list) (printf "%s/%s" $.protocol $.signal) | uniq) -}}
{{ include (printf "invar.destinations.%s.target" $destination.type) (dict "plan" $.plan "destination" $destination "signal" $.signal "protocol" $.protocol) }},
{{ end -}}
{{- end -}}
