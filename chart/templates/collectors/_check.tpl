{{/* Says what of a collector's settings can't be. Input: plan; collector. */}}
{{- define "invar.collectors.check" -}}
{{- $settings := .collector.settings -}}
{{- $where := .collector.where -}}
{{- $lines := list "collectors:" (printf "  %s:" .collector.name) -}}
{{- $presets := $settings.presets -}}
{{- if and (has "privileged" $presets) (or (has "root" $presets) (has "host-network" $presets)) -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.presets has \"privileged\" beside those that take its place, \"root\" and \"host-network\"." $where) "set" (append $lines (printf "    presets: [%s]" (without $presets "privileged" | join ", ")))) -}}
{{- end -}}
{{- range $key := list "content" "name" "key" -}}
{{- if get $settings.alloy.configMap $key -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "%s.alloy.configMap.%s can't be: the configuration comes from the features. Write more of it as extraConfig." $where $key) "set" (concat $lines (list "    alloy:" "      configMap: null" "    extraConfig: |" "      …"))) -}}
{{- end -}}
{{- end -}}
{{- if and (eq $settings.storage.kind "node") (ne .collector.kind "daemonset") -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s keeps data in a folder of its node (storage.kind \"node\"), which a %s leaves when it moves. A claim follows it." $where .collector.kind) "set" (concat $lines (list "    storage:" "      kind: claim"))) -}}
{{- else if and (eq $settings.storage.kind "claim") (eq .collector.kind "daemonset") -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.storage.kind is \"claim\", and a DaemonSet has no claims." $where) "set" (concat $lines (list "    storage:" "      kind: node"))) -}}
{{- else if and (eq $settings.storage.kind "claim") (eq .collector.kind "deployment") (or (gt (int $settings.controller.replicas) 1) (include "invar.collectors.isScaled" .)) -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.storage.kind is \"claim\", and the pods of a Deployment would share one claim. A StatefulSet has one for each." $where) "set" (concat $lines (list "    controller:" "      type: statefulset"))) -}}
{{- end -}}
{{- if and $settings.controller.volumeClaimTemplates (ne .collector.kind "statefulset") -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.controller.volumeClaimTemplates is for a StatefulSet, and this is a %s." $where .collector.kind) "set" (concat $lines (list "    controller:" "      type: statefulset"))) -}}
{{- end -}}
{{- include "invar.collectors.checkScaling" . -}}
{{- include "invar.collectors.checkPorts" . -}}
{{- end -}}

{{/* Says what can't be about a budget of disruptions and about scaling. Input: plan; collector. */}}
{{- define "invar.collectors.checkScaling" -}}
{{- $controller := .collector.settings.controller -}}
{{- $where := printf "%s.controller" .collector.where -}}
{{- $lines := list "collectors:" (printf "  %s:" .collector.name) "    controller:" -}}
{{- $budget := $controller.podDisruptionBudget -}}
{{- if $budget.enabled -}}
{{- if eq .collector.kind "daemonset" -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.podDisruptionBudget can't hold a DaemonSet, whose pods are not evicted." $where) "set" (append $lines "      podDisruptionBudget: {enabled: false}")) -}}
{{- else if eq (hasKey $budget "minAvailable") (hasKey $budget "maxUnavailable") -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.podDisruptionBudget has %s of minAvailable and maxUnavailable, and needs one." $where (ternary "both" "none" (hasKey $budget "minAvailable"))) "set" (append $lines "      podDisruptionBudget: {enabled: true, minAvailable: null, maxUnavailable: 1}")) -}}
{{- end -}}
{{- end -}}
{{- $scaling := $controller.autoscaling -}}
{{- if and $scaling.horizontal.enabled $scaling.horizontal.externalHPA -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.autoscaling.horizontal has both enabled and externalHPA: either this chart scales the pods or somebody else." $where) "set" (append $lines "      autoscaling: {horizontal: {externalHPA: false}}")) -}}
{{- end -}}
{{- if and (include "invar.collectors.isScaled" .) (eq .collector.kind "daemonset") -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.autoscaling sets the number of pods, which a DaemonSet does not have." $where) "set" (append $lines "      type: deployment")) -}}
{{- end -}}
{{- $horizontal := include "invar.workloads.horizontal" . | fromJson -}}
{{- if $horizontal -}}
{{- $requests := .collector.settings.alloy.resources.requests | default dict -}}
{{- range $resource, $percentage := dict "memory" $horizontal.targetMemoryUtilizationPercentage "cpu" $horizontal.targetCPUUtilizationPercentage -}}
{{- if and $percentage (not (get $requests $resource)) -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "%s.autoscaling follows the %s that is used of what is requested, and alloy.resources.requests.%s is not set." $where $resource $resource) "set" (list "collectors:" (printf "  %s:" $.collector.name) "    alloy:" "      resources:" "        requests:" (printf "          %s: %s" $resource (ternary "256Mi" "100m" (eq $resource "memory"))))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Says which ports are unusable or given twice. Input: plan; collector. */}}
{{- define "invar.collectors.checkPorts" -}}
{{- $names := dict -}}
{{- range $index, $port := .collector.settings.alloy.extraPorts -}}
{{- $where := printf "%s.alloy.extraPorts[%d]" $.collector.where $index -}}
{{- if not (and $port.name $port.port $port.targetPort) -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "%s needs name, port and targetPort." $where)) -}}
{{- else if not (regexMatch "^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$" $port.name) -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "%s.name is %q; the name of a port has at most 15 small letters, digits and hyphens." $where $port.name)) -}}
{{- else if or (hasKey $names $port.name) (eq $port.name "http-metrics") -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "%s.name is %q, as is the name of another port." $where $port.name)) -}}
{{- end -}}
{{- $_ := set $names ($port.name | default "") true -}}
{{- end -}}
{{- end -}}
