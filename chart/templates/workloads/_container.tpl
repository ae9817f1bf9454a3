{{/* The container of a collector's pods, as an element of a list. Input: plan; collector. */}}
{{- define "invar.workloads.container" -}}
{{- $settings := .collector.settings -}}
{{- $alloy := $settings.alloy -}}
- name: alloy
  image: {{ include "invar.workloads.image" . }}
  imagePullPolicy: {{ include "invar.workloads.pullPolicy" . | quote }}
  {{- with $alloy.command }}
  command:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  args:
    {{- include "invar.workloads.arguments" . | fromJsonArray | toYaml | nindent 4 }}
  env:
    {{- include "invar.workloads.environment" . | fromJsonArray | toYaml | nindent 4 }}
  {{- with $alloy.envFrom }}
  envFrom:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with include "invar.network.containerPorts" . | fromJsonArray }}
  ports:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with include "invar.workloads.probes" . }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- with $alloy.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $alloy.lifecycle }}
  lifecycle:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    {{- include "invar.workloads.securityContext" . | fromJson | toYaml | nindent 4 }}
  volumeMounts:
    {{- include "invar.workloads.mounts" . | fromJsonArray | toYaml | nindent 4 }}
{{- end -}}

{{/* The arguments of the program, as a JSON list. Input: plan; collector. */}}
{{- define "invar.workloads.arguments" -}}
{{- $alloy := .collector.settings.alloy -}}
{{- $address := ternary (printf "[%s]" $alloy.listenAddr) $alloy.listenAddr (and (contains ":" $alloy.listenAddr) (not (hasPrefix "[" $alloy.listenAddr))) -}}
{{- $arguments := list "run" "/etc/alloy" (printf "--server.http.listen-addr=%s:%d" $address (int $alloy.listenPort)) (printf "--storage.path=%s" $alloy.storagePath) "--config.watch" -}}
{{- $drain := max 1 (sub (int .collector.settings.controller.terminationGracePeriodSeconds) 10) -}}
{{- $arguments = append $arguments (printf "--shutdown.drain-timeout=%ds" $drain) -}}
{{- if ne $alloy.uiPathPrefix "/" -}}
{{- $arguments = append $arguments (printf "--server.http.ui-path-prefix=%s" $alloy.uiPathPrefix) -}}
{{- end -}}
{{- if ne $alloy.stabilityLevel "generally-available" -}}
{{- $arguments = append $arguments (printf "--stability.level=%s" $alloy.stabilityLevel) -}}
{{- end -}}
{{- with $alloy.memoryBudget -}}
{{- $arguments = append $arguments (printf "--memory.budget=%v" .) -}}
{{- end -}}
{{- if $alloy.clustering.enabled -}}
{{- $arguments = concat $arguments (list "--cluster.enabled" (printf "--cluster.join-addresses=%s-cluster.%s.svc" .collector.fullname (include "invar.namespace" .plan)) (printf "--cluster.name=%s" ($alloy.clustering.name | default .collector.name)) "--cluster.node-name=$(POD_NAME)" "--cluster.advertise-address=$(POD_IP)") -}}
{{- end -}}
{{- concat $arguments $alloy.extraArgs | toJson -}}
{{- end -}}

{{/* The container's environment: ours, but for names that the user gives. As a JSON list. Input: plan; collector. */}}
{{- define "invar.workloads.environment" -}}
{{- $taken := list -}}
{{- range .collector.settings.alloy.extraEnv -}}{{- $taken = append $taken .name -}}{{- end -}}
{{- $ours := list
  (dict "name" "HOSTNAME" "valueFrom" (dict "fieldRef" (dict "fieldPath" "spec.nodeName")))
  (dict "name" "K8S_NODE_NAME" "valueFrom" (dict "fieldRef" (dict "fieldPath" "spec.nodeName")))
  (dict "name" "POD_NAME" "valueFrom" (dict "fieldRef" (dict "fieldPath" "metadata.name")))
  (dict "name" "NAMESPACE" "valueFrom" (dict "fieldRef" (dict "fieldPath" "metadata.namespace"))) -}}
{{- if .collector.settings.alloy.clustering.enabled -}}
{{- $ours = append $ours (dict "name" "POD_IP" "valueFrom" (dict "fieldRef" (dict "fieldPath" "status.podIP"))) -}}
{{- end -}}
{{- $ours = concat $ours (include "invar.collectors.remoteConfigEnvironment" . | fromJsonArray) -}}
{{- $environment := list -}}
{{- range $ours -}}
{{- if not (has .name $taken) -}}{{- $environment = append $environment . -}}{{- end -}}
{{- end -}}
{{- concat $environment .collector.settings.alloy.extraEnv | toJson -}}
{{- end -}}

{{/*
The probes. The process is alive as long as it answers; whether its components are healthy says /-/healthy, which restarts nothing: a
restart brings no destination back. Input: plan; collector.
*/}}
{{- define "invar.workloads.probes" -}}
{{- $alloy := .collector.settings.alloy -}}
{{- $probes := dict "startupProbe" $alloy.startupProbe "livenessProbe" $alloy.livenessProbe "readinessProbe" $alloy.readinessProbe -}}
{{- if $alloy.enableHttpServerPort -}}
{{- $ours := dict
  "startupProbe" (dict "path" "/-/live" "periodSeconds" 1 "failureThreshold" 300)
  "livenessProbe" (dict "path" "/-/live" "periodSeconds" 10 "failureThreshold" 6)
  "readinessProbe" (dict "path" "/-/ready" "periodSeconds" 5 "failureThreshold" 3 "initialDelaySeconds" (int $alloy.initialDelaySeconds)) -}}
{{- range $name, $probe := $ours -}}
{{- if not (get $probes $name) -}}
{{- $get := dict "path" $probe.path "port" (int $alloy.listenPort) "scheme" $alloy.listenScheme -}}
{{- $_ := set $probes $name (merge (dict "httpGet" $get "timeoutSeconds" (int $alloy.timeoutSeconds)) (omit $probe "path")) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $name, $probe := $probes -}}
{{- if not $probe -}}{{- $_ := unset $probes $name -}}{{- end -}}
{{- end -}}
{{- with $probes -}}{{- toYaml . -}}{{- end -}}
{{- end -}}
