{{/*
What features ask of their collector. Each notes a problem with the YAML that ends it, or nothing.
Input of all: plan; feature; collector.
*/}}

{{/*
Work that is shared needs a cluster where there is more than one pod of the collector; otherwise each would do all of it.
Input besides: isAlways, whether one pod needs it as well (optional).
*/}}
{{- define "invar.features.requireClustering" -}}
{{- $settings := .collector.settings -}}
{{- $isMany := or (eq .collector.kind "daemonset") (gt (int $settings.controller.replicas) 1) (dig "autoscaling" "enabled" false $settings.controller) (dig "autoscaling" "horizontal" "enabled" false $settings.controller) -}}
{{- if and (or $isMany .isAlways) (not $settings.alloy.clustering.enabled) -}}
{{- $message := printf "%s shares its work among the pods of collector %q, which form no cluster." .feature.where .collector.name -}}
{{- include "invar.features.presetProblem" (merge (dict "message" $message "preset" "clustered" "path" (list "alloy" "clustering" "enabled") "value" true) .) -}}
{{- end -}}
{{- end -}}

{{/* Input besides: reason, why there must be a pod on each node. */}}
{{- define "invar.features.requireDaemonSet" -}}
{{- if ne .collector.kind "daemonset" -}}
{{- $message := printf "%s %s, and its collector %q is a %s." .feature.where .reason .collector.name .collector.kind -}}
{{- include "invar.features.presetProblem" (merge (dict "message" $message "preset" "daemonset" "path" (list "controller" "type") "value" "daemonset") .) -}}
{{- end -}}
{{- end -}}

{{/* The logs of the node. */}}
{{- define "invar.features.requireLogFiles" -}}
{{- if not .collector.settings.alloy.mounts.varlog -}}
{{- $message := printf "%s reads files below /var/log, which its collector %q does not mount." .feature.where .collector.name -}}
{{- include "invar.features.presetProblem" (merge (dict "message" $message "preset" "filesystem-log-reader" "path" (list "alloy" "mounts" "varlog") "value" true) .) -}}
{{- end -}}
{{- end -}}

{{/*
Opens a port on the collector, unless its settings open it already. Sets: collector.ports.
Input besides: port: name, port, protocol, appProtocol (optional), setting, its place in the feature's settings.
*/}}
{{- define "invar.features.openPort" -}}
{{- $port := merge (dict "port" (int .port.port) "targetPort" (int .port.port)) (omit .port "setting") -}}
{{- $isOpen := false -}}
{{- range .collector.settings.alloy.extraPorts -}}
{{- if and (eq (int .targetPort) $port.targetPort) (eq (.protocol | default "TCP") $port.protocol) -}}{{- $isOpen = true -}}{{- end -}}
{{- end -}}
{{- range $other := .collector.claims | default list -}}
{{- if and (eq $other.port $port.port) (eq $other.protocol $port.protocol) -}}
{{- $lines := list (printf "%s:" $.feature.key) -}}
{{- range $depth, $key := splitList "." $.port.setting -}}
{{- $lines = append $lines (printf "%s%s:" (repeat (add1 $depth | int) "  ") $key) -}}
{{- end -}}
{{- $lines = append (initial $lines) (printf "%s %d" (last $lines) (add1 $port.port)) -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "%s: %s and %s both want port %d/%s of collector %q." $.feature.where $other.name $port.name $port.port $port.protocol $.collector.name) "set" $lines) -}}
{{- $isOpen = true -}}
{{- end -}}
{{- end -}}
{{- $_ := set .collector "claims" (append (.collector.claims | default list) $port) -}}
{{- if not $isOpen -}}
{{- $_ := set .collector "ports" (append (.collector.ports | default list) $port) -}}
{{- end -}}
{{- end -}}

{{/*
A problem that a preset ends. Where the user has set the opposite in so many words, that has to be changed as well; of presets that
choose the kind of workload only one is left.
Input besides: message; preset; path and value of what the preset sets, where it is one value (optional).
*/}}
{{- define "invar.features.presetProblem" -}}
{{- $kinds := list "daemonset" "deployment" "statefulset" "singleton" -}}
{{- $presets := list -}}
{{- range $name := .collector.settings.presets -}}
{{- if not (and (has $.preset $kinds) (has $name $kinds)) -}}{{- $presets = append $presets $name -}}{{- end -}}
{{- end -}}
{{- $lines := list "collectors:" (printf "  %s:" .collector.name) (printf "    presets: [%s]" (join ", " (append $presets .preset))) -}}
{{- if and .path (or (include "invar.features.isSet" (dict "map" (get .plan.values.collectors .collector.name) "path" .path)) (include "invar.features.isSet" (dict "map" .plan.values.collectorCommon.alloy "path" .path))) -}}
{{- range $depth, $key := .path -}}
{{- $lines = append $lines (printf "    %s%s:%s" (repeat $depth "  ") $key (ternary (printf " %v" $.value) "" (eq $depth (sub (len $.path) 1 | int)))) -}}
{{- end -}}
{{- end -}}
{{- include "invar.problem" (dict "plan" .plan "message" .message "set" $lines) -}}
{{- end -}}

{{/* "true" where a map has a value at a path. Input: map; path, a list of keys. */}}
{{- define "invar.features.isSet" -}}
{{- $map := .map -}}
{{- range initial .path -}}{{- $map = get ($map | default dict) . | default dict -}}{{- end -}}
{{- if hasKey $map (last .path) -}}true{{- end -}}
{{- end -}}
