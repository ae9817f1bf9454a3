{{/*
What the process may do. By default what Pod Security calls "restricted": no user of the node's, no capability, nothing to write to but
its volumes. Who reads /var/log is in the group that may, root's; only who keeps data in a folder of the node, or reads the journal, is
root, though without any capability.
*/}}

{{/* "true" where a collector's process has to be root. Input: plan; collector. */}}
{{- define "invar.workloads.isRoot" -}}
{{- if or (eq .collector.settings.storage.kind "node") (hasKey (.collector.components | default dict) "loki.source.journal") -}}true{{- end -}}
{{- end -}}

{{/* The security context of the container, as JSON. Input: plan; collector. */}}
{{- define "invar.workloads.securityContext" -}}
{{- $given := .collector.settings.alloy.securityContext -}}
{{- $ofPod := include "invar.workloads.givenPodSecurityContext" . | fromJson -}}
{{- $isRoot := eq (include "invar.workloads.isRoot" .) "true" -}}
{{- $readsLogs := .collector.settings.alloy.mounts.varlog -}}
{{- $context := dict "allowPrivilegeEscalation" false "readOnlyRootFilesystem" true "capabilities" (dict "drop" (list "ALL")) "seccompProfile" (dict "type" "RuntimeDefault") -}}
{{- $ids := dict -}}
{{- if $isRoot -}}
{{- $ids = dict "runAsUser" 0 "runAsGroup" 0 -}}
{{- else if and (eq .plan.values.global.platform "openshift") (not $readsLogs) -}}
{{- else -}}
{{- $ids = dict "runAsUser" 65532 "runAsGroup" (ternary 0 65532 $readsLogs) -}}
{{- end -}}
{{- range $key, $id := $ids -}}
{{- if not (hasKey $ofPod $key) -}}{{- $_ := set $context $key $id -}}{{- end -}}
{{- end -}}
{{- if $given.privileged -}}
{{- $_ := set $context "allowPrivilegeEscalation" true -}}
{{- end -}}
{{- $_ := set $context "runAsNonRoot" (ne (dig "runAsUser" (dig "runAsUser" ($ids.runAsUser | default 65532) $ofPod) $given | int) 0) -}}
{{- mergeOverwrite $context (deepCopy $given) | toJson -}}
{{- end -}}

{{/* The security context that a user gives pods, as JSON. Input: plan; collector. */}}
{{- define "invar.workloads.givenPodSecurityContext" -}}
{{- mergeOverwrite (deepCopy .plan.values.global.podSecurityContext) (deepCopy .collector.settings.global.podSecurityContext) | toJson -}}
{{- end -}}

{{/* The security context of the pods, as JSON. Input: plan; collector. */}}
{{- define "invar.workloads.podSecurityContext" -}}
{{- $context := dict -}}
{{- if ne .plan.values.global.platform "openshift" -}}
{{- $context = dict "fsGroup" (ternary 0 65532 (eq (include "invar.workloads.isRoot" .) "true")) "fsGroupChangePolicy" "OnRootMismatch" -}}
{{- end -}}
{{- mergeOverwrite $context (include "invar.workloads.givenPodSecurityContext" . | fromJson) | toJson -}}
{{- end -}}
