{{/* A part is scraped from pods that are there, or read by the collector on each node. */}}
{{- define "invar.features.hostMetrics.check" -}}
{{- $part := .feature.part -}}
{{- $settings := .feature.settings -}}
{{- if eq (toString $settings.source) "alloy" -}}
{{- if eq $part "windowsHosts" -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.source is \"alloy\"; reading metrics of Windows nodes is not there yet." .feature.where) "set" (list "hostMetrics:" "  windowsHosts:" "    source: windows-exporter" "    labelMatchers:" "      app.kubernetes.io/name: prometheus-windows-exporter")) -}}
{{- else -}}
{{- include "invar.features.requireDaemonSet" (merge (dict "reason" "reads each node") .) -}}
{{- $isMounted := false -}}
{{- range .collector.settings.alloy.mounts.extra -}}
{{- if eq (toString .mountPath) "/host/root" -}}{{- $isMounted = true -}}{{- end -}}
{{- end -}}
{{- if not $isMounted -}}
{{- $message := printf "%s reads the node below /host/root, which its collector %q does not mount." .feature.where .collector.name -}}
{{- include "invar.features.presetProblem" (merge (dict "message" $message "preset" "linux-host-monitor") .) -}}
{{- end -}}
{{- end -}}
{{- else -}}
{{- include "invar.features.requireClustering" . -}}
{{- $service := get (dict "linuxHosts" "node-exporter" "windowsHosts" "windows-exporter" "energyMetrics" "kepler") $part -}}
{{- $name := get (dict "linuxHosts" "prometheus-node-exporter" "windowsHosts" "prometheus-windows-exporter" "energyMetrics" "kepler") $part -}}
{{- if not (or $settings.labelMatchers (get .plan.values.telemetryServices $service).deploy) -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.labelMatchers does not say by which labels the pods of %s are found." .feature.where $service) "set" (list "hostMetrics:" (printf "  %s:" $part) "    labelMatchers:" (printf "      app.kubernetes.io/name: %s" $name))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
