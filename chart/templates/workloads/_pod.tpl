{{/* The template of a collector's pods. Input: plan; collector. */}}
{{- define "invar.workloads.pod" -}}
{{- $settings := .collector.settings -}}
{{- $controller := $settings.controller -}}
metadata:
  annotations:
    {{- mergeOverwrite (dict "kubectl.kubernetes.io/default-container" "alloy") (deepCopy $controller.podAnnotations) (deepCopy $settings.alloy.extraAnnotations) | toYaml | nindent 4 }}
  labels:
    {{- include "invar.collectors.selector" . | nindent 4 }}
    app.kubernetes.io/version: {{ .plan.root.Chart.AppVersion | quote }}
    {{- with $controller.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "invar.collectors.serviceAccount" . | quote }}
  automountServiceAccountToken: {{ include "invar.access.usesToken" . }}
  {{- with include "invar.workloads.podSecurityContext" . | fromJson }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with include "invar.workloads.pullSecrets" . }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- with $controller.initContainers }}
  initContainers:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    {{- include "invar.workloads.container" . | nindent 4 }}
    {{- with $controller.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with $controller.priorityClassName }}
  priorityClassName: {{ . | quote }}
  {{- end }}
  {{- if $controller.hostNetwork }}
  hostNetwork: true
  {{- end }}
  {{- if $controller.hostPID }}
  hostPID: true
  {{- end }}
  dnsPolicy: {{ $controller.dnsPolicy | quote }}
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ $controller.terminationGracePeriodSeconds | int }}
  {{- with $controller.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $controller.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $controller.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with include "invar.workloads.spread" . }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- with $settings.alloy.hostAliases }}
  hostAliases:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumes:
    {{- include "invar.workloads.volumes" . | fromJsonArray | toYaml | nindent 4 }}
{{- end -}}

{{/* How the pods spread, where there are several. Input: plan; collector. */}}
{{- define "invar.workloads.spread" -}}
{{- $controller := .collector.settings.controller -}}
{{- if $controller.topologySpreadConstraints -}}
topologySpreadConstraints:
  {{- toYaml $controller.topologySpreadConstraints | nindent 2 }}
{{- else if and (ne .collector.kind "daemonset") (or (gt (int $controller.replicas) 1) (include "invar.collectors.isScaled" .)) -}}
topologySpreadConstraints:
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "invar.collectors.selector" $ | nindent 8 }}
{{- end }}
{{- end -}}
{{- end -}}
